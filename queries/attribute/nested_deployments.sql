-- nested_deployments: one row per deployment run and deployment that it started directly.
-- Why: the links of deployment_trees, from operation targets and from the dependencies of the parent's record.
select n.dep_id, n.correlation_id, n.nested_id
from (
  select o.dep_id, o.correlation_id, o.target_id as nested_id
  from operation_records o
  where o.target_type = 'microsoft.resources/deployments'
  union
  select d.dep_id, d.correlation_id, explode(d.nested_deployment_ids) as nested_id
  from deployments d
) n
where n.nested_id is not null and n.nested_id <> n.dep_id

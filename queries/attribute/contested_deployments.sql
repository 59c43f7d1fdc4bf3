-- contested_deployments: one row per deployment that ran more than once, or of which an operation is known in more than one state, with a number.
-- Why: only of their operations it must be decided which run they belong to, and which state is the latest (SPEC 5.B); these are few, and
-- deciding it takes two sorts, of the number instead of the long id.
select
  c.dep_id,
  cast(row_number() over (order by c.dep_id asc nulls last) as bigint) as dep_no
from (
  select r.dep_id
  from deployment_records r
  group by r.dep_id
  having count(*) > 1
  union
  select o.dep_id
  from operations o
  where o.dep_id is not null
  group by o.dep_id, o.operation_id
  having count(*) > 1
) c

-- doubtful_writes: one row per write known only from operations that could belong to several runs of their deployment, because the starts of these
-- runs are unknown: the deployment, and how many runs.
-- Why: such an operation goes to the first run that ends at or after it (SPEC 5.B). If the runs carried different ids, this decides who owns the
-- resource, so it is reported. A record of the write with its own correlation id removes the doubt.
select o.target_id as resource_id, o.correlation_id, min(o.dep_id) as dep_id, max(o.open_runs) as open_runs
from operation_records o
semi join direct_writes d on d.resource_id = o.target_id and d.correlation_id = o.correlation_id
anti join (
  select w.resource_id, w.correlation_id
  from write_evidence w
  where w.evidence <> 'operation'
) w on w.resource_id = o.target_id and w.correlation_id = o.correlation_id
group by o.target_id, o.correlation_id
having min(o.open_runs) > 1

-- doubtful_writes: one row per write that is known only by operations which several runs of their deployment could hold, for the starts of
-- these runs are not known: the deployment, and how many runs.
-- Why: such an operation goes to the first run that ends at or after it (SPEC 5.B). Where the runs carried different ids that decides whose
-- the resource is, so it is said; a record of the write that has a correlation id of its own leaves no doubt.
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

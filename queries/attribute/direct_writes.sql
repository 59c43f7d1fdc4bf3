-- direct_writes: one row per resource and request that created or updated it, at the request's earliest evidence (SPEC 5.A).
-- Why: one request leaves many records of one write; `is_update` says that a resource change of the request calls it an update
-- and none calls it a creation.
select
  w.resource_id,
  w.correlation_id,
  min(w.ts) as ts,
  max(case when w.change_type = 'update' then 1 else 0 end) > 0 and max(case when w.change_type = 'create' then 1 else 0 end) = 0 as is_update
from write_evidence w
group by w.resource_id, w.correlation_id

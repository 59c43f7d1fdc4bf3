-- resource_deletes: one row per written resource and time at which it, its resource group or another ancestor was deleted.
-- Why: these cut its lifetimes (SPEC 5.C).
select d.resource_id, d.ts
from (
  select e.resource_id, e.ts
  from delete_evidence e
  union
  select a.resource_id, e.ts
  from ancestors a
  join delete_evidence e on e.resource_id = a.ancestor_id
) d
semi join writes w on w.resource_id = d.resource_id

-- resource_deletes: one row per written resource and time at which it, its resource group or another ancestor was deleted.
-- Why: these cut its lifetimes (SPEC 5.C).
select d.resource_id, d.ts
from (
  select w.resource_id, e.ts
  from (select distinct x.resource_id from writes x) w
  join delete_evidence e on e.resource_id = w.resource_id
  union
  select a.resource_id, e.ts
  from ancestors a
  join delete_evidence e on e.resource_id = a.ancestor_id
) d
join (select distinct y.resource_id from writes y) k on k.resource_id = d.resource_id

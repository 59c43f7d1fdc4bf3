-- lifetimes: one row per lifetime of a resource: from its first write until its deletion, or for ever (9999-12-31).
-- Why: usage of a day belongs to the lifetime that spans it (SPEC 5.G). `is_first` is the lifetime before which nothing is known.
select
  l.resource_id,
  l.lifetime,
  l.start_ts,
  coalesce(min(d.ts), timestamp '9999-12-31 00:00:00') as end_ts,
  l.lifetime = 0 as is_first
from (
  select w.resource_id, w.lifetime, min(w.ts) as start_ts, max(w.ts) as last_ts
  from lifetime_writes w
  group by w.resource_id, w.lifetime
) l
left join resource_deletes d on d.resource_id = l.resource_id and d.ts > l.last_ts
group by l.resource_id, l.lifetime, l.start_ts

-- lifetime_writes: one row per write with the lifetime of its resource that it falls into, its place in that lifetime, and the deletes between
-- which the lifetime lies (NULL: none).
-- Why: lifetimes are a resource's writes in time order, cut at deletes; ties go by correlation id (SPEC 5.A, 5.C). Deletes are few: most writes
-- belong to lifetime 0 and have no row in write_deletes.
select
  w.resource_id,
  w.correlation_id,
  w.ts,
  w.is_update,
  coalesce(n.lifetime, 0) as lifetime,
  row_number() over (
    partition by w.resource_id, n.lifetime
    order by w.ts asc nulls last, w.correlation_id asc nulls last
  ) as place,
  n.since_ts,
  n.until_ts
from writes w
left join write_deletes n
  on n.resource_id = w.resource_id and n.correlation_id is not distinct from w.correlation_id

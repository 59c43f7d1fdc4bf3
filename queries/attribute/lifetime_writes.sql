-- lifetime_writes: one row per write with the lifetime of its resource that it falls into (the number of deletes before it) and its
-- place in that lifetime.
-- Why: lifetimes are a resource's writes in time order, cut at deletes; ties go by correlation id (SPEC 5.A, 5.C). Deletes are few,
-- so the deletes before a write are counted only where there are any, instead of running over all writes; a write at the time of a delete
-- comes after it, one without a time after all.
select
  w.resource_id,
  w.correlation_id,
  w.ts,
  w.is_update,
  coalesce(n.lifetime, 0) as lifetime,
  row_number() over (
    partition by w.resource_id, coalesce(n.lifetime, 0)
    order by w.ts asc nulls last, w.correlation_id asc nulls last
  ) as place
from writes w
left join (
  select v.resource_id, v.correlation_id, cast(count(*) as int) as lifetime
  from writes v
  join resource_deletes d on d.resource_id = v.resource_id
  where d.ts <= v.ts or v.ts is null
  group by v.resource_id, v.correlation_id
) n
  on n.resource_id = w.resource_id and n.correlation_id is not distinct from w.correlation_id

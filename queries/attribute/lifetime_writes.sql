-- lifetime_writes: one row per write with the lifetime of its resource that it falls into (the number of deletes before it) and its
-- place in that lifetime.
-- Why: lifetimes are a resource's writes in time order, cut at deletes; ties go by correlation id (SPEC 5.A, 5.C).
select
  e.resource_id,
  e.correlation_id,
  e.ts,
  e.is_update,
  e.lifetime,
  row_number() over (
    partition by e.resource_id, e.lifetime
    order by e.ts asc nulls last, e.correlation_id asc nulls last
  ) as place
from (
  select
    v.resource_id,
    v.correlation_id,
    v.ts,
    v.is_update,
    v.is_write,
    cast(sum(1 - v.is_write) over (
      partition by v.resource_id
      order by v.ts asc nulls last, v.is_write asc nulls last, v.correlation_id asc nulls last
      rows between unbounded preceding and current row
    ) as int) as lifetime
  from (
    select w.resource_id, w.correlation_id, w.ts, w.is_update, 1 as is_write from writes w
    union all
    select d.resource_id, '' as correlation_id, d.ts, false as is_update, 0 as is_write from resource_deletes d
  ) v
) e
where e.is_write = 1

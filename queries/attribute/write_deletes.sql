-- write_deletes: one row per write of a resource that was ever deleted, itself or with its group or another ancestor: the number of the lifetime
-- that the write falls into, the last delete at or before it (since_ts, NULL: none), and the first after it (until_ts, NULL: none).
-- Why: deletes cut a resource's writes into lifetimes (SPEC 5.C). Number 0 is the lifetime before which nothing was deleted. A write at the time of
-- a delete comes after it, one without a time after all. The writes and deletes of one id are sorted together, so that each write sees its
-- neighbours: a group that is filled and deleted every night costs its writes plus its deletes, not their product.
select
  b.resource_id,
  b.correlation_id,
  case when b.since_ts is null then 0 else cast(dense_rank() over (partition by b.resource_id, b.since_ts is null order by b.since_ts asc nulls first) as int) end as lifetime,
  b.since_ts,
  b.until_ts
from (
  select n.resource_id, n.correlation_id, max(n.since_ts) as since_ts, min(n.until_ts) as until_ts
  from (
    select
      s.resource_id,
      s.correlation_id,
      s.is_write,
      max(s.deleted_at) over (partition by s.deleted_id order by s.ts asc nulls last, s.is_write asc nulls last rows between unbounded preceding and current row) as since_ts,
      min(s.deleted_at) over (partition by s.deleted_id order by s.ts asc nulls last, s.is_write asc nulls last rows between current row and unbounded following) as until_ts
    from (
      select i.deleted_id, w.resource_id, w.correlation_id, w.ts, null as deleted_at, 1 as is_write
      from writes w
      join (
        select d.resource_id, d.resource_id as deleted_id
        from delete_evidence d
        union
        select a.resource_id, a.ancestor_id as deleted_id
        from ancestors a
        semi join delete_evidence d on d.resource_id = a.ancestor_id
      ) i
        on i.resource_id = w.resource_id
      union all
      select d.resource_id as deleted_id, null as resource_id, null as correlation_id, d.ts, d.ts as deleted_at, 0 as is_write
      from delete_evidence d
    ) s
  ) n
  where n.is_write = 1
  group by n.resource_id, n.correlation_id
) b

-- deletes: one row per written resource and time at which it, or an ancestor of it (deleted_id), was deleted, with the file and record that say
-- so; evidence move: it went on under another id.
-- Why: these end lifetimes.
select c.resource_id, c.ts, c.deleted_id, c.evidence, c.src_file, c.src_ordinal
from (
  select
    d.resource_id,
    d.ts,
    r.resource_id as deleted_id,
    r.evidence,
    r.src_file,
    r.src_ordinal,
    row_number() over (
      partition by d.resource_id, d.ts
      order by length(r.resource_id) desc nulls last, r.evidence asc nulls last, r.src_file asc nulls last, r.src_ordinal asc nulls last
    ) as choice
  from resource_deletes d
  join delete_records r on r.ts = d.ts and startswith(d.resource_id || '/', r.resource_id || '/')
) c
left join hidden_ids h on h.id = split_part(c.resource_id, '/', 3) and coalesce(cast(c.ts as date), date '0001-01-01') <= h.until
left join hidden_ids g on g.id = regexp_extract(c.resource_id, '^/subscriptions/[^/]+/resourcegroups/[^/]+', 0)
where c.choice = 1 and h.id is null and g.id is null

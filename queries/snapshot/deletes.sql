-- deletes: one row per written resource and time at which it, or an ancestor of it (deleted_id), was deleted before a lifetime of it or at the end of
-- one, with the file and record that say so; evidence move: it went on under another id.
-- Why: these bound lifetimes. Of what else was deleted with the same group nothing depends.
select c.resource_id, c.ts, c.deleted_id, c.evidence, c.src_file, c.src_ordinal, c.ts as on_day
from (
  select
    b.resource_id,
    b.ts,
    r.resource_id as deleted_id,
    r.evidence,
    r.src_file,
    r.src_ordinal,
    row_number() over (partition by b.resource_id, b.ts order by length(r.resource_id) desc nulls last) as choice
  from (
    select l.resource_id, l.deleted_at as ts, l.resource_id as deleted_id
    from lifetimes l
    where l.deleted_at is not null
    union
    select l.resource_id, l.deleted_before as ts, l.resource_id as deleted_id
    from lifetimes l
    where l.deleted_before is not null
    union
    select l.resource_id, l.deleted_at as ts, a.ancestor_id as deleted_id
    from lifetimes l
    join ancestors a on a.resource_id = l.resource_id
    where l.deleted_at is not null
    union
    select l.resource_id, l.deleted_before as ts, a.ancestor_id as deleted_id
    from lifetimes l
    join ancestors a on a.resource_id = l.resource_id
    where l.deleted_before is not null
  ) b
  join (
    select
      d.resource_id,
      d.ts,
      d.evidence,
      d.src_file,
      d.src_ordinal,
      row_number() over (partition by d.resource_id, d.ts order by d.evidence asc nulls last, d.src_file asc nulls last, d.src_ordinal asc nulls last) as choice
    from delete_records d
  ) r
    on r.resource_id = b.deleted_id and r.ts = b.ts and r.choice = 1
) c
where c.choice = 1

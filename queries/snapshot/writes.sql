-- writes: one row per first write of a lifetime, and per tagged write, with its primary tracking id, its place in the lifetime, and the file
-- and record of its earliest evidence (NULL: written under another id, before a move).
-- Why: the second link of the chain of evidence: what a request created.
select w.resource_id, w.correlation_id, w.ts, w.is_update, w.lifetime, w.place, w.tracking_id, w.standing, w.method, w.evidence, w.src_file, w.src_ordinal, w.ts as on_day
from (
  select
    l.resource_id,
    l.correlation_id,
    l.ts,
    l.is_update,
    l.lifetime,
    l.place,
    o.tracking_id,
    o.standing,
    o.method,
    e.evidence,
    e.src_file,
    e.src_ordinal,
    row_number() over (
      partition by l.resource_id, l.correlation_id, l.lifetime
      order by e.ts asc nulls last, e.src_file asc nulls last, e.src_ordinal asc nulls last
    ) as choice
  from lifetime_writes l
  left join write_owners o on o.resource_id = l.resource_id and o.correlation_id = l.correlation_id
  left join write_evidence e on e.resource_id = l.resource_id and e.correlation_id = l.correlation_id
  where l.place = 1 or o.resource_id is not null
) w
where w.choice = 1

-- writes: one row per first write of a lifetime, and per tagged write, with its primary tracking id, its place in the lifetime, and the file
-- and record of its earliest evidence (NULL: written under another id, before a move).
-- Why: the second link of the chain of evidence: what a request created. The earliest evidence is chosen before it is joined: sorted with all
-- else that is known of a write, it takes twice the memory.
select
  l.resource_id,
  l.correlation_id,
  l.ts,
  l.is_update,
  cast(l.lifetime as integer) as lifetime,
  cast(l.place as bigint) as place,
  o.tracking_id,
  o.standing,
  o.method,
  e.evidence,
  e.src_file,
  e.src_ordinal,
  l.ts as on_day
from lifetime_writes l
left join write_owners o on o.resource_id = l.resource_id and o.correlation_id = l.correlation_id
left join (
  select
    v.resource_id,
    v.correlation_id,
    v.evidence,
    v.src_file,
    v.src_ordinal,
    row_number() over (
      partition by v.resource_id, v.correlation_id
      order by v.ts asc nulls last, v.src_file asc nulls last, v.src_ordinal asc nulls last
    ) as choice
  from write_evidence v
) e on e.resource_id = l.resource_id and e.correlation_id = l.correlation_id and e.choice = 1
where l.place = 1 or o.resource_id is not null

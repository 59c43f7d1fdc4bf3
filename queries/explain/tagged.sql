-- tagged: one row per write that the id $tracking tags.
-- Why: the resources that the guide's script prints, from all evidence and scopes.
select
  t.resource_id, t.correlation_id, t.method, t.place = 1 as is_primary, w.place = 1 as is_first, w.ts, w.evidence, w.src_file as file, w.src_ordinal as record
from write_tags t
join writes w on w.resource_id = t.resource_id and w.correlation_id = t.correlation_id
where t.tracking_id = $tracking
order by t.resource_id, w.ts, t.correlation_id

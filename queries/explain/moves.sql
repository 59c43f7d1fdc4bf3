-- moves: one row per move to $resource, or to an ancestor of it, and from it.
-- Why: its first write stands under the old id.
select old_id, new_id, ts, cast(null as varchar) as evidence, src_file as file, src_ordinal as record
from moves
where starts_with($resource || '/', new_id || '/') or starts_with($resource || '/', old_id || '/')
order by ts, old_id

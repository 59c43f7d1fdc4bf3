-- hidden_files: one row per file of the hidden slices, their manifests included.
-- Why: their paths may identify a customer who opted out by more than an id: by a folder or an export named after them.
select distinct p.path
from (
  select s.slice_id, explode(s.source_paths) as path
  from slices s
  union all
  select m.slice_id, m.manifest_path as path
  from slices m
) p
join hidden_slices h on h.slice_id = p.slice_id
where p.path is not null

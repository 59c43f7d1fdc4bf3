-- hidden_files: one row per file of the hidden slices, their manifests included.
-- Why: its path may name a customer who opted out by more than an id: a folder of their name, the name of their export.
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

-- one row per export run, or plain usage file, whose rows count: its export, when it was submitted (delivered_at; for plain files, when the newest
-- file was written), how far it reaches, one path in the folder of the export, and the id of the run.
select coalesce(s.scope, '') as scope, coalesce(s.export_name, '') as export_name, coalesce(s.cost_basis, '') as cost_basis,
  s.month_start is null as is_plain, s.submitted_at, s.range_end, coalesce(s.manifest_path, s.source_paths[1], '') as path,
  (select max(f.modified_at) from files f where f.slice_id = s.slice_id) as delivered_at,
  coalesce(s.export_run_id, '') as export_run_id
from slices s
where s.is_live
order by scope, export_name, cost_basis, s.submitted_at

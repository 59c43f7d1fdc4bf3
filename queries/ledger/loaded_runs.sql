-- one row per export run whose rows the ledger holds.
select run_key, export_group, change_token, scope, export_type, cost_basis, export_name, export_run_id, time_frame, submitted_at, month_start, range_start, range_end,
  is_whole, manifest_path, source_paths, slice_id
from slices
where month_start is not null

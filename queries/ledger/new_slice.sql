-- enters a loaded export run, or plain usage file, into the catalog; it does not count yet.
insert into slices (
  slice_id, run_key, export_group, manifest_path, export_type, scope, cost_basis, export_name, run_id, submitted_at, time_frame, is_whole,
  month_start, range_start, range_end, scope_rank, change_token, source_kind, schema_version, usage_rows, rows_rejected, source_paths,
  loaded_in, is_live
)
values (?, ?, ?, nullif(?, ''), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, false)

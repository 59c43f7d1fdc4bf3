-- one row per slice of the catalog: where it came from, and whether it is a plain usage file. export is its scope and name.
select slice_id, manifest_path, export_run_id, loaded_in, source_paths, month_start is null as is_plain, usage_rows, concat_ws(' ', scope, export_name) as export
from slices

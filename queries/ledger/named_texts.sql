-- every text of the catalog, and every source path of the evidence, that may hold an id.
select path as text from files
union select reason from files
union select path from rejects
union select run_key from slices
union select run_key from run_contents
union select export_group from slices
union select manifest_path from slices
union select scope from slices
union select export_name from slices
union select unnest(source_paths) from slices
union select src_file from deployments
union select src_file from operations
union select src_file from activity
union select src_file from changes
union select src_file from requests

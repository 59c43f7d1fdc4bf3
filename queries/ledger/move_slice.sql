-- gives a slice another folder and other files, and takes rows off it.
update slices set slice_id = ?, source_paths = ?, usage_rows = usage_rows - ? where slice_id = ?

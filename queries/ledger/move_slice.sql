-- changes the folder and files of a slice, and reduces its number of rows.
update slices set slice_id = ?, source_paths = ?, usage_rows = usage_rows - ? where slice_id = ?

-- makes the plain usage files count that were loaded in this run.
update slices set is_live = true where slice_id in (select slice_id from own_slices)

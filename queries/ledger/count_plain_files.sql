-- makes the plain usage files that were loaded in this run count.
update slices set is_live = true where slice_id in (select slice_id from own_slices)

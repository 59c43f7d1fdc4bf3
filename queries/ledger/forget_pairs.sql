-- removes pairs of slices of which one no longer exists.
delete from slice_pairs where slice_id not in (select slice_id from slices) or other_id not in (select slice_id from slices)

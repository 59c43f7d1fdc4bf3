-- what is known of pairs of slices of which one is not there any longer is of no use.
delete from slice_pairs where slice_id not in (select slice_id from slices) or other_id not in (select slice_id from slices)

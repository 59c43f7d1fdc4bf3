-- forgets the packs of slices that are gone.
delete from slice_packs where slice_id not in (select slice_id from slices)

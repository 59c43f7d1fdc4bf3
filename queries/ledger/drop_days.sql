-- forgets the days of slices that are gone.
delete from slice_days where slice_id not in (select slice_id from slices)

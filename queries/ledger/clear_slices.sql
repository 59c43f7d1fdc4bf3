-- removes slices that are about to be loaded again.
delete from slices where slice_id in (select slice_id from temp.new_slices);
delete from slice_days where slice_id in (select slice_id from temp.new_slices);
delete from slice_packs where slice_id in (select slice_id from temp.new_slices)

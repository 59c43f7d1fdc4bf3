-- removes from the catalog the export runs that have no day left.
delete from slices where month_start is not null and slice_id not in (select slice_id from standings)

-- removes from the catalog the slices of plain usage files that no file holds any more.
delete from slices where month_start is null and slice_id in (select slice_id from gone_slices)

-- takes back the files of forget_files: removes what they brought, and records that they were taken back.
delete from deployments where src_file in (select path from forget_files);
delete from operations where src_file in (select path from forget_files);
delete from activity where src_file in (select path from forget_files);
delete from changes where src_file in (select path from forget_files);
delete from requests where src_file in (select path from forget_files);
delete from rejects where path in (select path from forget_files);
delete from masked_days where slice_id in (select slice_id from forget_slices);
delete from slices where slice_id in (select slice_id from forget_slices);
update files
set status = 'forgotten', reason = getvariable('forgotten_reason'), rows_loaded = 0, slice_id = null, kinds = null
where path in (select path from forget_files);
update files set read_as = getvariable('read_again') where path in (select path from again_files)

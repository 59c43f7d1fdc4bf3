-- one text that changes whenever something changes that the reports depend on: which slices count and on which days, the evidence, the
-- registrations, exclusions and customers, and what became of the input files.
select md5(concat_ws('|',
  (select coalesce(string_agg(slice_id, ',' order by slice_id), '') from slices where is_live),
  (select coalesce(string_agg(concat_ws(' ', slice_id, date_from, date_to), ',' order by slice_id, date_from), '') from masked_days),
  (select coalesce(max(generation), 0) from evidence_generation),
  (select coalesce(md5(string_agg(concat_ws(' ', path, status, rows_read, rows_loaded, rows_rejected, reason), chr(10) order by path)), '') from files),
  (select coalesce(string_agg(cast(r as varchar), chr(10) order by cast(r as varchar)), '') from registrations r),
  (select coalesce(string_agg(cast(e as varchar), chr(10) order by cast(e as varchar)), '') from exclusions e),
  (select coalesce(string_agg(cast(c as varchar), chr(10) order by cast(c as varchar)), '') from customers c)
)) as state

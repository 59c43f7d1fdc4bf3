-- one text that changes whenever anything that the reports depend on changes: which slices count and on which days, the evidence, the
-- registrations, exclusions and customers, and what became of the input files. The digests of a table's rows are added up, which takes no memory
-- for them.
select md5(concat_ws('|',
  (select rows_digest(slice_id) from slices where is_live),
  (select rows_digest(concat_ws(' ', slice_id, date_from, date_to)) from masked_days),
  (select coalesce(max(generation), 0) from evidence_generation),
  (select rows_digest(concat_ws(' ', path, status, rows_read, rows_loaded, rows_rejected, reason)) from files),
  (select rows_digest(cast(r as varchar)) from registrations r),
  (select rows_digest(cast(e as varchar)) from exclusions e),
  (select rows_digest(cast(c as varchar)) from customers c)
)) as state

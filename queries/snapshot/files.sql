-- files: one row per input file that was ever seen, with what became of it.
-- Why: what was read, and what was not. A path or reason that names a customer who opted out is not shown.
select
  case when max(h.id) is null then f.path else '(a file of a customer who opted out)' end as path,
  f.size, f.modified_at, f.status, f.format,
  case when max(h.id) is null then f.reason end as reason,
  f.rows_read, f.rows_loaded, f.rows_rejected, f.kinds, f.run_id
from files f
left join hidden_ids h on h.until = date '9999-12-31' and (lower(f.path) like '%' || h.id || '%' or lower(f.reason) like '%' || h.id || '%')
group by f.path, f.size, f.modified_at, f.status, f.format, f.reason, f.rows_read, f.rows_loaded, f.rows_rejected, f.kinds, f.run_id

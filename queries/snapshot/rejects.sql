-- rejects: one row per input row that could not be used, with its place and why.
-- Why: every input row is accounted for (SPEC 3.1). What names a customer who opted out is not shown.
select
  case when max(h.id) is null then r.path else '(a file of a customer who opted out)' end as path,
  r.record, r.line, r.column_name,
  case when max(h.id) is null then r.value end as value,
  case when max(h.id) is null then r.reason else '(not shown)' end as reason,
  r.run_id
from rejects r
left join hidden_ids h on h.until = date '9999-12-31' and (lower(r.path) like '%' || h.id || '%' or lower(r.value) like '%' || h.id || '%' or lower(r.reason) like '%' || h.id || '%')
group by r.path, r.record, r.line, r.column_name, r.value, r.reason, r.run_id

-- the last run and, where it did not do its work, the last one that did; newest first.
(select run_id, command, started_at, ended_at, result, version, files_read, rows_read, rows_rejected
from runs
order by started_at desc
limit 1)
union
(select run_id, command, started_at, ended_at, result, version, files_read, rows_read, rows_rejected
from runs
where result in ('done', 'partial')
order by started_at desc
limit 1)
order by started_at desc

-- the last run and, where it did not do its work, the last one that did; newest first. The order is that in which they were entered: a run
-- whose clock was wrong is not the newest for ever.
(select run_id, command, started_at, ended_at, result, version, files_read, rows_read, rows_rejected, rowid as entered
from runs
order by entered desc
limit 1)
union
(select run_id, command, started_at, ended_at, result, version, files_read, rows_read, rows_rejected, rowid as entered
from runs
where result in ('done', 'partial')
order by entered desc
limit 1)
order by entered desc

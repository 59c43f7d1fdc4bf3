-- the last run and, if it did not finish its work, the last one that did; newest first. They are ordered as they were entered, so a run with a
-- wrong clock is not the newest forever.
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

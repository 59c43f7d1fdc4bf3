-- files: one row per input file as the last published run left it, by path.
-- Why: a run that holds the ledger does not keep anyone from asking what was read before it.
select f.path, f.status, f.format, f.reason, f.size, f.rows_read, f.rows_loaded, f.rows_rejected, f.kinds
from files f
order by f.path asc nulls first

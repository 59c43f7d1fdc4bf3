-- files: one row per input file that was ever seen, with what became of it.
-- Why: what was read, and what was not.
select f.path, f.size, f.modified_at, f.status, f.format, f.reason, f.rows_read, f.rows_loaded, f.rows_rejected, f.kinds, f.run_id
from files f

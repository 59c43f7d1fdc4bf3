-- one row per input file ever seen, by path: what became of it when it was last read.
select path, size, modified_at, etag, content_hash, read_as, status, format, reason, slice_id, rows_read, rows_loaded, rows_rejected, kinds, run_id
from files
order by path

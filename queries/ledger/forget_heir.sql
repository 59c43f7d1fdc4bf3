-- another file holds the content of a plain usage file that is taken back: what was said of the one is said of the other.
update files
set status = 'loaded', format = f.format, reason = f.reason, rows_read = f.rows_read, rows_loaded = f.rows_loaded, rows_rejected = f.rows_rejected
from (select * from files where path = ?) f
where files.path = ?

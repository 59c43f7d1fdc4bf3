-- when a plain usage file is taken back and another file has the same content, that file takes over its record.
update files
set status = 'loaded', format = f.format, reason = f.reason, rows_read = f.rows_read, rows_loaded = f.rows_loaded, rows_rejected = f.rows_rejected
from (select * from files where path = ?) f
where files.path = ?

-- staged resource changes; the reader gave them their key: the event id, else a hash of what identifies the record.
select s.*
from staged_files s
where s.src_file not in (select f.path from failed_files f)

-- the files of export runs that are not complete.
select path, modified_at, reason
from files
where status = 'waiting'
order by path

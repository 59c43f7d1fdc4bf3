-- the files of export runs that were replaced.
select path, modified_at
from files
where status = 'superseded'
order by path

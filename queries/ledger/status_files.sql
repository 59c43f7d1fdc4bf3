-- one row per status, with the number of files.
select status, count(*) as files
from files
group by status

-- one row per file that counts and of which rows were rejected: how many, most first.
select path, rows_rejected
from files
where status = 'loaded' and rows_rejected > 0
order by rows_rejected desc, path

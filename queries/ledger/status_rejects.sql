-- one row per file that counts and has rejected rows: how many, the most first.
select path, rows_rejected
from files
where status = 'loaded' and rows_rejected > 0
order by rows_rejected desc, path

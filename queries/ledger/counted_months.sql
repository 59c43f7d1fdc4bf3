-- the months of usage that counts, as YYYY-MM.
select distinct substring(cast(usage_date as varchar), 1, 7) as month
from counted_days
order by month

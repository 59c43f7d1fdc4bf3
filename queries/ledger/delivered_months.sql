-- the months of delivered usage, as YYYY-MM.
select distinct substring(cast(usage_date as varchar), 1, 7) as month
from usage_days
order by month

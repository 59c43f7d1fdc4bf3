-- the days of the rows of one slice.
select distinct usage_date
from asked_slice
order by usage_date

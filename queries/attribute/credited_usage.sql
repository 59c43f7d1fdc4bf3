-- credited_usage: the rows of attributed_usage of the months at work, with the first day of their month.
-- Why: summary, daily, services, customers and channels add these up, month by month. A view: only the requested columns are read.
select c.*, cast(date_trunc('MONTH', c.usage_date) as date) as month_start
from attributed_usage c

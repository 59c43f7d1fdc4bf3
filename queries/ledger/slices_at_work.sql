-- the slices that hold usage of the months at work.
select distinct d.slice_id
from usage_days d
semi join work_months m on m.month_start = cast(date_trunc('month', d.usage_date) as date)
order by d.slice_id

-- work_days: one row per slice, subscription and day with usage that counts, of the months at work.
-- Why: a run judges the months that something has changed for; what was made of the others stands. When everything is made again, all
-- months are at work.
select distinct d.slice_id, d.subscription_key, d.usage_date
from counted_days d
join work_months m on m.month_start = cast(date_trunc('MONTH', d.usage_date) as date)

-- work_days: one row per slice, subscription and day with usage that counts, of the months at work.
-- Why: a run judges only the months for which something has changed; the earlier judgement of the others stands. With --rebuild, all months are at
-- work.
select distinct d.slice_id, d.subscription_key, d.usage_date
from counted_days d
join work_months m on m.month_start = cast(date_trunc('MONTH', d.usage_date) as date)

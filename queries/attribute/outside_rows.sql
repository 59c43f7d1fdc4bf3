-- outside_rows: one row per slice, subscription and day whose rows lie outside the days of their run (SPEC 3.2a). other_id is the slice that owns
-- the day if it holds the same charges; then these rows do not count. Otherwise they count, too.
-- Why: late usage is billed with its old date, and declared ranges can be off by a day; the rows tell which it is.
select o.slice_id, o.subscription_key, o.usage_date, min(case when p.shared_rows = p.usage_rows then m.other_id end) as other_id
from (select distinct s.slice_id, s.subscription_key, s.usage_date from shared_days s where s.is_outside) o
left join met_days m
  on m.slice_id = o.slice_id and m.subscription_key = o.subscription_key and m.usage_date = o.usage_date and m.question = 'outside'
left join pair_days p
  on p.slice_id = m.slice_id and p.other_id = m.other_id and p.subscription_key = m.subscription_key and p.usage_date = m.usage_date
group by o.slice_id, o.subscription_key, o.usage_date

-- the pairs of slices, with subscription and day, that are in question and were not compared yet.
select distinct m.slice_id, m.other_id, m.subscription_key, m.usage_date
from met_days m
anti join slice_pairs p
  on p.slice_id = m.slice_id and p.other_id = m.other_id and p.subscription_key = m.subscription_key and p.usage_date = m.usage_date

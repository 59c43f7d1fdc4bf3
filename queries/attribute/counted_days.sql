-- counted_days: one row per slice, subscription, day, billing account and profile whose usage rows count: they have the right cost basis, and no
-- other delivery of the same charges comes before them.
-- Why: every later step and every report reads usage through this filter, so a row counts in all of them or in none.
select c.slice_id, c.subscription_key, c.usage_date, c.billing_account_id, c.billing_profile_id
from chosen_days c
left join export_overlaps o
  on o.slice_id = c.slice_id and o.subscription_key = c.subscription_key and o.usage_date = c.usage_date
  and o.billing_account_id = c.billing_account_id and o.billing_profile_id = c.billing_profile_id
where o.slice_id is null

-- uncounted_parts: one row per billing account and profile of a work day of a slice that does not count.
-- Why: a slice nearly always counts on a day as a whole; these are the exceptions.
select distinct u.slice_id, u.subscription_key, u.usage_date, u.billing_account_id, u.billing_profile_id
from usage_days u
join work_days w on w.slice_id = u.slice_id and w.subscription_key = u.subscription_key and w.usage_date = u.usage_date
left join counted_days c
  on c.slice_id = u.slice_id and c.subscription_key = u.subscription_key and c.usage_date = u.usage_date
  and c.billing_account_id = u.billing_account_id and c.billing_profile_id = u.billing_profile_id
where c.slice_id is null

-- uncounted_parts: what does not count of a work day of a slice, by billing account and profile.
-- Why: nearly always a slice counts on a day as a whole; these exceptions are taken out of it.
select distinct u.slice_id, u.subscription_key, u.usage_date, u.billing_account_id, u.billing_profile_id
from usage_days u
join work_days w on w.slice_id = u.slice_id and w.subscription_key = u.subscription_key and w.usage_date = u.usage_date
left join counted_days c
  on c.slice_id = u.slice_id and c.subscription_key = u.subscription_key and c.usage_date = u.usage_date
  and c.billing_account_id = u.billing_account_id and c.billing_profile_id = u.billing_profile_id
where c.slice_id is null

-- one row per month whose counted usage is not what it was: a slice, subscription or day, or a part of it by billing account and profile, came or went. Slices never change.
select distinct cast(date_trunc('month', d.usage_date) as date) as month_start
from (
  (select slice_id, subscription_key, usage_date, billing_account_id, billing_profile_id from counted_days except select slice_id, subscription_key, usage_date, billing_account_id, billing_profile_id from counted_days_before)
  union all
  (select slice_id, subscription_key, usage_date, billing_account_id, billing_profile_id from counted_days_before except select slice_id, subscription_key, usage_date, billing_account_id, billing_profile_id from counted_days)
) d

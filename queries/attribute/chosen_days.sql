-- chosen_days: one row per slice, subscription, day, billing account and profile whose rows are of the cost basis that counts there.
-- Why: only rows of one basis can hold the same charge twice, so every other decision is made among these.
select distinct
  u.slice_id,
  u.subscription_key,
  u.usage_date,
  u.billing_account_id,
  u.billing_profile_id,
  u.billing_account,
  u.billing_profile
from usage_days u
left join slice_facts f on f.slice_id = u.slice_id
left join basis_choice b
  on b.subscription_key = u.subscription_key and b.usage_date = u.usage_date and b.billing_account = u.billing_account
  and (u.subscription_key <> '()' or b.scope_key = coalesce(f.scope, ''))
where b.cost_basis is null or b.cost_basis = u.cost_basis

-- usage_days: one row per slice, subscription, day, billing account and profile, customer tenant and currency that the slice holds usage rows for.
-- Why: which usage counts is decided by subscription and day (SPEC 3.2, 5.J), and by who bills it, so those decisions run on this small table and
-- not on the usage rows; a slice never changes, so it is made once for each. Rows without a subscription have the key '()', whichever export holds
-- them: a wider export and a download hold them, too. billing_account and billing_profile are only the ids, in lower case, empty if the rows name
-- none: exports spell them differently, FOCUS as whole paths. used_rows counts usage only, without purchases and the like.
select
  d.slice_id,
  d.subscription_key,
  d.usage_date,
  cast(date_trunc('MONTH', d.usage_date) as date) as month_start,
  d.cost_basis,
  d.billing_account_id,
  d.billing_profile_id,
  case
    when lower(d.billing_account_id) like '%/billingaccounts/%' then split_part(split_part(lower(d.billing_account_id), '/billingaccounts/', 2), '/', 1)
    else lower(d.billing_account_id)
  end as billing_account,
  case
    when lower(d.billing_profile_id) like '%/billingprofiles/%' then split_part(split_part(lower(d.billing_profile_id), '/billingprofiles/', 2), '/', 1)
    else lower(d.billing_profile_id)
  end as billing_profile,
  d.customer_tenant_id,
  d.currency,
  d.usage_rows,
  d.used_rows,
  d.billed_cost,
  d.effective_cost
from (
  select
    u.slice_id,
    coalesce(u.subscription_id, '()') as subscription_key,
    u.usage_date,
    u.cost_basis,
    coalesce(u.billing_account_id, '') as billing_account_id,
    coalesce(u.billing_profile_id, '') as billing_profile_id,
    u.customer_tenant_id,
    u.billing_currency as currency,
    cast(count(*) as bigint) as usage_rows,
    cast(sum(case when u.is_usage then 1 else 0 end) as bigint) as used_rows,
    cast(sum(u.billed_cost) as decimal(38,18)) as billed_cost,
    cast(sum(u.effective_cost) as decimal(38,18)) as effective_cost
  from usage u
  group by
    u.slice_id,
    u.subscription_id,
    u.usage_date,
    u.cost_basis,
    coalesce(u.billing_account_id, ''),
    coalesce(u.billing_profile_id, ''),
    u.customer_tenant_id,
    u.billing_currency
) d

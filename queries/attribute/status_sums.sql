-- status_sums: one row per month, status, reason, subscription, resource, currency and owning id with the sums of its usage rows.
-- Why: coverage, unattributed and unregistered add these up; the usage rows are read once for the three. An excluded customer's
-- subscription and resource do not get this far (SPEC 5.I).
select
  k.month_start,
  k.status,
  k.reason,
  k.subscription_id,
  k.resource_id,
  k.currency,
  k.tracking_id,
  cast(count(*) as bigint) as usage_rows,
  cast(sum(case when k.quantity is null then 1 else 0 end) as bigint) as quantity_rows_null,
  cast(sum(k.billed_cost) as decimal(38,18)) as billed_cost,
  cast(sum(k.effective_cost) as decimal(38,18)) as effective_cost,
  min(k.usage_date) as first_usage_date,
  max(k.usage_date) as last_usage_date
from (
  select
    cast(date_trunc('MONTH', j.usage_date) as date) as month_start,
    j.status,
    case when j.status = 'unattributed' then j.reason end as reason,
    case when j.status in ('not_usage', 'excluded', 'attributed') then cast(null as string) else j.subscription_id end as subscription_id,
    case when j.status in ('not_usage', 'excluded', 'attributed') then cast(null as string) else j.resource_id end as resource_id,
    j.billing_currency as currency,
    case when j.status in ('late', 'unregistered', 'system') then j.tracking_id end as tracking_id,
    j.quantity,
    j.billed_cost,
    j.effective_cost,
    j.usage_date
  from judged_usage j
) k
group by k.month_start, k.status, k.reason, k.subscription_id, k.resource_id, k.currency, k.tracking_id

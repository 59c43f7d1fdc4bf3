-- usage_status: one row per counted usage row with exactly one status (SPEC 5.I), its reason, and the write that owns it.
-- Why: the first that holds: not_usage, excluded, then the judgement of its resource and day.
select
  u.slice_id,
  u.blob_name,
  u.row_no,
  u.usage_date,
  cast(date_trunc('MONTH', u.usage_date) as date) as month_start,
  u.resource_id,
  u.subscription_id,
  u.customer_tenant_id,
  u.customer_name,
  u.meter_category,
  u.meter_subcategory,
  u.unit,
  u.quantity,
  u.billed_cost,
  u.effective_cost,
  u.cost_usd,
  u.billing_currency as currency,
  case
    when not u.is_usage then 'not_usage'
    when xs.subscription_id is not null or xg.resource_group_id is not null or xt.scope_id is not null then 'excluded'
    else coalesce(d.status, 'unattributed')
  end as status,
  case
    when u.is_usage and xs.subscription_id is null and xg.resource_group_id is null and xt.scope_id is null then
      case when u.resource_id is null then 'no_resource_id' else d.reason end
  end as reason,
  d.subject_id,
  d.tracking_id,
  d.correlation_id,
  d.method,
  d.rule
from counted_usage u
left join resource_days d on d.resource_id = u.resource_id and d.usage_date = u.usage_date
left join excluded_subscriptions xs on xs.subscription_id = u.subscription_id and u.usage_date >= xs.since
left join excluded_groups xg
  on xg.resource_group_id = regexp_extract(u.resource_id, '^/subscriptions/[^/]+/resourcegroups/[^/]+', 0)
  and u.usage_date >= xg.since
left join (
  select e.scope_id, min(coalesce(e.since, date '0001-01-01')) as since
  from exclusions e
  where e.scope_kind in ('guid', 'tenant')
  group by e.scope_id
) xt on xt.scope_id = u.customer_tenant_id and u.usage_date >= xt.since

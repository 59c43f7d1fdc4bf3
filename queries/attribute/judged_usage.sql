-- judged_usage: one row per counted usage row with exactly one status (SPEC 5.I), its reason, and the write that owns it.
-- Why: the first that applies: not_usage, excluded, then the judgement of its resource on its day. A row that names a tenant is excluded if that
-- tenant opted out, whoever owned the subscription that day (SPEC 5.B). If a row's subscription is not that of its resource, either excludes it; so
-- does a resource group that only the row's own columns name. A view: the rows are read from the slices where they are added up, and never copied.
-- `span_status` is the judgement before exclusions: a query for attributed rows only that filters by it, too, joins with few spans.
select
  u.*,
  case
    when not u.is_usage then 'not_usage'
    when xs.subscription_id is not null or xo.subscription_id is not null or xt.scope_id is not null or xg.resource_group_id is not null
      or rs.subscription_id is not null or ro.subscription_id is not null or u.usage_date >= s.excluded_since then 'excluded'
    else coalesce(s.status, 'unattributed')
  end as status,
  case when u.resource_id is null then 'no_resource_id' else s.reason end as reason,
  s.status as span_status,
  s.subject_id,
  s.tracking_id,
  s.correlation_id,
  s.method,
  s.rule
from counted_usage u
left join resource_spans s on s.resource_id = u.resource_id and u.usage_date >= s.date_from and u.usage_date <= s.date_to
left join excluded_subscriptions xs on xs.subscription_id = u.subscription_id and u.usage_date >= xs.since
left join excluded_tenures xo
  on xo.subscription_id = u.subscription_id and u.usage_date >= xo.date_from and u.usage_date <= xo.date_to and not u.names_customer
left join (
  select e.scope_id, min(coalesce(e.since, date '0001-01-01')) as since
  from exclusions e
  where e.scope_kind in ('guid', 'tenant')
  group by e.scope_id
) xt on xt.scope_id = u.customer_tenant_id and u.usage_date >= xt.since
left join (
  select split_part(e.resource_group_id, '/', 3) as subscription_id
  from excluded_groups e
  group by split_part(e.resource_group_id, '/', 3)
) gs on gs.subscription_id = u.subscription_id
left join excluded_groups xg
  on xg.resource_group_id = case
    when gs.subscription_id is not null then '/subscriptions/' || u.subscription_id || '/resourcegroups/' || lower(u.resource_group)
  end
  and u.usage_date >= xg.since
left join excluded_subscriptions rs
  on rs.subscription_id = case when u.resource_id like '/subscriptions/%' then substr(u.resource_id, 16, 36) end
  and rs.subscription_id <> coalesce(u.subscription_id, '') and u.usage_date >= rs.since
left join excluded_tenures ro
  on ro.subscription_id = case when u.resource_id like '/subscriptions/%' then substr(u.resource_id, 16, 36) end
  and ro.subscription_id <> coalesce(u.subscription_id, '') and u.usage_date >= ro.date_from and u.usage_date <= ro.date_to

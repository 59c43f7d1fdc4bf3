-- early_tenants: one row per subscription and tenant that owned it before its usage names any, with the last day of that ownership; 9999-12-31 if
-- usage never names one.
-- Why: usage may name no tenant, or not yet; then activity and customers.csv tell who owns a subscription (SPEC 5.B). Activity of later days does
-- not count, nor does a tenant in customers.csv that usage names as well: usage knows the days.
select distinct k.subscription_id, k.tenant_id, coalesce(f.first_date - 1, date '9999-12-31') as date_to
from (
  select a.subscription_id, a.tenant_id, min(cast(a.event_ts as date)) as seen_on
  from activity a
  where a.subscription_id is not null and a.tenant_id is not null
  group by a.subscription_id, a.tenant_id
  union all
  select c.subscription_id, c.customer_tenant_id as tenant_id, cast(null as date) as seen_on
  from customers c
  where c.subscription_id is not null and c.customer_tenant_id is not null
) k
left join (
  select t.subscription_id, min(t.usage_date) as first_date
  from tenant_days t
  group by t.subscription_id
) f on f.subscription_id = k.subscription_id
left join (
  select t.subscription_id, t.tenant_id
  from tenant_days t
) n on n.subscription_id = k.subscription_id and n.tenant_id = k.tenant_id
where f.subscription_id is null
  or k.seen_on < f.first_date
  or (k.seen_on is null and n.tenant_id is null)

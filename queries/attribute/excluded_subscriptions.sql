-- excluded_subscriptions: one row per subscription that opted out as a whole, with the first day of the opt-out.
-- Why: exclusions are written as tenant, subscription or resource group (SPEC 5.I); a bare GUID may be a tenant or a subscription.
-- No `since` means always, written as the first day there is.
select
  x.subscription_id,
  min(x.since) as since
from (
  select e.scope_id as subscription_id, coalesce(e.since, date '0001-01-01') as since
  from exclusions e
  where e.scope_kind in ('guid', 'subscription')
  union all
  select t.subscription_id, coalesce(e.since, date '0001-01-01') as since
  from exclusions e
  join subscription_tenants t on t.tenant_id = e.scope_id
  where e.scope_kind in ('guid', 'tenant')
) x
group by x.subscription_id

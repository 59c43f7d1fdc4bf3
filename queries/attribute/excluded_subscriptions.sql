-- excluded_subscriptions: one row per subscription that opted out, or that belonged to a tenant that did; `since` is the first day of an opt-out
-- that names the subscription itself, NULL without one.
-- Why: an exclusion of the subscription holds from `since` on, whoever owns it; that of a tenant holds in its excluded_tenures. A bare GUID may be
-- a tenant or a subscription (SPEC 5.I). An exclusion without `since` always holds; its `since` is then 0001-01-01.
select x.subscription_id, min(x.since) as since
from (
  select e.scope_id as subscription_id, coalesce(e.since, date '0001-01-01') as since
  from exclusions e
  where e.scope_kind in ('guid', 'subscription')
  union all
  select t.subscription_id, cast(null as date) as since
  from excluded_tenures t
) x
group by x.subscription_id

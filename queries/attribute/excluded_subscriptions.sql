-- excluded_subscriptions: one row per subscription that opted out, or that belonged to a tenant that did; `since` is the first day of an
-- opt-out that names the subscription itself, NULL without one.
-- Why: an exclusion of the subscription holds whoever owns it, from `since` on; that of a tenant in its excluded_tenures. A bare GUID may be
-- a tenant or a subscription (SPEC 5.I). No `since` in the exclusion means always, written as the first day there is.
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

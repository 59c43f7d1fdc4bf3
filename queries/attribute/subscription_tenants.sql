-- subscription_tenants: one row per subscription, customer tenant that it belongs to, and span of days, both included.
-- Why: an exclusion may name a tenant, and what happened in a subscription belongs to the tenant that owned it that day (SPEC 5.B). The first
-- tenant that its usage names is taken to have always owned it, unless another is known from elsewhere.
select
  c.subscription_id,
  c.tenant_id,
  case when c.is_first and e.subscription_id is null then date '0001-01-01' else c.usage_date end as date_from,
  coalesce(c.next_date - 1, date '9999-12-31') as date_to
from (
  select
    t.subscription_id,
    t.tenant_id,
    t.usage_date,
    lag(t.usage_date) over (partition by t.subscription_id order by t.usage_date asc nulls last) is null as is_first,
    lead(t.usage_date) over (partition by t.subscription_id order by t.usage_date asc nulls last) as next_date
  from tenant_changes t
) c
left join (select distinct x.subscription_id from early_tenants x) e on e.subscription_id = c.subscription_id
union all
select b.subscription_id, b.tenant_id, date '0001-01-01' as date_from, b.date_to
from early_tenants b

-- subscription_tenants: one row per subscription and customer tenant it is known to belong to.
-- Why: an exclusion may name a tenant; its subscriptions are known from usage, activity and customers.csv (SPEC 5.B).
select distinct t.subscription_id, t.tenant_id
from (
  select u.subscription_key as subscription_id, u.customer_tenant_id as tenant_id from usage_days u where u.customer_tenant_id is not null and u.subscription_key not like '(%'
  union all
  select a.subscription_id, a.tenant_id from activity a where a.tenant_id is not null
  union all
  select c.subscription_id, c.customer_tenant_id as tenant_id from customers c where c.customer_tenant_id is not null
) t
where t.subscription_id is not null

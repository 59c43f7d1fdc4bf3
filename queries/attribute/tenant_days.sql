-- tenant_days: one row per subscription, day and customer tenant that usage of that day names; day_no numbers the days of a subscription.
-- Why: a subscription can be transferred to another tenant; its usage tells who owned it when (SPEC 5.B).
select
  t.subscription_id,
  t.usage_date,
  t.tenant_id,
  cast(dense_rank() over (partition by t.subscription_id order by t.usage_date asc nulls last) as bigint) as day_no
from (
  select distinct u.subscription_key as subscription_id, u.usage_date, u.customer_tenant_id as tenant_id
  from usage_days u
  where u.customer_tenant_id is not null and u.subscription_key not like '(%'
) t

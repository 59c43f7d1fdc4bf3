-- one row per slice that holds rows of a forgotten customer: how many.
select k.slice_id, count(*) as usage_rows
from kept_usage k
where is_forgotten_usage(k.subscription_id, k.resource_id, k.customer_tenant_id, k.scope)
group by k.slice_id
order by k.slice_id

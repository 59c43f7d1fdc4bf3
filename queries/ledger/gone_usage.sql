-- one row per usage file: how many of its rows in `unmarked` belong to a forgotten customer.
select blob_name, count(*) as usage_rows
from unmarked j
where is_forgotten_usage(j.subscription_id, j.resource_id, j.customer_tenant_id, j.scope)
group by blob_name
order by blob_name

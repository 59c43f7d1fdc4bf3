-- title: What a customer uses
-- purpose: Effective cost of one customer by month, offer and channel: when it came, what it took, and when it left.
-- param customer: tenant or subscription
select
  month, offer, channel, currency, subscription_id, customer_name, cast(sum(effective_cost) as decimal(38,18)) as effective_cost,
  cast(sum(resources) as bigint) as resources, min(first_usage_date) as first_usage_date
from customers
where lower(customer_tenant_id) = lower($customer) or subscription_id = lower($customer)
group by month, offer, channel, currency, subscription_id, customer_name
order by month, offer, channel nulls first, currency, subscription_id, customer_name nulls first

-- title: What a customer uses
-- purpose: Effective cost of a customer by month, offer and channel: when it came, what it took, and when it left.
-- param customer: a tenant, a subscription, or part of a name
select
  month, offer, channel, currency, customer, customer_name, subscription_id, cast(sum(effective_cost) as decimal(38,18)) as effective_cost,
  cast(sum(resources) as bigint) as resources, min(first_usage_date) as first_usage_date
from (
  select *, regexp_replace(lower(trim($customer)), '^/?subscriptions/', '') as asked
  from customer_months
)
where asked <> '' and (asked in (lower(customer_tenant_id), lower(customer), lower(subscription_id)) or contains(lower(customer_name), asked))
group by month, offer, channel, currency, customer, customer_name, subscription_id
order by month, offer, channel nulls first, currency, customer, subscription_id

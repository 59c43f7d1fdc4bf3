-- customer: one row per subscription, offer, channel and currency of the attributed usage of $customer, what costs most first.
-- Why: a partner knows its customers by what they bought, not by GUIDs.
select
  subscription_id, offer, channel, currency,
  min(month) as first_month, max(month) as last_month,
  cast(sum(effective_cost) as decimal(38,18)) as effective_cost
from customer_months
where customer = $customer
group by subscription_id, offer, channel, currency
order by currency asc nulls first, effective_cost desc, subscription_id, offer, channel

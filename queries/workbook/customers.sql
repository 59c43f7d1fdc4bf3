-- customers: the report customers with who the customer is, the newest month and the most money first.
-- Why: whom the offers reach. Who a customer is: reader/customer_months.sql.
select
  month, currency, customer_name, customer, offer, channel, mpn_id, effective_cost, billed_cost, cost_usd, resources, first_usage_date, subscription_id,
  customer_tenant_id
from customer_months
order by month desc nulls last, currency asc nulls first, effective_cost desc nulls last, customer asc nulls first, subscription_id asc nulls first,
  mpn_id asc nulls first, offer asc nulls first, channel asc nulls first

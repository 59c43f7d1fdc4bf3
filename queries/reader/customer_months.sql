-- customer_months: one row per row of customers, with `customer`, the id of whom it is about, and the customer's name.
-- Why: the one rule of who a customer is: the tenant; where a row tells none, the tenant that other rows tell for its subscription; else the
-- subscription, so that customers whose tenant nobody names are never added up into one. What adds up customers reads this, not
-- `customers`. The rule for what is counted in Go is report/summary/customer.go; a test compares the two.
select
  i.* exclude (customer_name),
  case when i.customer is null then i.customer_name else max(i.customer_name) over (partition by i.customer) end as customer_name
from (
  select c.*, coalesce(c.customer_tenant_id, t.customer_tenant_id, c.subscription_id) as customer
  from customers c
  left join (
    select subscription_id, max(customer_tenant_id) as customer_tenant_id
    from customers
    group by subscription_id
  ) t on t.subscription_id = c.subscription_id
) i

-- title: Usage without partner earned credit
-- purpose: Attributed usage that is eligible for partner earned credit and got none, by subscription, the most money first. Only exports of cloud solution providers say so; Marketplace, reservations and savings plans earn none.
-- param month = '': YYYY-MM; empty: the latest month
select
  currency, customer_tenant_id, customer_name, subscription_id,
  cast(sum(case when pec_applied = 'false' then billed_cost end) as decimal(38,18)) as billed_without_credit,
  cast(coalesce(sum(case when pec_applied = 'true' then billed_cost end), 0) as decimal(38,18)) as billed_with_credit,
  count(distinct case when pec_applied = 'false' then resource_id end) as resources_without_credit
from (
  select *, coalesce(nullif(billing_currency, ''), '-') as currency
  from attributed_usage
  where month = coalesce(nullif($month, ''), (select max(month) from summary))
    and not is_duplicate and pec_applied is not null
    and coalesce(lower(publisher_type), 'azure') <> 'marketplace'
    and coalesce(pricing_model, 'OnDemand') not in ('Reservation', 'SavingsPlan')
)
group by all
having sum(case when pec_applied = 'false' then billed_cost end) <> 0
order by currency, billed_without_credit desc nulls last, subscription_id

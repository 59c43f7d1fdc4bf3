-- title: Azure services per offer
-- purpose: What the customers of each offer run, by service, with its part of the offer's effective cost.
-- param month = '': YYYY-MM; empty: the latest month
-- param offer = '': one offer; empty: all
select
  offer, currency, meter_category, effective_cost,
  cast(try_divide(effective_cost, cast(sum(effective_cost) over (partition by offer, currency) as decimal(38,18))) as decimal(38,6)) as share, usage_rows
from (
  select offer, currency, meter_category, cast(sum(effective_cost) as decimal(38,18)) as effective_cost, cast(sum(usage_rows) as bigint) as usage_rows
  from services
  where month = coalesce(nullif($month, ''), (select max(month) from services)) and ($offer = '' or offer = $offer)
  group by offer, currency, meter_category
)
order by offer, currency, effective_cost desc nulls last, meter_category nulls first

-- title: Month over month by channel
-- purpose: Effective cost of each channel in each month, the month before, and the growth, over all offers.
-- param months = '12': how many months, counted back from the latest
with sums as (
  select month, channel, currency, cast(sum(effective_cost) as decimal(38,18)) as effective_cost
  from channels
  group by month, channel, currency
)
select
  n.month, n.channel, n.currency, n.effective_cost, b.effective_cost as month_before,
  cast(try_divide(n.effective_cost - b.effective_cost, b.effective_cost) as decimal(38,6)) as growth
from sums n
left join sums b
  on b.channel is not distinct from n.channel and b.currency is not distinct from n.currency
  and b.month = strftime(cast(n.month || '-01' as date) - interval 1 month, '%Y-%m')
where n.month > (select strftime(cast(max(month) || '-01' as date) - to_months(cast($months as integer)), '%Y-%m') from sums)
order by n.channel nulls first, n.currency, n.month

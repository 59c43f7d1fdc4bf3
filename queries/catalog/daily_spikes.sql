-- title: Days far above the average
-- purpose: Days on which an offer's effective cost was several times its average day of the month.
-- param times = '2': how many times the average
with days as (
  select usage_date, offer, currency, cast(sum(effective_cost) as decimal(38,18)) as effective_cost
  from daily
  group by usage_date, offer, currency
), averages as (
  select
    *, cast(try_divide(
      cast(sum(effective_cost) over (partition by strftime(usage_date, '%Y-%m'), offer, currency) as decimal(38,18)),
      cast(count(*) over (partition by strftime(usage_date, '%Y-%m'), offer, currency) as decimal(18,0))) as decimal(38,18)) as average
  from days
)
select usage_date, offer, currency, effective_cost, average, cast(try_divide(effective_cost, average) as decimal(38,2)) as times
from averages
where average > 0 and coalesce(try_divide(effective_cost, average) > cast($times as decimal(9,3)), true)
order by usage_date, offer, currency

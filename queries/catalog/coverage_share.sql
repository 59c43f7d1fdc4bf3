-- title: Share of each status per month
-- purpose: How much of all usage is attributed, and where the rest is; what is not usage (purchases, taxes) stands aside.
select
  month, currency, status, effective_cost,
  cast(try_divide(effective_cost, cast(sum(effective_cost) over (partition by month, currency) as decimal(38,18))) as decimal(38,6)) as share, usage_rows
from coverage
where status <> 'not_usage'
order by month, currency, effective_cost desc nulls last, status

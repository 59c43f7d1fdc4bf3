-- support_coverage: one row per currency and status, over all months.
-- Why: how much of the usage is whose, without a word about customers.
select
  c.currency,
  c.status,
  min(c.month) as first_month,
  max(c.month) as last_month,
  cast(sum(c.usage_rows) as bigint) as usage_rows,
  sum(c.billed_cost) as billed_cost,
  sum(c.effective_cost) as effective_cost
from coverage c
group by c.currency, c.status
order by c.currency nulls first, c.status

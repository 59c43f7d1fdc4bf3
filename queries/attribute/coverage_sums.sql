-- coverage_sums: one row per month, currency and status with the sums of its usage rows.
-- Why: what coverage reports, and what restatements compare with what was reported before.
select
  s.month_start,
  s.currency,
  s.status,
  cast(sum(s.usage_rows) as bigint) as usage_rows,
  cast(sum(s.quantity_rows_null) as bigint) as quantity_rows_null,
  cast(sum(s.billed_cost) as decimal(38,18)) as billed_cost,
  cast(sum(s.effective_cost) as decimal(38,18)) as effective_cost
from status_sums s
group by s.month_start, s.currency, s.status

-- coverage: one row per month, currency and status; adds up to the counted input exactly (SPEC 6).
-- Why: every usage row is in here once, so that what is not attributed is seen with its reason, not lost.
select
  substring(cast(s.month_start as string), 1, 7) as month,
  s.currency,
  s.status,
  cast(sum(s.usage_rows) as bigint) as usage_rows,
  cast(sum(s.quantity_rows_null) as bigint) as quantity_rows_null,
  cast(sum(s.billed_cost) as decimal(38,18)) as billed_cost,
  cast(sum(s.effective_cost) as decimal(38,18)) as effective_cost
from status_sums s
group by s.month_start, s.currency, s.status

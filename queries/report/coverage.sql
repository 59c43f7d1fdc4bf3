-- coverage: one row per month, currency and status; adds up to the counted input exactly (SPEC 6).
-- Why: every usage row is in here once, so that what is not attributed is seen with its reason, not lost.
select
  substring(cast(s.month_start as string), 1, 7) as month,
  s.currency,
  s.status,
  s.usage_rows,
  s.quantity_rows_null,
  s.billed_cost,
  s.effective_cost
from coverage_sums s

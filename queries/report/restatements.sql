-- restatements: one row per month, currency, status, and time and cause of a change of a month that had been reported (SPEC 6).
-- Why: the history of what the reports said before; nothing that was reported changes without a trace.
select
  substring(cast(r.month_start as string), 1, 7) as month,
  r.currency,
  r.status,
  r.replaced_at,
  r.cause,
  r.old_billed_cost,
  r.new_billed_cost,
  r.old_effective_cost,
  r.new_effective_cost,
  r.old_usage_rows,
  r.new_usage_rows,
  r.difference,
  r.old_run,
  r.new_run
from (
  select a.month_start, a.currency, a.status, a.replaced_at, a.cause, a.old_billed_cost, a.new_billed_cost, a.old_effective_cost, a.new_effective_cost,
    a.old_usage_rows, a.new_usage_rows, a.difference, a.old_run, a.new_run
  from restatements a
  union all
  select b.month_start, b.currency, b.status, b.replaced_at, b.cause, b.old_billed_cost, b.new_billed_cost, b.old_effective_cost, b.new_effective_cost,
    b.old_usage_rows, b.new_usage_rows, b.difference, b.old_run, b.new_run
  from new_restatements b
) r

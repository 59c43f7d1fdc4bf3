-- coverage: the report coverage, the newest month first, and below the status unattributed one row for each of its reasons; what only the report
-- knows is NULL there.
-- Why: how much of the usage is attributed, and why the rest is not.
select c.month, c.currency, c.status, c.reason, c.effective_cost, c.usage_rows, c.billed_cost, c.quantity_rows_null
from (
  select month, currency, status, cast(null as string) as reason, effective_cost, usage_rows, billed_cost, quantity_rows_null
  from coverage
  union all
  select
    month, currency, status, reason, cast(sum(effective_cost) as decimal(38,18)), cast(sum(usage_rows) as bigint), cast(null as decimal(38,18)),
    cast(null as bigint)
  from unattributed
  where reason <> ''
  group by month, currency, status, reason
) c
order by c.month desc nulls last, c.currency asc nulls first, c.status asc nulls first, c.reason asc nulls first

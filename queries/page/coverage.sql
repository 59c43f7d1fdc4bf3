-- coverage: one row per currency, month and status (is_reason false), and per reason of unattributed usage (is_reason true).
-- Why: how much of the usage is attributed, and why the rest is not.
select c.currency, c.month, c.name, c.is_reason, c.cost, c.usage_rows
from (
  select
    coalesce(currency, '') as currency,
    month,
    status as name,
    false as is_reason,
    cast(sum(effective_cost) as decimal(38,18)) as cost,
    cast(sum(usage_rows) as bigint) as usage_rows
  from coverage
  group by coalesce(currency, ''), month, status
  union all
  select coalesce(currency, ''), month, reason, true, cast(sum(effective_cost) as decimal(38,18)), cast(sum(usage_rows) as bigint)
  from unattributed
  where reason <> ''
  group by coalesce(currency, ''), month, reason
) c
order by c.currency asc nulls first, c.month asc nulls first, c.is_reason asc nulls first, c.name asc nulls first

-- channel_months: one row per currency, month and channel, the newest month first.
-- Why: the first sheet of the workbook, and its charts.
select
  coalesce(currency, '') as currency,
  month as label,
  coalesce(channel, '') as name,
  cast(sum(effective_cost) as decimal(38,18)) as cost
from channels
group by coalesce(currency, ''), month, coalesce(channel, '')
order by currency asc nulls first, label desc nulls last, name asc nulls first

-- channels: one row per currency, month and channel.
-- Why: the chart of attributed usage over the months, on the page and on the first sheet of the workbook.
select
  coalesce(currency, '') as currency,
  month as label,
  coalesce(channel, '') as name,
  cast(sum(effective_cost) as decimal(38,18)) as cost
from channels
group by coalesce(currency, ''), month, coalesce(channel, '')
order by currency asc nulls first, label asc nulls first, name asc nulls first

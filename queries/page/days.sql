-- days: one row per currency, day from $from on, and channel.
-- Why: the chart of attributed usage by week.
select
  coalesce(currency, '') as currency,
  cast(usage_date as string) as label,
  coalesce(channel, '') as name,
  cast(sum(effective_cost) as decimal(38,18)) as cost
from daily
where cast(usage_date as string) >= $from
group by coalesce(currency, ''), usage_date, coalesce(channel, '')
order by currency asc nulls first, label asc nulls first, name asc nulls first

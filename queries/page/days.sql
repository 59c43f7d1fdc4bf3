-- days: one row per currency, day from $from on, and channel.
-- Why: the chart of attributed usage by day.
select
  coalesce(currency, '') as currency,
  cast(usage_date as string) as label,
  coalesce(channel, '') as channel,
  cast(sum(effective_cost) as decimal(38,18)) as cost
from daily
where cast(usage_date as string) >= $from
group by coalesce(currency, ''), usage_date, coalesce(channel, '')
order by currency asc nulls first, label asc nulls first, channel asc nulls first

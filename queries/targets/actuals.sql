-- actuals: one row per month, offer, channel and currency with attributed usage, and what it cost.
-- Why: what came is set beside the targets that a person wrote down.
select
  month,
  coalesce(offer, '') as offer,
  coalesce(channel, '') as channel,
  coalesce(currency, '') as currency,
  cast(sum(effective_cost) as decimal(38,18)) as cost
from channels
group by month, coalesce(offer, ''), coalesce(channel, ''), coalesce(currency, '')
order by month asc nulls first, offer asc nulls first, channel asc nulls first, currency asc nulls first

-- channels: one row per currency and channel with attributed usage in $month or $before, from the first to $last_day (two digits) of each.
-- Why: a channel that brings much less, or much more, than before.
select
  coalesce(d.currency, '') as currency,
  coalesce(d.channel, '') as channel,
  coalesce(cast(sum(case when d.month = $month then d.effective_cost end) as decimal(38,18)), cast(0 as decimal(38,18))) as cost,
  coalesce(cast(sum(case when d.month = $before then d.effective_cost end) as decimal(38,18)), cast(0 as decimal(38,18))) as cost_before
from (
  select currency, channel, effective_cost, substr(cast(usage_date as string), 1, 7) as month, substr(cast(usage_date as string), 9, 2) as day
  from daily
) d
where d.month in ($month, $before) and d.day <= $last_day
group by coalesce(d.currency, ''), coalesce(d.channel, '')
order by currency asc nulls first, channel asc nulls first

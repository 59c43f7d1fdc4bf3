-- metrics_cost: one row per currency, offer and channel with the effective cost of the month $month.
-- Why: a monitoring system has a series for each; MPN IDs are added up.
select c.currency, coalesce(c.offer, '') as offer, coalesce(c.channel, '') as channel, sum(c.effective_cost) as effective_cost
from channels c
where c.month = $month
group by c.currency, c.offer, c.channel
order by c.currency nulls first, c.offer nulls first, c.channel nulls first

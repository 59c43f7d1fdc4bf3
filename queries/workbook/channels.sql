-- channels: the report channels, the newest month and the most money first.
-- Why: which channel sells which offer.
select month, currency, offer, channel, mpn_id, effective_cost, share, growth, customers, deployments, billed_cost, cost_usd
from channels
order by month desc nulls last, currency asc nulls first, effective_cost desc nulls last, mpn_id asc nulls first, offer asc nulls first, channel asc nulls first

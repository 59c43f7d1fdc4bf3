-- lost: one row per resource and currency whose first write came with only malformed tokens, in one of $requests (one a line).
-- Why: what a misspelt id costs.
select w.resource_id, w.correlation_id, c.currency, sum(c.effective_cost) as effective_cost, sum(c.usage_rows) as usage_rows
from writes w
left join resource_costs c on c.resource_id = w.resource_id and c.status = 'malformed'
where w.place = 1 and w.correlation_id in (select unnest(string_split($requests, chr(10)))) and w.tracking_id is null
group by w.resource_id, w.correlation_id, c.currency
order by w.resource_id, c.currency

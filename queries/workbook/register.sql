-- register: the report unregistered, the most money first.
-- Why: which ids to register.
select tracking_id, kind, currency, effective_cost, first_seen, last_seen, requests, resources
from unregistered
order by currency asc nulls first, effective_cost desc nulls last, tracking_id asc nulls first, kind asc nulls first

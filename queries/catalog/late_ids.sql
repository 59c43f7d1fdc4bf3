-- title: Late and unregistered ids with money
-- purpose: Ids to register, or to register earlier (registered_at), with the usage that hangs on them.
select kind, tracking_id, currency, effective_cost, resources, requests, first_seen, last_seen
from unregistered
where kind in ('late', 'unregistered') and effective_cost <> 0
order by kind, currency, effective_cost desc, tracking_id

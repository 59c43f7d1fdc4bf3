-- lint_unregistered: one row per tracking id that was seen without being registered, and currency of the usage that it lost.
-- Why: each is usage that would be the partner's once the id is registered, or somebody else's id. Ids of tools are left out.
select u.tracking_id, u.currency, u.first_seen, u.last_seen, u.requests, u.effective_cost
from unregistered u
where u.kind = 'unregistered'
order by u.tracking_id, u.currency nulls first

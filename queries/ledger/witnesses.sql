-- how many kinds of records that can carry a tracking id the ledger holds: deployment names stand in deployments, operations and activity,
-- User-Agents in request logs; resource changes carry none.
select count(*)
from (
  (select 1 from deployments limit 1)
  union all
  (select 1 from operations limit 1)
  union all
  (select 1 from activity limit 1)
  union all
  (select 1 from requests limit 1)
)

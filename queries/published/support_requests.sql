-- support_requests: one row per tracking id and request that carried it, by its correlation id.
-- Why: support finds a deployment by its correlation id, without being told whose it was.
select r.tracking_id, r.correlation_id, r.standing, r.start_ts as started_at, r.is_failed, r.in_deployment_name
from requests r
order by r.tracking_id, r.start_ts desc nulls last, r.correlation_id

-- requests: one row per request and tracking id that it carried, with the standing of the id on the day the request began: in_force, late,
-- retired, unregistered or system.
-- Why: which requests carried an id, and what became of them. is_failed is 1 when a deployment of the request failed, 0 when none did, and
-- NULL when the request is not a deployment.
select i.correlation_id, i.tracking_id, i.standing, i.start_ts, cast(i.is_failed as integer) as is_failed, n.tracking_id is not null as in_deployment_name, i.start_ts as on_day
from id_requests i
left join named_requests n on n.correlation_id = i.correlation_id and n.tracking_id = i.tracking_id

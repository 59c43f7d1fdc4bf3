-- support_deployments: one row per tracking id and state and error code of the deployments in its requests.
-- Why: usage of a failed deployment is a frequent question.
select r.tracking_id, d.state, d.error_code, cast(count(*) as bigint) as deployments, min(d.start_ts) as first_at, max(d.end_ts) as last_at
from requests r
join deployments d on d.correlation_id = r.correlation_id
group by r.tracking_id, d.state, d.error_code
order by r.tracking_id, d.state nulls first, d.error_code nulls first

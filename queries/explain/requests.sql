-- requests: one row per request and tracking id of $requests (one a line) that a visible sighting, deployment or write names.
-- Why: the standing of each id on the day the request began.
select correlation_id, tracking_id, standing, start_ts, is_failed
from requests
where correlation_id in (select unnest(string_split($requests, chr(10))))
order by start_ts, correlation_id, tracking_id

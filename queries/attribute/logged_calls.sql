-- logged_calls: one row per logged changing call (PUT, PATCH, POST, DELETE), with the correlation id of its request.
-- Why: a log without correlation header is joined through the client request id of the activity log; without that, too, the call is a request of
-- its own. What-if and validation calls change nothing. The target of an action (POST .../listKeys) is the resource it is called on: an id with an
-- odd number of segments ends with an action.
select
  q.dedupe_key,
  coalesce(q.correlation_id, a.correlation_id, 'call ' || q.dedupe_key) as correlation_id,
  q.client_request_id,
  q.ts,
  q.method,
  case
    when (length(q.resource_id) - length(replace(q.resource_id, '/', ''))) % 2 = 1 then regexp_extract(q.resource_id, '^(.*)/[^/]*$', 1)
    else q.resource_id
  end as resource_id,
  q.user_agent,
  q.status,
  q.src_file,
  q.src_ordinal
from requests q
left join (
  select c.client_request_id, min(c.correlation_id) as correlation_id
  from activity c
  where c.client_request_id is not null and c.correlation_id is not null
  group by c.client_request_id
) a
  on a.client_request_id = q.client_request_id
where q.method in ('PUT', 'PATCH', 'POST', 'DELETE')
  and coalesce(q.resource_id, '') not like '%/validate'
  and coalesce(q.resource_id, '') not like '%/whatif'

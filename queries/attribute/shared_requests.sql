-- shared_requests: one row per correlation id under which the request log shows changing calls on two or more targets.
-- Why: Terraform sends one correlation id for a whole run; there a User-Agent tags only the calls that carried it (SPEC 5.B). With
-- `shared_correlation: whole` there are none.
select s.correlation_id
from (
  select q.correlation_id, q.resource_id
  from logged_calls q
  where q.resource_id is not null
  group by q.correlation_id, q.resource_id
) s
cross join params p
where p.shared_correlation = 'per_request'
group by s.correlation_id
having count(*) > 1

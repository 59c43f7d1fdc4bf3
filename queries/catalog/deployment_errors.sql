-- title: Why tagged deployments failed
-- purpose: Error codes of the failed deployments of requests that carried a tracking id.
-- param tracking_id = '': one id; empty: all
select q.tracking_id, coalesce(d.error_code, '(not told)') as error_code, count(distinct q.correlation_id) as requests, max(d.end_ts) as last_failed
from requests q
join deployments d on d.correlation_id = q.correlation_id and d.state = 'Failed'
where $tracking_id = '' or q.tracking_id = lower($tracking_id)
group by q.tracking_id, coalesce(d.error_code, '(not told)')
order by requests desc, q.tracking_id, error_code

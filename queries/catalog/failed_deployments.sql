-- title: Failed deployments by tracking id
-- purpose: Ids whose deployments fail often: templates to fix.
-- param least = '1': how many failed deployments an id has at least
select
  t.tracking_id, t.offer, t.sku, t.channel, t.deployments_failed, t.deployments_succeeded,
  cast(try_divide(cast(t.deployments_failed as decimal(38,18)), cast(t.deployments_failed + t.deployments_succeeded as decimal(18,0))) as decimal(38,6)) as failed_share,
  max(q.start_ts) filter (q.is_failed = 1) as last_failed
from tracking_ids t
left join requests q on q.tracking_id = t.tracking_id
where t.deployments_failed >= cast($least as bigint)
group by all
order by t.deployments_failed desc, t.tracking_id

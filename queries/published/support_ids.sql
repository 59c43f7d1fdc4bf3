-- support_ids: one row per tracking id that is registered or was seen, with what is known of it.
-- Why: whether the id was seen at all is the first question of a support request.
select
  t.tracking_id, 'registered' as kind, t.mpn_id, t.offer, t.sku, t.channel, t.first_seen, t.last_seen, t.deployments_succeeded, t.deployments_failed,
  t.requests, t.resources, t.usage_rows, t.last_usage_date
from tracking_ids t
union all
select
  u.tracking_id, u.kind, cast(null as string), cast(null as string), cast(null as string), cast(null as string), min(u.first_seen), max(u.last_seen),
  cast(null as bigint), cast(null as bigint), max(u.requests), max(u.resources), cast(null as bigint), cast(null as date)
from unregistered u
where u.kind <> 'late'
group by u.tracking_id, u.kind
order by tracking_id, kind

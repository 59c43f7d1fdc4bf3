-- title: Registered ids that were never seen
-- purpose: Templates that ship without their id, or were never deployed.
select t.tracking_id, t.mpn_id, t.offer, t.sku, t.channel, r.registered_at, r.description
from tracking_ids t
left join registrations r on r.tracking_id = t.tracking_id
where t.first_seen is null
order by t.offer, t.channel, t.tracking_id

-- sightings: one row per token seen in a deployment name or a User-Agent, with its request, time and evidence (SPEC 1).
-- Why: sightings inside an excluded scope are dropped here, so that they count nowhere (SPEC 5.B).
select
  k.tracking_id,
  k.token,
  k.suffix,
  k.suffix_kind,
  k.reason,
  s.source,
  s.text,
  coalesce(s.correlation_id, 'deployment ' || s.scope_id) as correlation_id,
  s.ts,
  s.scope_id,
  s.target_id,
  s.evidence,
  s.src_file,
  s.src_ordinal
from sighting_texts s
join tokens k on k.source = s.source and k.text = s.text
left join excluded_subscriptions xs
  on xs.subscription_id = split_part(s.scope_id, '/', 3) and s.scope_id like '/subscriptions/%'
  and cast(s.ts as date) >= xs.since
left join excluded_tenures xo
  on xo.subscription_id = split_part(s.scope_id, '/', 3) and s.scope_id like '/subscriptions/%'
  and cast(s.ts as date) >= xo.date_from and cast(s.ts as date) <= xo.date_to
left join excluded_groups xg
  on xg.resource_group_id = regexp_extract(s.scope_id, '^/subscriptions/[^/]+/resourcegroups/[^/]+', 0)
  and cast(s.ts as date) >= xg.since
where xs.subscription_id is null
  and xo.subscription_id is null
  and xg.resource_group_id is null

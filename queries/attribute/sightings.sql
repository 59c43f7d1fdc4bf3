-- sightings: one row per token seen in a deployment name or a User-Agent, with its request, time and evidence (SPEC 1).
-- Why: sightings inside an excluded scope are dropped here, so that they count nowhere (SPEC 5.B). The excluded tenures of a subscription are
-- disjoint, so only the last that began by a day can contain it, and the others need no comparison. Only 500 characters of a text are kept, because
-- it is repeated for each of its tokens.
with excluded_days as (
  select e.subscription_id, e.seen_on
  from (
    select
      d.subscription_id,
      d.seen_on,
      max(d.date_to) over (partition by d.subscription_id order by d.seen_on asc nulls last range between unbounded preceding and current row) as date_to
    from (
      select distinct n.subscription_id, cast(n.ts as date) as seen_on, cast(null as date) as date_to
      from sighting_texts n
      semi join excluded_tenures x on x.subscription_id = n.subscription_id
      union all
      select t.subscription_id, t.date_from as seen_on, t.date_to
      from excluded_tenures t
    ) d
  ) e
  where e.date_to >= e.seen_on
)
select
  k.tracking_id,
  k.token,
  k.suffix,
  k.suffix_kind,
  k.reason,
  s.source,
  substring(s.text, 1, 500) as text,
  coalesce(s.correlation_id, 'deployment ' || s.scope_id) as correlation_id,
  s.ts,
  s.scope_id,
  s.target_id,
  s.evidence,
  s.src_file,
  s.src_ordinal
from sighting_texts s
join tokens k on k.source = s.source and k.text = s.text_key
left join excluded_subscriptions xs on xs.subscription_id = s.subscription_id and cast(s.ts as date) >= xs.since
left join excluded_days xo on xo.subscription_id = s.subscription_id and xo.seen_on = cast(s.ts as date)
left join excluded_groups xg
  on xg.resource_group_id = regexp_extract(s.scope_id, '^/subscriptions/[^/]+/resourcegroups/[^/]+', 0)
  and cast(s.ts as date) >= xg.since
where xs.subscription_id is null
  and xo.subscription_id is null
  and xg.resource_group_id is null

-- excluded_tenures: one row per subscription and span of days in which it belonged to a tenant that opted out; both days included, the spans of a
-- subscription are disjoint.
-- Why: usage rows, sightings and records that name no tenant are excluded on these days (SPEC 5.B). After a transfer the subscription belongs to
-- the new owner.
select s.subscription_id, s.date_from, s.date_to
from (
  select
    t.subscription_id,
    greatest(t.date_from, min(coalesce(e.since, date '0001-01-01'))) as date_from,
    t.date_to
  from subscription_tenants t
  join exclusions e on e.scope_id = t.tenant_id and e.scope_kind in ('guid', 'tenant')
  group by t.subscription_id, t.date_from, t.date_to
) s
where s.date_from <= s.date_to

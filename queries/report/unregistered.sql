-- unregistered: one row per tracking id that is not, not yet or no longer registered, or a tool's own, by kind and currency (SPEC 6).
-- Why: money that a registration would have brought in. An id without usage keeps one row without currency.
select
  i.tracking_id,
  i.kind,
  u.currency,
  cast(min(i.start_ts) as date) as first_seen,
  cast(max(i.start_ts) as date) as last_seen,
  cast(count(distinct i.correlation_id) as bigint) as requests,
  coalesce(max(u.resources), cast(0 as bigint)) as resources,
  coalesce(max(u.effective_cost), cast(0 as decimal(38,18))) as effective_cost
from (
  select
    x.tracking_id,
    x.correlation_id,
    x.start_ts,
    case x.standing when 'late' then 'late' when 'system' then 'system' else 'unregistered' end as kind
  from id_requests x
  where x.standing <> 'in_force'
) i
left join (
  select
    s.tracking_id,
    s.status as kind,
    s.currency,
    cast(count(distinct s.resource_id) as bigint) as resources,
    cast(sum(s.effective_cost) as decimal(38,18)) as effective_cost
  from status_sums s
  where s.status in ('unregistered', 'late', 'system')
  group by s.tracking_id, s.status, s.currency
) u on u.tracking_id = i.tracking_id and u.kind = i.kind
group by i.tracking_id, i.kind, u.currency

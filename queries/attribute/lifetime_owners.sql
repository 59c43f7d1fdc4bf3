-- lifetime_owners: one row per lifetime with its status: owned by a tracking id, preexisting, malformed or unattributed.
-- Why: the owner is the primary id of the first write, unless that write is untagged, known to be an update, or usage is older
-- (first lifetime only); then the lifetime has no owner and is preexisting when any of its writes carries a registered id
-- (SPEC 5.D).
select
  j.resource_id,
  j.lifetime,
  j.start_ts,
  j.end_ts,
  j.is_first,
  case
    when j.is_owned then j.owner_status
    when j.has_registered then 'preexisting'
    when j.first_standing = 'malformed' then 'malformed'
    else 'unattributed'
  end as status,
  case when j.is_owned then j.tracking_id end as tracking_id,
  case when j.is_owned then j.correlation_id end as correlation_id,
  case when j.is_owned then j.method end as method,
  case
    when j.is_owned then 'first_write'
    when not j.has_registered then 'first_write_untagged'
    when j.is_update then 'first_write_is_update'
    when j.is_older then 'usage_before_first_write'
    else 'tagged_after_first_write'
  end as rule
from (
  select
    i.resource_id,
    i.lifetime,
    i.start_ts,
    i.end_ts,
    i.is_first,
    i.correlation_id,
    i.tracking_id,
    i.method,
    i.first_standing,
    i.is_update,
    i.is_older,
    i.has_registered,
    i.tracking_id is not null and not i.is_update and not i.is_older as is_owned,
    case i.first_standing when 'in_force' then 'attributed' when 'late' then 'late' when 'retired' then 'unregistered' when 'unregistered' then 'unregistered' else 'system' end as owner_status
  from (
    select
      l.resource_id,
      l.lifetime,
      l.start_ts,
      l.end_ts,
      l.is_first,
      w.correlation_id,
      w.is_update,
      o.tracking_id,
      o.method,
      o.standing as first_standing,
      l.is_first and u.first_positive_date is not null and u.first_positive_date < cast(l.start_ts as date) as is_older,
      coalesce(r.has_registered, 0) > 0 as has_registered
    from lifetimes l
    join lifetime_writes w on w.resource_id = l.resource_id and w.lifetime = l.lifetime and w.place = 1
    left join write_owners o on o.resource_id = w.resource_id and o.correlation_id = w.correlation_id
    left join usage_resources u on u.resource_id = l.resource_id
    left join (
      select x.resource_id, x.lifetime, max(case when y.has_registered then 1 else 0 end) as has_registered
      from lifetime_writes x
      join write_owners y on y.resource_id = x.resource_id and y.correlation_id = x.correlation_id
      group by x.resource_id, x.lifetime
    ) r on r.resource_id = l.resource_id and r.lifetime = l.lifetime
  ) i
) j

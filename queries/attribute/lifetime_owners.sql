-- lifetime_owners: one row per lifetime with its status: owned by a tracking id, preexisting, malformed or unattributed.
-- Why: the owner is the primary id of the first write, unless that write is untagged, known to be an update, or usage is older (first lifetime
-- only); then the lifetime has no owner and is preexisting when any of its writes carries a registered id (SPEC 5.D).
-- Example: a disk whose first write carries the id A is A's. If that write was an update, the disk was there before: it has no owner and is
-- preexisting, because A came later. If no write carries an id, it is unattributed.
with registered as ( -- lifetimes with a write that carries a registered id
  select distinct w.resource_id, w.lifetime
  from lifetime_writes w
  join write_owners o on o.resource_id = w.resource_id and o.correlation_id = w.correlation_id
  where o.has_registered
),
first_writes as ( -- each lifetime with its first write, and the facts needed about both
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
    o.standing,
    l.is_first and u.first_positive_date is not null and u.first_positive_date < cast(l.start_ts as date) as is_older,
    r.resource_id is not null as has_registered
  from lifetimes l
  join lifetime_writes w on w.resource_id = l.resource_id and w.lifetime = l.lifetime and w.place = 1
  left join write_owners o on o.resource_id = w.resource_id and o.correlation_id = w.correlation_id
  left join usage_resources u on u.resource_id = l.resource_id
  left join registered r on r.resource_id = l.resource_id and r.lifetime = l.lifetime
),
owned as (
  select f.*, f.tracking_id is not null and not f.is_update and not f.is_older as is_owned
  from first_writes f
)
select
  w.resource_id,
  w.lifetime,
  w.start_ts,
  w.end_ts,
  w.is_first,
  case
    when w.is_owned then case w.standing
      when 'in_force' then 'attributed'
      when 'late' then 'late'
      when 'retired' then 'unregistered'
      when 'unregistered' then 'unregistered'
      else 'system'
    end
    when w.has_registered then 'preexisting'
    when w.standing = 'malformed' then 'malformed'
    else 'unattributed'
  end as status,
  case when w.is_owned then w.tracking_id end as tracking_id,
  case when w.is_owned then w.correlation_id end as correlation_id,
  case when w.is_owned then w.method end as method,
  case
    when w.is_owned then 'first_write'
    when not w.has_registered then 'first_write_untagged'
    when w.is_update then 'first_write_is_update'
    when w.is_older then 'usage_before_first_write'
    else 'tagged_after_first_write'
  end as rule
from owned w

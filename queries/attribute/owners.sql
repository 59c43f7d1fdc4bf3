-- owners: one row per resource and span of days with one owner or one reason to have none; spans are closed intervals of days.
-- Why: this lays the owners out over days; which id of a write comes first is chosen in write_tags.sql, and which write decides in
-- lifetime_owners.sql. With `owner: first` a span is a lifetime; a preexisting first lifetime begins with the first day there is. With `owner:
-- last` each write that carries a registered id in force also opens a span up to the next such write; the days before it are judged as with `first`
-- (SPEC 5.D, 5.G).
select
  l.resource_id,
  case when l.status = 'preexisting' and l.is_first then date '0001-01-01' else cast(l.start_ts as date) end as date_from,
  cast(l.end_ts as date) as date_to,
  l.start_ts as began_at,
  0 as precedence,
  l.status,
  l.tracking_id,
  l.correlation_id,
  l.method,
  l.rule
from lifetime_owners l
union all
select
  s.resource_id,
  cast(s.ts as date) as date_from,
  cast(s.until_ts as date) as date_to,
  s.start_ts as began_at,
  s.place as precedence,
  'attributed' as status,
  s.tracking_id,
  s.correlation_id,
  s.method,
  'latest_write' as rule
from (
  select
    w.resource_id,
    w.correlation_id,
    w.ts,
    l.start_ts,
    l.end_ts as until_ts,
    w.place,
    o.tracking_id,
    o.method
  from lifetime_writes w
  join lifetimes l on l.resource_id = w.resource_id and l.lifetime = w.lifetime
  join write_owners o on o.resource_id = w.resource_id and o.correlation_id = w.correlation_id
  cross join params p
  where p.owner = 'last' and o.standing = 'in_force'
) s

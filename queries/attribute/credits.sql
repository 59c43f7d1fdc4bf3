-- credits: one row per owning write and tracking id that is credited for its usage.
-- Why: with `credit: primary` the first id gets everything; with `split` every registered id in force gets an equal share, with `full` the whole
-- (SPEC 5.E). `first_in_channel` is 1 for the id that represents the row in channels and customers, where a row counts once; only writes with
-- several ids are numbered for this. other_tracking_ids are the ids of the write that got nothing.
select
  c.resource_id,
  c.correlation_id,
  c.tracking_id,
  c.mpn_id,
  c.offer,
  c.sku,
  c.channel,
  c.method,
  c.place,
  c.shares,
  n.credit_share,
  c.is_primary,
  coalesce(f.first_in_channel, 1) as first_in_channel,
  c.other_tracking_ids
from (
  select
    t.resource_id,
    t.correlation_id,
    t.tracking_id,
    r.mpn_id,
    r.offer,
    r.sku,
    r.channel,
    t.method,
    t.place,
    case when p.credit = 'split' then o.in_force_ids else 1 end as shares,
    t.place = 1 as is_primary,
    x.other_tracking_ids
  from write_tags t
  join write_owners o on o.resource_id = t.resource_id and o.correlation_id = t.correlation_id
  join registrations r on r.tracking_id = t.tracking_id
  cross join params p
  left join (
    select y.resource_id, y.correlation_id, array_join(sort_array(collect_list(y.tracking_id)), ';') as other_tracking_ids
    from write_tags y
    cross join params q
    where y.tracking_id is not null
      and y.place > 1
      and (q.credit = 'primary' or y.standing <> 'in_force')
    group by y.resource_id, y.correlation_id
  ) x on x.resource_id = t.resource_id and x.correlation_id = t.correlation_id
  where t.standing = 'in_force'
    and (t.place = 1 or p.credit <> 'primary')
) c
join (
  select k.shares, cast(try_divide(cast(1 as decimal(38,18)), cast(k.shares as decimal(38,18))) as decimal(38,6)) as credit_share
  from (
    select distinct case when q.credit = 'split' then w.in_force_ids else 1 end as shares
    from write_owners w
    cross join params q
    where w.in_force_ids > 0
  ) k
) n on n.shares = c.shares
left join (
  select t.resource_id, t.correlation_id, t.tracking_id,
    row_number() over (partition by t.resource_id, t.correlation_id, r.mpn_id, r.offer, r.channel order by t.place asc nulls last) as first_in_channel
  from write_tags t
  join write_owners o on o.resource_id = t.resource_id and o.correlation_id = t.correlation_id
  join registrations r on r.tracking_id = t.tracking_id
  cross join params p
  where t.standing = 'in_force' and o.in_force_ids > 1 and p.credit <> 'primary'
) f on f.resource_id = c.resource_id and f.correlation_id = c.correlation_id and f.tracking_id = c.tracking_id

-- pair_days: one row per pair of slices, subscription and day of asked_days: how many rows each holds, and how many both hold.
-- Why: what both hold is charged once (SPEC 3.2b). Rows are the same when resource, meter, charge, quantity, cost and currency are, whatever
-- columns the export has; a charge is the same when resource, meter and kind of charge are. Rows are compared by their values, not by a fingerprint
-- that could collide. A slice never changes: this is made once for each pair and day. The same is done for rows, charges and resource groups
-- ("things"). Those of the smaller side are looked up among those of the other, so many small exports beside a large one cost only what the small
-- ones hold.
with asked as (
  select a.slice_id, a.subscription_key, a.usage_date from asked_days a
  union
  select a.other_id as slice_id, a.subscription_key, a.usage_date from asked_days a
),
charge_rows as (
  select
    u.slice_id,
    q.subscription_key,
    u.usage_date,
    coalesce(u.resource_id, '') as resource_id,
    lower(coalesce(u.meter_id, u.meter_name, '')) as meter,
    u.charge_class,
    coalesce(u.resource_group, '') as resource_group,
    u.quantity,
    coalesce(u.billed_cost, u.effective_cost) as cost,
    u.billing_currency,
    cast(count(*) as bigint) as usage_rows
  from usage u
  join asked q
    on q.slice_id = u.slice_id and q.usage_date = u.usage_date
    and q.subscription_key = coalesce(u.subscription_id, '()')
  group by
    u.slice_id, q.subscription_key, u.usage_date, coalesce(u.resource_id, ''), lower(coalesce(u.meter_id, u.meter_name, '')), u.charge_class,
    coalesce(u.resource_group, ''), u.quantity, coalesce(u.billed_cost, u.effective_cost), u.billing_currency
),
things as (
  select c.slice_id, c.subscription_key, c.usage_date, c.resource_id, c.meter, c.charge_class, c.quantity, c.cost, c.billing_currency, c.resource_group,
    case when grouping(c.resource_group) = 0 then 'group' when grouping(c.quantity) = 0 then 'row' else 'charge' end as thing,
    cast(sum(c.usage_rows) as bigint) as usage_rows
  from charge_rows c
  group by grouping sets (
    (c.slice_id, c.subscription_key, c.usage_date, c.resource_id, c.meter, c.charge_class, c.quantity, c.cost, c.billing_currency),
    (c.slice_id, c.subscription_key, c.usage_date, c.resource_id, c.meter, c.charge_class),
    (c.slice_id, c.subscription_key, c.usage_date, c.resource_group)
  )
),
held as (
  select t.slice_id, t.subscription_key, t.usage_date,
    cast(sum(case when t.thing = 'row' then t.usage_rows else 0 end) as bigint) as usage_rows,
    cast(sum(case when t.thing = 'charge' then 1 else 0 end) as bigint) as charges,
    cast(count(*) as bigint) as things
  from things t
  group by t.slice_id, t.subscription_key, t.usage_date
),
pairs as (
  select a.slice_id, a.other_id, a.subscription_key, a.usage_date,
    coalesce(l.usage_rows, 0) as usage_rows, coalesce(r.usage_rows, 0) as other_rows, coalesce(l.charges, 0) as charges, coalesce(r.charges, 0) as other_charges,
    case when l.things <= r.things then a.slice_id else a.other_id end as smaller_id,
    case when l.things <= r.things then a.other_id else a.slice_id end as larger_id
  from asked_days a
  left join held l on l.slice_id = a.slice_id and l.subscription_key = a.subscription_key and l.usage_date = a.usage_date
  left join held r on r.slice_id = a.other_id and r.subscription_key = a.subscription_key and r.usage_date = a.usage_date
  where l.slice_id is not null or r.slice_id is not null
),
shared as (
  select p.slice_id, p.other_id, p.subscription_key, p.usage_date,
    cast(sum(case when s.thing = 'row' and t.usage_rows is not null then least(s.usage_rows, t.usage_rows) else 0 end) as bigint) as shared_rows,
    cast(sum(case when s.thing = 'charge' and t.usage_rows is not null then 1 else 0 end) as bigint) as shared_charges,
    max(case when s.thing = 'group' and t.usage_rows is not null then 1 else 0 end) = 1 as shares_group
  from pairs p
  join things s on s.slice_id = p.smaller_id and s.subscription_key = p.subscription_key and s.usage_date = p.usage_date
  left join things t
    on t.slice_id = p.larger_id and t.subscription_key = p.subscription_key and t.usage_date = p.usage_date and t.thing = s.thing
    and t.resource_id is not distinct from s.resource_id and t.meter is not distinct from s.meter
    and t.charge_class is not distinct from s.charge_class and t.quantity is not distinct from s.quantity and t.cost is not distinct from s.cost
    and t.billing_currency is not distinct from s.billing_currency and t.resource_group is not distinct from s.resource_group
  group by p.slice_id, p.other_id, p.subscription_key, p.usage_date
)
select
  p.slice_id,
  p.other_id,
  p.subscription_key,
  p.usage_date,
  p.usage_rows,
  p.other_rows,
  coalesce(s.shared_rows, 0) as shared_rows,
  p.charges,
  p.other_charges,
  coalesce(s.shared_charges, 0) as shared_charges,
  coalesce(s.shares_group, false) as shares_group
from pairs p
left join shared s on s.slice_id = p.slice_id and s.other_id = p.other_id and s.subscription_key = p.subscription_key and s.usage_date = p.usage_date

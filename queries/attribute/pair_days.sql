-- pair_days: one row per pair of slices, subscription and day of asked_days: how many rows each of them holds, and how many of them in both.
-- Why: what both hold is charged once (SPEC 3.2b). Rows are the same when resource, meter, charge, quantity, cost and currency are,
-- whatever columns the export has; a charge is the same when resource, meter and kind of charge are. Rows are compared as they stand, so
-- there is no fingerprint that could be wrong. A slice never changes: this is made once for each pair and day.
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
sides as (
  select a.slice_id, a.other_id, a.subscription_key, a.usage_date, c.resource_id, c.meter, c.charge_class, c.resource_group, c.quantity, c.cost,
    c.billing_currency, c.usage_rows, cast(0 as bigint) as other_rows
  from asked_days a
  join charge_rows c on c.slice_id = a.slice_id and c.subscription_key = a.subscription_key and c.usage_date = a.usage_date
  union all
  select a.slice_id, a.other_id, a.subscription_key, a.usage_date, c.resource_id, c.meter, c.charge_class, c.resource_group, c.quantity, c.cost,
    c.billing_currency, cast(0 as bigint) as usage_rows, c.usage_rows as other_rows
  from asked_days a
  join charge_rows c on c.slice_id = a.other_id and c.subscription_key = a.subscription_key and c.usage_date = a.usage_date
),
same_rows as (
  select s.slice_id, s.other_id, s.subscription_key, s.usage_date, s.resource_id, s.meter, s.charge_class,
    cast(sum(s.usage_rows) as bigint) as usage_rows, cast(sum(s.other_rows) as bigint) as other_rows,
    least(cast(sum(s.usage_rows) as bigint), cast(sum(s.other_rows) as bigint)) as shared_rows
  from sides s
  group by s.slice_id, s.other_id, s.subscription_key, s.usage_date, s.resource_id, s.meter, s.charge_class, s.quantity, s.cost, s.billing_currency
),
same_charges as (
  select r.slice_id, r.other_id, r.subscription_key, r.usage_date, r.resource_id, r.meter, r.charge_class,
    cast(sum(r.usage_rows) as bigint) as usage_rows, cast(sum(r.other_rows) as bigint) as other_rows, cast(sum(r.shared_rows) as bigint) as shared_rows
  from same_rows r
  group by r.slice_id, r.other_id, r.subscription_key, r.usage_date, r.resource_id, r.meter, r.charge_class
),
same_groups as (
  select distinct g.slice_id, g.other_id, g.subscription_key, g.usage_date
  from (
    select s.slice_id, s.other_id, s.subscription_key, s.usage_date, s.resource_group
    from sides s
    group by s.slice_id, s.other_id, s.subscription_key, s.usage_date, s.resource_group
    having max(s.usage_rows) > 0 and max(s.other_rows) > 0
  ) g
)
select
  c.slice_id,
  c.other_id,
  c.subscription_key,
  c.usage_date,
  cast(sum(c.usage_rows) as bigint) as usage_rows,
  cast(sum(c.other_rows) as bigint) as other_rows,
  cast(sum(c.shared_rows) as bigint) as shared_rows,
  cast(sum(case when c.usage_rows > 0 then 1 else 0 end) as bigint) as charges,
  cast(sum(case when c.other_rows > 0 then 1 else 0 end) as bigint) as other_charges,
  cast(sum(case when c.usage_rows > 0 and c.other_rows > 0 then 1 else 0 end) as bigint) as shared_charges,
  max(case when g.slice_id is null then 0 else 1 end) = 1 as shares_group
from same_charges c
left join same_groups g
  on g.slice_id = c.slice_id and g.other_id = c.other_id and g.subscription_key = c.subscription_key and g.usage_date = c.usage_date
group by c.slice_id, c.other_id, c.subscription_key, c.usage_date

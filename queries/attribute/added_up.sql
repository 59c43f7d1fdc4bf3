-- added_up: one row per pair of slices, subscription and day that share a resource group, hold different charges, and both count (SPEC 3.2b).
-- slice_id is the side with less money on the days of that month.
-- Why: parts of one download are added up, but nothing proves that they are parts, so the overlap is reported.
with open_days as (
  select m.slice_id, m.other_id, m.subscription_key, m.usage_date, cast(date_trunc('MONTH', m.usage_date) as date) as month_start
  from met_days m
  join charge_pairs c on c.slice_id = m.slice_id and c.other_id = m.other_id and not c.is_same
  join pair_days p
    on p.slice_id = m.slice_id and p.other_id = m.other_id and p.subscription_key = m.subscription_key and p.usage_date = m.usage_date and p.shares_group
  join (select distinct d.slice_id, d.subscription_key, d.usage_date from counted_days d) a
    on a.slice_id = m.slice_id and a.subscription_key = m.subscription_key and a.usage_date = m.usage_date
  join (select distinct d.slice_id, d.subscription_key, d.usage_date from counted_days d) b
    on b.slice_id = m.other_id and b.subscription_key = m.subscription_key and b.usage_date = m.usage_date
  where m.question = 'charges' and m.is_next
),
money as (
  select u.slice_id, u.subscription_key, u.usage_date, cast(sum(u.effective_cost) as decimal(38,18)) as effective_cost
  from usage_days u
  join (
    select o.slice_id, o.subscription_key, o.usage_date from open_days o
    union
    select o.other_id as slice_id, o.subscription_key, o.usage_date from open_days o
  ) k on k.slice_id = u.slice_id and k.subscription_key = u.subscription_key and k.usage_date = u.usage_date
  group by u.slice_id, u.subscription_key, u.usage_date
),
sides as (
  select o.slice_id, o.other_id, o.subscription_key, o.month_start,
    cast(sum(a.effective_cost) as decimal(38,18)) as cost, cast(sum(b.effective_cost) as decimal(38,18)) as other_cost
  from open_days o
  join money a on a.slice_id = o.slice_id and a.subscription_key = o.subscription_key and a.usage_date = o.usage_date
  join money b on b.slice_id = o.other_id and b.subscription_key = o.subscription_key and b.usage_date = o.usage_date
  group by o.slice_id, o.other_id, o.subscription_key, o.month_start
)
select
  case when s.other_cost < s.cost then o.other_id else o.slice_id end as slice_id,
  case when s.other_cost < s.cost then o.slice_id else o.other_id end as other_id,
  o.subscription_key,
  o.usage_date
from open_days o
join sides s
  on s.slice_id = o.slice_id and s.other_id = o.other_id and s.subscription_key = o.subscription_key and s.month_start = o.month_start

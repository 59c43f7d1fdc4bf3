-- met_days: one row per pair of slices, subscription and day of which only the usage rows can tell what is to count.
-- Why: the rows are read for these days alone. question: `group`, whether the wider export holds rows of the resource group that the other
-- one exports (SPEC 3.2d); `charges`, whether two deliveries, of which nothing says what they cover, hold the same charges (3.2b), slice_id
-- being the one that would yield; `outside`, whether rows outside the days of a run are held by another one whose day it is (3.2a). A plain
-- file meets all runs and the eight plain files next to it in time, so that thousands of small files stay affordable; is_next marks the
-- pairs that are named when nothing is decided. A profile and a customer of one account are on different branches of its tree, and yet the
-- customer is billed to some profile: their charges are compared, too.
with plain_days as (
  select distinct s.slice_id, s.subscription_key, s.usage_date, s.submitted_at
  from shared_days s
  where s.is_plain
),
ranked as (
  select
    p.slice_id,
    p.subscription_key,
    p.usage_date,
    row_number() over (partition by p.subscription_key, p.usage_date order by p.submitted_at desc nulls last, p.slice_id desc nulls last) as place
  from plain_days p
),
steps as (
  select n.step from (values (1), (2), (3), (4), (5), (6), (7), (8)) n(step)
)
select distinct n.slice_id, w.slice_id as other_id, n.subscription_key, n.usage_date, 'group' as question, true as is_next
from shared_days n
join shared_days w on w.subscription_key = n.subscription_key and w.usage_date = n.usage_date
where n.kind = 'resourcegroups' and not n.is_loose and not n.is_outside
  and w.kind <> 'resourcegroups' and not w.is_loose and not w.is_outside
  and (n.billing_account = w.billing_account or n.billing_account = '' or w.billing_account = '')
  and (n.billing_profile = w.billing_profile or n.billing_profile = '' or w.billing_profile = '')
union all
select distinct
  case when l.is_plain or l.submitted_at < r.submitted_at or (l.submitted_at = r.submitted_at and l.slice_id < r.slice_id) then l.slice_id else r.slice_id end as slice_id,
  case when l.is_plain or l.submitted_at < r.submitted_at or (l.submitted_at = r.submitted_at and l.slice_id < r.slice_id) then r.slice_id else l.slice_id end as other_id,
  l.subscription_key,
  l.usage_date,
  'charges' as question,
  true as is_next
from shared_days l
join shared_days r on r.subscription_key = l.subscription_key and r.usage_date = l.usage_date
where not r.is_plain and r.export_group <> l.export_group and not l.is_outside and not r.is_outside
  and (l.is_loose or (l.kind = 'customers' and r.kind in ('billingprofiles', 'invoicesections')))
  and (l.billing_account = r.billing_account or l.billing_account = '' or r.billing_account = '')
  and (l.billing_profile = r.billing_profile or l.billing_profile = '' or r.billing_profile = '')
union all
select a.slice_id, b.slice_id as other_id, a.subscription_key, a.usage_date, 'charges' as question, s.step = 1 as is_next
from ranked a
cross join steps s
join ranked b on b.subscription_key = a.subscription_key and b.usage_date = a.usage_date and b.place = a.place - s.step
union all
select distinct o.slice_id, i.slice_id as other_id, o.subscription_key, o.usage_date, 'outside' as question, true as is_next
from shared_days o
join shared_days i on i.subscription_key = o.subscription_key and i.usage_date = o.usage_date
where o.is_outside and not i.is_outside and i.slice_id <> o.slice_id
  and (o.billing_account = i.billing_account or o.billing_account = '' or i.billing_account = '')

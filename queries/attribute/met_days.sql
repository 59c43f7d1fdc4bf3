-- met_days: one row per pair of slices, subscription and day for which only the usage rows can tell what counts.
-- Why: the rows are read for these days alone. question: `group`, whether the wider export holds rows of the resource group that the other one
-- exports (SPEC 3.2d); `charges`, whether two deliveries that do not say what they cover hold the same charges (3.2b), slice_id being the one that
-- would yield; `outside`, whether rows outside the days of a run are held by another one whose day it is (3.2a). is_next marks the pairs to report
-- if nothing is decided. A profile and a customer of one account are on different branches of its tree, but the customer is billed to some profile,
-- so their charges are compared, too. How many pairs: of the runs of one scope, only the recent ones are compared. Deliveries that do not say what
-- they cover (plain files, runs without a scope) are compared only with those near in time, so that thousands of them stay affordable: a plain file
-- with the eight plain files before it, everything else with the 64 before and after it, found by windows of 64 around their place. Files of many
-- resource groups that are downloaded again, one after the other, are further apart than eight: each is compared with the next one that holds as
-- many rows and the same amounts on a day (its twin), on all days that they share.
with known as (
  select s.slice_id, s.subscription_key, s.usage_date, s.billing_account, s.billing_profile, s.export_group, s.kind, s.is_plain, s.submitted_at
  from shared_days s
  where not s.is_loose and not s.is_outside and s.is_recent
),
plain_days as (
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
twins as (
  select distinct
    r.slice_id,
    lag(r.slice_id) over (partition by r.subscription_key, r.usage_date, t.usage_rows, t.least_cost, t.most_cost order by r.place asc nulls last) as other_id
  from ranked r
  join (
    select u.slice_id, u.subscription_key, u.usage_date, cast(sum(u.usage_rows) as bigint) as usage_rows,
      min(coalesce(u.billed_cost, u.effective_cost)) as least_cost, max(coalesce(u.billed_cost, u.effective_cost)) as most_cost
    from usage_days u
    group by u.slice_id, u.subscription_key, u.usage_date
  ) t on t.slice_id = r.slice_id and t.subscription_key = r.subscription_key and t.usage_date = r.usage_date
),
placed as (
  select q.question, q.is_asking, q.is_asked, q.slice_id, q.subscription_key, q.usage_date, q.billing_account, q.billing_profile, q.export_group, q.is_plain,
    q.submitted_at,
    cast(sum(case when q.is_asked then 1 else 0 end) over (
      partition by q.question, q.subscription_key, q.usage_date
      order by q.submitted_at desc nulls last, q.slice_id desc nulls last
      range between unbounded preceding and current row
    ) as bigint) as place
  from (
    select 'charges' as question, true as is_asking, not s.is_plain as is_asked, s.slice_id, s.subscription_key, s.usage_date, s.billing_account,
      s.billing_profile, s.export_group, s.is_plain, s.submitted_at
    from shared_days s
    where s.is_loose and not s.is_outside
    union all
    select 'outside' as question, s.is_outside as is_asking, not s.is_outside as is_asked, s.slice_id, s.subscription_key, s.usage_date, s.billing_account,
      s.billing_profile, s.export_group, s.is_plain, s.submitted_at
    from shared_days s
    where s.is_loose or s.is_outside
  ) q
),
near as (
  select a.question, a.slice_id, b.slice_id as other_id, a.subscription_key, a.usage_date, a.billing_account, b.billing_account as other_account,
    a.billing_profile, b.billing_profile as other_profile, a.export_group, b.export_group as other_group, a.is_plain, a.submitted_at, b.submitted_at as other_submitted_at
  from placed a
  join (
    select p.question, p.slice_id, p.subscription_key, p.usage_date, p.billing_account, p.billing_profile, p.export_group, p.submitted_at, p.place,
      p.place - p.place % 64 + w.step as window_start
    from placed p
    cross join (values (-64), (0), (64)) w(step)
    where p.is_asked
  ) b
    on b.question = a.question and b.subscription_key = a.subscription_key and b.usage_date = a.usage_date and b.window_start = a.place - a.place % 64
  where a.is_asking and b.place between a.place - 64 and a.place + 64
)
select distinct n.slice_id, w.slice_id as other_id, n.subscription_key, n.usage_date, 'group' as question, true as is_next
from shared_days n
join known w on w.subscription_key = n.subscription_key and w.usage_date = n.usage_date
where n.kind = 'resourcegroups' and not n.is_loose and not n.is_outside
  and w.kind <> 'resourcegroups'
  and (n.billing_account = w.billing_account or n.billing_account = '' or w.billing_account = '')
  and (n.billing_profile = w.billing_profile or n.billing_profile = '' or w.billing_profile = '')
union all
select distinct
  case when c.is_older then c.slice_id else c.other_id end as slice_id,
  case when c.is_older then c.other_id else c.slice_id end as other_id,
  c.subscription_key,
  c.usage_date,
  'charges' as question,
  true as is_next
from (
  select m.slice_id, m.other_id, m.subscription_key, m.usage_date,
    m.is_plain or m.submitted_at < m.other_submitted_at or (m.submitted_at = m.other_submitted_at and m.slice_id < m.other_id) as is_older
  from (
    select l.slice_id, r.slice_id as other_id, l.subscription_key, l.usage_date, l.billing_account, r.billing_account as other_account,
      l.billing_profile, r.billing_profile as other_profile, l.export_group, r.export_group as other_group, l.is_plain, l.submitted_at,
      r.submitted_at as other_submitted_at
    from shared_days l
    join known r on r.subscription_key = l.subscription_key and r.usage_date = l.usage_date
    where l.is_loose and not l.is_outside
    union all
    select l.slice_id, r.slice_id as other_id, l.subscription_key, l.usage_date, l.billing_account, r.billing_account as other_account,
      l.billing_profile, r.billing_profile as other_profile, l.export_group, r.export_group as other_group, l.is_plain, l.submitted_at,
      r.submitted_at as other_submitted_at
    from known l
    join known r on r.subscription_key = l.subscription_key and r.usage_date = l.usage_date
    where l.kind = 'customers' and r.kind in ('billingprofiles', 'invoicesections')
    union all
    select n.slice_id, n.other_id, n.subscription_key, n.usage_date, n.billing_account, n.other_account, n.billing_profile, n.other_profile,
      n.export_group, n.other_group, n.is_plain, n.submitted_at, n.other_submitted_at
    from near n
    where n.question = 'charges'
  ) m
  where m.other_group <> m.export_group
    and (m.billing_account = m.other_account or m.billing_account = '' or m.other_account = '')
    and (m.billing_profile = m.other_profile or m.billing_profile = '' or m.other_profile = '')
) c
union all
select a.slice_id, b.slice_id as other_id, a.subscription_key, a.usage_date, 'charges' as question, a.step = 1 as is_next
from (
  select r.slice_id, r.subscription_key, r.usage_date, s.step, r.place - s.step as other_place
  from ranked r
  cross join (values (1), (2), (3), (4), (5), (6), (7), (8)) s(step)
) a
join ranked b on b.subscription_key = a.subscription_key and b.usage_date = a.usage_date and b.place = a.other_place
union all
select t.slice_id, t.other_id, a.subscription_key, a.usage_date, 'charges' as question, false as is_next
from twins t
join ranked a on a.slice_id = t.slice_id
join ranked b on b.slice_id = t.other_id and b.subscription_key = a.subscription_key and b.usage_date = a.usage_date
where a.place - b.place > 8
union all
select distinct o.slice_id, o.other_id, o.subscription_key, o.usage_date, 'outside' as question, true as is_next
from (
  select l.slice_id, i.slice_id as other_id, l.subscription_key, l.usage_date, l.billing_account, i.billing_account as other_account
  from shared_days l
  join known i on i.subscription_key = l.subscription_key and i.usage_date = l.usage_date
  where l.is_outside
  union all
  select n.slice_id, n.other_id, n.subscription_key, n.usage_date, n.billing_account, n.other_account
  from near n
  where n.question = 'outside'
) o
where o.other_id <> o.slice_id
  and (o.billing_account = o.other_account or o.billing_account = '' or o.other_account = '')

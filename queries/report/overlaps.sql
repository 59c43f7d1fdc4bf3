-- overlaps: one row per month, subscription, currency, pair of deliveries and reason of what was not counted, or counted in doubt (SPEC 3.2, 6).
-- Why: two deliveries of the same usage are a mistake of setup that costs money to read, and nothing that was delivered goes without a
-- word. Counted, and in doubt: `added_up`, and `outside_range` without a kept export. Runs of one export are told apart by their ids where
-- rows lie outside the days of their run. What names a customer who opted out is not shown: the ids in a title are looked up, for there may be many
-- of both.
with parts as (
  select o.slice_id, o.other_id, o.reason, d.month_start, d.subscription_key, d.usage_date, d.currency, d.usage_rows, d.effective_cost
  from export_overlaps o
  join usage_days d
    on d.slice_id = o.slice_id and d.subscription_key = o.subscription_key and d.usage_date = o.usage_date
    and d.billing_account_id = o.billing_account_id and d.billing_profile_id = o.billing_profile_id
  union all
  select a.slice_id, a.other_id, 'added_up' as reason, d.month_start, d.subscription_key, d.usage_date, d.currency, d.usage_rows, d.effective_cost
  from added_up a
  join usage_days d on d.slice_id = a.slice_id and d.subscription_key = a.subscription_key and d.usage_date = a.usage_date
  union all
  select r.slice_id, r.other_id, 'outside_range' as reason, d.month_start, d.subscription_key, d.usage_date, d.currency, d.usage_rows, d.effective_cost
  from outside_rows r
  join counted_days c on c.slice_id = r.slice_id and c.subscription_key = r.subscription_key and c.usage_date = r.usage_date
  join usage_days d
    on d.slice_id = c.slice_id and d.subscription_key = c.subscription_key and d.usage_date = c.usage_date
    and d.billing_account_id = c.billing_account_id and d.billing_profile_id = c.billing_profile_id
),
titles as (
  select f.slice_id,
    case when h.slice_id is null then f.title else '(of a customer who opted out)' end as title,
    case when h.slice_id is null then f.run_title else '(of a customer who opted out)' end as run_title
  from slice_facts f
  left join hidden_slices h on h.slice_id = f.slice_id
)
select
  substring(cast(p.month_start as string), 1, 7) as month,
  case when p.subscription_key like '(%' then cast(null as string) else p.subscription_key end as subscription_id,
  case when p.reason = 'outside_range' then k.run_title else k.title end as kept_export,
  case when p.reason = 'outside_range' then d.run_title else d.title end as dropped_export,
  p.reason,
  p.currency,
  cast(count(distinct p.usage_date) as bigint) as days,
  cast(sum(p.usage_rows) as bigint) as usage_rows,
  cast(sum(p.effective_cost) as decimal(38,18)) as effective_cost
from parts p
join titles d on d.slice_id = p.slice_id
left join titles k on k.slice_id = p.other_id
left join hidden_ids x on x.id = p.subscription_key and p.usage_date <= x.until
where x.id is null
group by
  p.month_start, p.subscription_key, p.reason, p.currency,
  case when p.reason = 'outside_range' then k.run_title else k.title end,
  case when p.reason = 'outside_range' then d.run_title else d.title end

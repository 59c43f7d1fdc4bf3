-- charge_overlaps: one row per slice, subscription, day, billing account and profile whose rows do not count because another delivery of the same
-- charges holds rows there and comes first (SPEC 3.2b).
-- Why: a file that was downloaded twice, or lies beside the export run of the same usage, counts once. Rows that a wider export has displaced
-- displace no others.
select r.slice_id, r.subscription_key, r.usage_date, r.billing_account_id, r.billing_profile_id, r.other_id
from (
  select
    y.slice_id,
    y.subscription_key,
    y.usage_date,
    s.billing_account_id,
    s.billing_profile_id,
    y.other_id,
    row_number() over (
      partition by y.slice_id, y.subscription_key, y.usage_date, s.billing_account_id, s.billing_profile_id
      order by w.is_plain asc nulls last, w.submitted_at desc nulls last, w.slice_id asc nulls last
    ) as choice
  from (
    select
      case when c.is_reversed then c.other_id else c.slice_id end as slice_id,
      case when c.is_reversed then c.slice_id else c.other_id end as other_id,
      m.subscription_key,
      m.usage_date
    from met_days m
    join charge_pairs c on c.slice_id = m.slice_id and c.other_id = m.other_id
    where m.question = 'charges' and c.is_same
  ) y
  join shared_days s on s.slice_id = y.slice_id and s.subscription_key = y.subscription_key and s.usage_date = y.usage_date
  join shared_days w on w.slice_id = y.other_id and w.subscription_key = y.subscription_key and w.usage_date = y.usage_date
  left join scope_overlaps o
    on o.slice_id = w.slice_id and o.subscription_key = w.subscription_key and o.usage_date = w.usage_date
    and o.billing_account_id = w.billing_account_id and o.billing_profile_id = w.billing_profile_id
  where o.slice_id is null
    and (s.billing_account = w.billing_account or s.billing_account = '' or w.billing_account = '')
    and (s.billing_profile = w.billing_profile or s.billing_profile = '' or w.billing_profile = '')
) r
where r.choice = 1

-- one row per subscription and day whose usage was delivered but no longer counts, with the files that held it. What names a customer who opted out
-- is not shown.
select
  case when x.id is not null then '(of a customer who opted out)' when d.subscription_key = '()' then '(none named)' else d.subscription_key end as subscription_key,
  cast(d.usage_date as varchar) as usage_date,
  case when x.id is null then coalesce(string_agg(distinct p.path, ', ' order by p.path), '') else 'not shown' end as paths
from (select distinct u.subscription_key, u.usage_date, u.slice_id from usage_days u where u.used_rows > 0) d
anti join (
  select distinct u.subscription_key, u.usage_date
  from usage_days u
  semi join counted_days c on c.slice_id = u.slice_id and c.subscription_key = u.subscription_key and c.usage_date = u.usage_date
    and c.billing_account_id = u.billing_account_id and c.billing_profile_id = u.billing_profile_id
  where u.used_rows > 0
) k on k.subscription_key = d.subscription_key and k.usage_date = d.usage_date
left join (
  select f.slice_id, case when max(h.slice_id) is null then f.path else '(a file of a customer who opted out)' end as path
  from (select slice_id, unnest(source_paths) as path from slices) f
  left join hidden_slices h on h.slice_id = f.slice_id
  group by f.slice_id, f.path
) p on p.slice_id = d.slice_id
left join hidden_ids x on x.id = d.subscription_key and d.usage_date <= x.until
group by d.subscription_key, d.usage_date, x.id
order by d.subscription_key, d.usage_date

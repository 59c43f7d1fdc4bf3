-- overlaps: one row per month, subscription, currency and pair of exports of which only one counts (SPEC 3.2, 6).
-- Why: two exports over the same usage are a mistake of setup that costs money to read; what was dropped is shown.
select
  substring(cast(d.month_start as string), 1, 7) as month,
  case when d.subscription_key like '(%' then cast(null as string) else d.subscription_key end as subscription_id,
  o.kept_export,
  o.dropped_export,
  d.currency,
  cast(count(distinct d.usage_date) as bigint) as days,
  cast(sum(d.usage_rows) as bigint) as usage_rows,
  cast(sum(d.effective_cost) as decimal(38,18)) as effective_cost
from export_overlaps o
join usage_days d on d.slice_id = o.slice_id and d.subscription_key = o.subscription_key and d.usage_date = o.usage_date
left join hidden_ids x on x.id = d.subscription_key and d.usage_date <= x.until
where x.id is null
group by d.month_start, d.subscription_key, o.kept_export, o.dropped_export, d.currency

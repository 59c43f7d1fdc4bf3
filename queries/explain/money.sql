-- money: one row per month, status, reason, id and currency of the usage of $resource, with one of its rows.
-- Why: the last link. The file and row of the first usage row are known for what is attributed.
select
  month, cast('attributed' as varchar) as status, cast(null as varchar) as reason, tracking_id, credit_share, is_duplicate, billing_currency as currency,
  count(*) as usage_rows, sum(billed_cost) as billed_cost, sum(effective_cost) as effective_cost,
  min(usage_date) as first_usage_date, max(usage_date) as last_usage_date,
  cast(null as varchar) as evidence, arg_min(blob_name, (usage_date, blob_name, row_no)) as file, arg_min(row_no, (usage_date, blob_name, row_no)) as record,
  max(nullif(other_tracking_ids, '')) as other_tracking_ids
from attributed_usage
where resource_id = $resource
group by month, tracking_id, credit_share, is_duplicate, billing_currency
union all
select
  strftime(month_start, '%Y-%m'), status, reason, tracking_id, cast(null as decimal(38,6)), cast(null as boolean), currency,
  sum(usage_rows), sum(billed_cost), sum(effective_cost), min(first_usage_date), max(last_usage_date),
  cast(null as varchar), cast(null as varchar), cast(null as bigint), cast(null as varchar)
from resource_costs
where resource_id = $resource
group by month_start, status, reason, tracking_id, currency
order by month, status, reason, tracking_id, currency, credit_share desc

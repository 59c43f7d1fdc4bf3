-- credited_usage: one row per attributed usage row and tracking id credited for it, with the amounts that id gets.
-- Why: the rows that summary, daily, services, customers and channels add up. Shares are exact: the others get the amount divided
-- by the number of ids, cut towards zero at 18 decimals, the primary the rest (SPEC 5.E).
select
  s.slice_id,
  s.blob_name,
  s.row_no,
  s.usage_date,
  s.month_start,
  s.resource_id,
  s.subscription_id,
  s.customer_tenant_id,
  s.customer_name,
  s.meter_category,
  s.meter_subcategory,
  s.unit,
  s.currency,
  case when c.shares = 1 then s.quantity when c.is_primary then x.quantity_primary else x.quantity_share end as quantity,
  case when c.shares = 1 then s.billed_cost when c.is_primary then x.billed_cost_primary else x.billed_cost_share end as billed_cost,
  case when c.shares = 1 then s.effective_cost when c.is_primary then x.effective_cost_primary else x.effective_cost_share end as effective_cost,
  case when c.shares = 1 then s.cost_usd when c.is_primary then x.cost_usd_primary else x.cost_usd_share end as cost_usd,
  c.tracking_id,
  c.mpn_id,
  c.offer,
  c.sku,
  c.channel,
  case when s.method in ('inherited', 'managed_group') then s.method else c.method end as method,
  s.rule,
  s.subject_id,
  s.correlation_id,
  c.shares,
  c.is_primary,
  p.credit = 'full' and not c.is_primary as is_duplicate,
  p.credit <> 'full' or c.first_in_channel = 1 as counts_in_channel,
  c.other_tracking_ids
from usage_status s
join credits c on c.resource_id = s.subject_id and c.correlation_id = s.correlation_id
left join split_amounts x on x.slice_id = s.slice_id and x.blob_name is not distinct from s.blob_name and x.row_no = s.row_no
cross join params p
where s.status = 'attributed'

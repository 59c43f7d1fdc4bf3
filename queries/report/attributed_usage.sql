-- attributed_usage: one row per attributed usage row and tracking id credited for it, with every canonical usage column and the amounts
-- that id gets (SPEC 6).
-- Why: the evidence behind every number, for ad-hoc SQL, and what summary, daily, services, customers and channels add up. Shares are
-- exact: the others get the amount divided by the number of ids, cut towards zero at 18 decimals, the primary the rest (SPEC 5.E). An export of a customer who opted out may
-- hold rows of another: it is not named.
-- export_run_id is run_id by a name that no run of pidledger has: run_id is that of pidledger in files, rejects and runs.
select
  j.source_kind, j.schema_version, j.cost_basis,
  case when z.slice_id is null then j.scope else '(of a customer who opted out)' end as scope,
  case when z.slice_id is null then j.export_name else '(of a customer who opted out)' end as export_name,
  j.run_id, j.submitted_at,
  case when z.slice_id is null then j.blob_name else '(a file of a customer who opted out)' end as blob_name,
  j.row_no, j.slice_id,
  j.usage_date, j.billing_period, j.billing_period_start, j.billing_period_end, j.invoice_id,
  j.resource_id_raw, j.resource_id, j.resource_id_kind, j.subscription_id, j.resource_group, j.resource_type,
  case when c.shares = 1 then j.quantity when c.is_primary then x.quantity_primary else x.quantity_share end as quantity,
  j.unit,
  case when c.shares = 1 then j.billed_cost when c.is_primary then x.billed_cost_primary else x.billed_cost_share end as billed_cost,
  case when c.shares = 1 then j.effective_cost when c.is_primary then x.effective_cost_primary else x.effective_cost_share end as effective_cost,
  j.billing_currency,
  case when c.shares = 1 then j.cost_usd when c.is_primary then x.cost_usd_primary else x.cost_usd_share end as cost_usd,
  j.list_cost, j.pricing_currency, j.exchange_rate,
  j.meter_id, j.meter_name, j.meter_category, j.meter_subcategory, j.service_family, j.product_name,
  j.charge_class, j.charge_type_raw, j.is_usage, j.pricing_model, j.benefit_id, j.publisher_type, j.publisher_name, j.frequency,
  j.billing_account_id, j.billing_profile_id, j.invoice_section_id, j.customer_tenant_id, j.customer_name, j.partner_tenant_id,
  j.reseller_mpn_id, j.pec_applied, j.pec_rate, j.tags, j.tags_raw, j.additional_info, j.extra,
  c.tracking_id,
  c.mpn_id,
  c.offer,
  c.sku,
  c.channel,
  case when j.method in ('inherited', 'managed_group') then j.method else c.method end as method,
  j.rule,
  j.correlation_id,
  c.credit_share,
  p.credit = 'full' and not c.is_primary as is_duplicate,
  c.other_tracking_ids,
  p.credit <> 'full' or c.first_in_channel = 1 as counts_in_channel,
  j.run_id as export_run_id,
  substring(cast(j.usage_date as string), 1, 7) as month
from judged_usage j
join credits c on c.resource_id = j.subject_id and c.correlation_id = j.correlation_id
left join split_amounts x on x.slice_id = j.slice_id and x.blob_name is not distinct from j.blob_name and x.row_no = j.row_no
left join hidden_slices z on z.slice_id = j.slice_id
cross join params p
where j.status = 'attributed' and j.span_status = 'attributed'

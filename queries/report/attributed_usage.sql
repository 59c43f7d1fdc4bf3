-- attributed_usage: one row per attributed usage row and credited tracking id, with every canonical usage column (SPEC 6).
-- Why: the evidence behind every number, for ad-hoc SQL; amounts are those that the id was credited with.
select
  u.source_kind, u.schema_version, u.cost_basis, u.scope, u.export_name, u.run_id, u.submitted_at, u.blob_name, u.row_no, u.slice_id,
  u.usage_date, u.billing_period, u.billing_period_start, u.billing_period_end, u.invoice_id,
  u.resource_id_raw, u.resource_id, u.resource_id_kind, u.subscription_id, u.resource_group, u.resource_type,
  c.quantity, u.unit, c.billed_cost, c.effective_cost, u.billing_currency, c.cost_usd, u.list_cost, u.pricing_currency, u.exchange_rate,
  u.meter_id, u.meter_name, u.meter_category, u.meter_subcategory, u.service_family, u.product_name,
  u.charge_class, u.charge_type_raw, u.is_usage, u.pricing_model, u.benefit_id, u.publisher_type, u.publisher_name, u.frequency,
  u.billing_account_id, u.billing_profile_id, u.invoice_section_id, c.customer_tenant_id, c.customer_name, u.partner_tenant_id,
  u.reseller_mpn_id, u.pec_applied, u.pec_rate, u.tags, u.tags_raw, u.additional_info, u.extra,
  c.tracking_id,
  c.mpn_id,
  c.offer,
  c.sku,
  c.channel,
  c.method,
  c.rule,
  c.correlation_id,
  cast(try_divide(cast(1 as decimal(38,18)), cast(c.shares as decimal(38,18))) as decimal(38,6)) as credit_share,
  c.is_duplicate,
  c.other_tracking_ids,
  substring(cast(c.month_start as string), 1, 7) as month
from credited_usage c
join usage u on u.slice_id = c.slice_id and u.blob_name is not distinct from c.blob_name and u.row_no = c.row_no

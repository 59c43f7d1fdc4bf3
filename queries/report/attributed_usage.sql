-- attributed_usage: one row per attributed usage row and credited tracking id, with every canonical usage column (SPEC 6).
-- Why: the evidence behind every number, for ad-hoc SQL; amounts are those that the id was credited with.
select
  c.source_kind, c.schema_version, c.cost_basis, c.scope, c.export_name, c.run_id, c.submitted_at, c.blob_name, c.row_no, c.slice_id,
  c.usage_date, c.billing_period, c.billing_period_start, c.billing_period_end, c.invoice_id,
  c.resource_id_raw, c.resource_id, c.resource_id_kind, c.subscription_id, c.resource_group, c.resource_type,
  c.quantity, c.unit, c.billed_cost, c.effective_cost, c.billing_currency, c.cost_usd, c.list_cost, c.pricing_currency, c.exchange_rate,
  c.meter_id, c.meter_name, c.meter_category, c.meter_subcategory, c.service_family, c.product_name,
  c.charge_class, c.charge_type_raw, c.is_usage, c.pricing_model, c.benefit_id, c.publisher_type, c.publisher_name, c.frequency,
  c.billing_account_id, c.billing_profile_id, c.invoice_section_id, c.customer_tenant_id, c.customer_name, c.partner_tenant_id,
  c.reseller_mpn_id, c.pec_applied, c.pec_rate, c.tags, c.tags_raw, c.additional_info, c.extra,
  c.tracking_id,
  c.mpn_id,
  c.offer,
  c.sku,
  c.channel,
  c.method,
  c.rule,
  c.correlation_id,
  c.credit_share,
  c.is_duplicate,
  c.other_tracking_ids,
  substring(cast(c.month_start as string), 1, 7) as month
from credited_usage c

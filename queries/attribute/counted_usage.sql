-- counted_usage: one row per usage row that counts, of the months at work, with all canonical columns.
-- Why: the ledger keeps every delivered row of the winning runs; these are the ones that `coverage` adds up to. The customer of a row is the one it
-- names, else that of customers.csv (SPEC 6); customers.csv names no row of another tenant, because the subscription may have changed hands. A
-- view: the rows stay in their slices.
select
  u.source_kind, u.schema_version, u.cost_basis, u.scope, u.export_name, u.run_id, u.submitted_at, u.blob_name, u.row_no, u.slice_id,
  u.usage_date, u.billing_period, u.billing_period_start, u.billing_period_end, u.invoice_id,
  u.resource_id_raw, u.resource_id, u.resource_id_kind, u.subscription_id, u.resource_group, u.resource_type,
  u.quantity, u.unit, u.billed_cost, u.effective_cost, u.billing_currency, u.cost_usd, u.list_cost, u.pricing_currency, u.exchange_rate,
  u.meter_id, u.meter_name, u.meter_category, u.meter_subcategory, u.service_family, u.product_name,
  u.charge_class, u.charge_type_raw, u.is_usage, u.pricing_model, u.benefit_id, u.publisher_type, u.publisher_name, u.frequency,
  u.billing_account_id, u.billing_profile_id, u.invoice_section_id,
  coalesce(u.customer_tenant_id, c.customer_tenant_id) as customer_tenant_id,
  case
    when u.customer_tenant_id is null or c.customer_tenant_id is null or c.customer_tenant_id = u.customer_tenant_id
    then coalesce(u.customer_name, c.customer_name)
    else u.customer_name
  end as customer_name,
  u.customer_tenant_id is not null as names_customer,
  u.partner_tenant_id, u.reseller_mpn_id, u.pec_applied, u.pec_rate, u.tags, u.tags_raw, u.additional_info, u.extra
from usage u
join work_days d
  on d.slice_id = u.slice_id
  and d.subscription_key = coalesce(u.subscription_id, '()')
  and d.usage_date = u.usage_date
left join uncounted_parts x
  on x.slice_id = u.slice_id
  and x.subscription_key = coalesce(u.subscription_id, '()')
  and x.usage_date = u.usage_date
  and x.billing_account_id = coalesce(u.billing_account_id, '')
  and x.billing_profile_id = coalesce(u.billing_profile_id, '')
left join customers c
  on c.subscription_id = u.subscription_id
where x.slice_id is null

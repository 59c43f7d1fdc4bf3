package usage

import "github.com/pidledger/pidledger/queries/columnar"

// Indexes of Columns.
const (
	colSourceKind = iota
	colSchemaVersion
	colCostBasis
	colScope
	colExportName
	colRunID
	colSubmittedAt
	colBlobName
	colRowNo
	colSliceID
	colUsageDate
	colBillingPeriod
	colPeriodStart
	colPeriodEnd
	colInvoiceID
	colResourceIDRaw
	colResourceID
	colResourceIDKind
	colSubscriptionID
	colResourceGroup
	colResourceType
	colQuantity
	colUnit
	colBilledCost
	colEffectiveCost
	colBillingCurrency
	colCostUSD
	colListCost
	colPricingCurrency
	colExchangeRate
	colMeterID
	colMeterName
	colMeterCategory
	colMeterSubcategory
	colServiceFamily
	colProductName
	colChargeClass
	colChargeTypeRaw
	colIsUsage
	colPricingModel
	colBenefitID
	colPublisherType
	colPublisherName
	colFrequency
	colBillingAccountID
	colBillingProfileID
	colInvoiceSectionID
	colCustomerTenantID
	colCustomerName
	colPartnerTenantID
	colResellerMpnID
	colPecApplied
	colPecRate
	colTags
	colTagsRaw
	colAdditionalInfo
	colExtra
)

// Columns is the canonical usage row. Every column may be NULL except source_kind, row_no, usage_date, billing_period,
// resource_id_kind, charge_class, is_usage and tags.
//
//   - usage_date: the UTC day of the usage. billing_period: first day of the month of billing_period_start, else of usage_date.
//   - billing_period_end is exclusive, also for exports that name the last day (EA, MCA).
//   - resource_id: lower case, one leading `/`, no trailing `/` (SPEC 3.7); resource_id_raw: the cell as it was.
//   - subscription_id: lower-case GUID; another text only where the export holds nothing better.
//   - quantity counts `unit`, which is kept as the export writes it (`10 Hours`).
//   - billed_cost, effective_cost, list_cost: billing_currency, NULL when the cell is empty. cost_usd: US dollars or NULL (SPEC 5.J).
//   - charge_class: usage, unused_commitment, purchase, refund, adjustment, tax or credit; is_usage: may be attributed.
//   - pec_rate: as the export writes it (a fraction in cost exports, per cent in Partner Center files).
//   - tags: a JSON object, `{}` when there are none or they cannot be read; tags_raw: the text that cannot be read.
//   - extra: a JSON object with the non-empty cells of columns that aliases.csv does not know; NULL when none.
var Columns = columnar.Schema{
	{Name: "source_kind", Type: columnar.String},
	{Name: "schema_version", Type: columnar.String},
	{Name: "cost_basis", Type: columnar.String},
	{Name: "scope", Type: columnar.String},
	{Name: "export_name", Type: columnar.String},
	{Name: "run_id", Type: columnar.String},
	{Name: "submitted_at", Type: columnar.Timestamp},
	{Name: "blob_name", Type: columnar.String},
	{Name: "row_no", Type: columnar.Int},
	{Name: "slice_id", Type: columnar.String},
	{Name: "usage_date", Type: columnar.Date},
	{Name: "billing_period", Type: columnar.Date},
	{Name: "billing_period_start", Type: columnar.Date},
	{Name: "billing_period_end", Type: columnar.Date},
	{Name: "invoice_id", Type: columnar.String},
	{Name: "resource_id_raw", Type: columnar.String},
	{Name: "resource_id", Type: columnar.String},
	{Name: "resource_id_kind", Type: columnar.String},
	{Name: "subscription_id", Type: columnar.String},
	{Name: "resource_group", Type: columnar.String},
	{Name: "resource_type", Type: columnar.String},
	{Name: "quantity", Type: columnar.Decimal},
	{Name: "unit", Type: columnar.String},
	{Name: "billed_cost", Type: columnar.Decimal},
	{Name: "effective_cost", Type: columnar.Decimal},
	{Name: "billing_currency", Type: columnar.String},
	{Name: "cost_usd", Type: columnar.Decimal},
	{Name: "list_cost", Type: columnar.Decimal},
	{Name: "pricing_currency", Type: columnar.String},
	{Name: "exchange_rate", Type: columnar.Decimal},
	{Name: "meter_id", Type: columnar.String},
	{Name: "meter_name", Type: columnar.String},
	{Name: "meter_category", Type: columnar.String},
	{Name: "meter_subcategory", Type: columnar.String},
	{Name: "service_family", Type: columnar.String},
	{Name: "product_name", Type: columnar.String},
	{Name: "charge_class", Type: columnar.String},
	{Name: "charge_type_raw", Type: columnar.String},
	{Name: "is_usage", Type: columnar.Bool},
	{Name: "pricing_model", Type: columnar.String},
	{Name: "benefit_id", Type: columnar.String},
	{Name: "publisher_type", Type: columnar.String},
	{Name: "publisher_name", Type: columnar.String},
	{Name: "frequency", Type: columnar.String},
	{Name: "billing_account_id", Type: columnar.String},
	{Name: "billing_profile_id", Type: columnar.String},
	{Name: "invoice_section_id", Type: columnar.String},
	{Name: "customer_tenant_id", Type: columnar.String},
	{Name: "customer_name", Type: columnar.String},
	{Name: "partner_tenant_id", Type: columnar.String},
	{Name: "reseller_mpn_id", Type: columnar.String},
	{Name: "pec_applied", Type: columnar.String},
	{Name: "pec_rate", Type: columnar.Decimal},
	{Name: "tags", Type: columnar.String},
	{Name: "tags_raw", Type: columnar.String},
	{Name: "additional_info", Type: columnar.String},
	{Name: "extra", Type: columnar.String},
}

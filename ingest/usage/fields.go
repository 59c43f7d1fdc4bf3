package usage

// field is what a column of an export can mean. Most fields are canonical columns; the others are worked into one.
type field int

// unused marks headers in aliases.csv that are known and say nothing that pidledger keeps.
const unused = "-"

const (
	// Dates and amounts: a text that is none makes the row a reject.
	fUsageDate field = iota
	fPeriodStart
	fPeriodEnd          // exclusive (FOCUS)
	fPeriodEndInclusive // the last day (EA, MCA)
	fChargeEnd          // Partner Center: see endOfCharge
	fQuantity
	fPricingQuantity  // FOCUS: quantity = this x fPricingBlockSize when there is no consumed quantity
	fPricingBlockSize // FOCUS
	fCost             // the one cost of all exports but FOCUS
	fBilledCost
	fEffectiveCost
	fCostUSD
	fPricingCost // Partner Center: US dollars when the pricing currency is USD
	fListCost
	fPaygPrice // EA: list cost = this x quantity
	fExchangeRate
	fPecRate

	// Texts with a rule of their own.
	fResourceID
	fSubscriptionID
	fResourceGroup
	fResourceType
	fUnit
	fPricingUnit
	fBillingCurrency
	fPricingCurrency
	fChargeType
	fChargeCorrection
	fCommitmentStatus
	fPricingModel
	fBenefitID
	fTags
	fAdditionalInfo
	fProvider // whose usage it is: see foreign

	// Plain texts.
	fInvoiceID
	fMeterID
	fMeterName
	fMeterCategory
	fMeterSubcategory
	fServiceFamily
	fProductName
	fPublisherType
	fPublisherName
	fFrequency
	fBillingAccountID
	fBillingProfileID
	fInvoiceSectionID
	fCustomerTenantID
	fCustomerName
	fPartnerTenantID
	fResellerMpnID
	fPecApplied

	fieldCount
)

var fieldByName = map[string]field{
	"usage_date": fUsageDate, "billing_period_start": fPeriodStart, "billing_period_end": fPeriodEnd,
	"period_end_inclusive": fPeriodEndInclusive, "charge_end": fChargeEnd,
	"quantity": fQuantity, "pricing_quantity": fPricingQuantity, "pricing_block_size": fPricingBlockSize,
	"cost": fCost, "billed_cost": fBilledCost, "effective_cost": fEffectiveCost, "cost_usd": fCostUSD, "pricing_cost": fPricingCost,
	"list_cost": fListCost, "payg_price": fPaygPrice, "exchange_rate": fExchangeRate, "pec_rate": fPecRate,
	"resource_id": fResourceID, "subscription_id": fSubscriptionID, "resource_group": fResourceGroup, "resource_type": fResourceType,
	"unit": fUnit, "pricing_unit": fPricingUnit, "billing_currency": fBillingCurrency, "pricing_currency": fPricingCurrency,
	"charge_type": fChargeType, "charge_correction": fChargeCorrection, "commitment_status": fCommitmentStatus,
	"pricing_model": fPricingModel, "benefit_id": fBenefitID, "tags": fTags, "additional_info": fAdditionalInfo, "provider": fProvider,
	"invoice_id": fInvoiceID, "meter_id": fMeterID, "meter_name": fMeterName, "meter_category": fMeterCategory,
	"meter_subcategory": fMeterSubcategory, "service_family": fServiceFamily, "product_name": fProductName,
	"publisher_type": fPublisherType, "publisher_name": fPublisherName, "frequency": fFrequency,
	"billing_account_id": fBillingAccountID, "billing_profile_id": fBillingProfileID, "invoice_section_id": fInvoiceSectionID,
	"customer_tenant_id": fCustomerTenantID, "customer_name": fCustomerName, "partner_tenant_id": fPartnerTenantID,
	"reseller_mpn_id": fResellerMpnID, "pec_applied": fPecApplied,
}

// change is what is done to a text after trimming.
type change int

const (
	asIs change = iota
	lower
	lowerID // lower case, no trailing `/`
	upper
	mapped // values.csv
)

// scope says which fillers of fillers.csv stand for nothing in a column; those of anyColumn do everywhere.
type scope int

const (
	anyColumn scope = iota
	idColumn
	meterColumn
	unitColumn
	scopeCount
)

var scopeNames = [scopeCount]string{"any", "id", "meter", "unit"}

// text says how a plain text field becomes a column.
type text struct {
	field  field
	column int
	scope  scope
	change change
}

var texts = []text{
	{fInvoiceID, colInvoiceID, idColumn, asIs},
	{fMeterID, colMeterID, meterColumn, lower},
	{fMeterName, colMeterName, meterColumn, asIs},
	{fMeterCategory, colMeterCategory, meterColumn, asIs},
	{fMeterSubcategory, colMeterSubcategory, meterColumn, asIs},
	{fServiceFamily, colServiceFamily, meterColumn, asIs},
	{fProductName, colProductName, meterColumn, asIs},
	{fPublisherType, colPublisherType, anyColumn, asIs},
	{fPublisherName, colPublisherName, anyColumn, asIs},
	{fFrequency, colFrequency, anyColumn, mapped},
	{fBillingAccountID, colBillingAccountID, idColumn, asIs},
	{fBillingProfileID, colBillingProfileID, idColumn, asIs},
	{fInvoiceSectionID, colInvoiceSectionID, idColumn, asIs},
	{fCustomerTenantID, colCustomerTenantID, idColumn, lower},
	{fCustomerName, colCustomerName, anyColumn, asIs},
	{fPartnerTenantID, colPartnerTenantID, idColumn, lower},
	{fResellerMpnID, colResellerMpnID, idColumn, asIs},
	{fPecApplied, colPecApplied, anyColumn, mapped},
	{fAdditionalInfo, colAdditionalInfo, anyColumn, asIs},
	{fBillingCurrency, colBillingCurrency, anyColumn, upper},
	{fPricingCurrency, colPricingCurrency, anyColumn, upper},
	{fPricingModel, colPricingModel, anyColumn, mapped},
	{fBenefitID, colBenefitID, idColumn, lowerID},
}

// valueColumns names the fields with spellings in values.csv.
var valueColumns = map[field]string{fFrequency: "frequency", fPecApplied: "pec_applied", fPricingModel: "pricing_model"}

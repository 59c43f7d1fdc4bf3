package usage

import (
	"fmt"
	"slices"

	"github.com/pidledger/pidledger/queries"
)

// field is what a column of an export can mean. Those below are worked into columns of the canonical row, or decide about others; after
// ownFields follows one for each other column that holds a cell as it is.
type field int

// unused marks headers in aliases.csv that are known and say nothing that pidledger keeps.
const unused = "-"

const (
	// Dates: a text that is not one makes the row a reject.
	fUsageDate field = iota
	fPeriodStart
	fPeriodEnd          // exclusive (FOCUS)
	fPeriodEndInclusive // the last day (EA, MCA)
	fChargeEnd          // Partner Center: see periodEnd

	// Amounts: the same.
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

	// Texts with a rule of their own.
	fResourceID
	fSubscriptionID
	fResourceGroup
	fResourceType
	fUnit
	fPricingUnit
	fChargeType
	fChargeCorrection
	fCommitmentStatus
	fTags
	fProvider // whose usage it is: see foreign

	// Plain texts that decide about other columns, too.
	fBillingCurrency
	fPricingCurrency
	fPricingModel
	fBenefitID
	fBillingAccountID
	fCustomerTenantID
	fPublisherType
	fPublisherName

	ownFields
)

var ownNames = [ownFields]string{
	fUsageDate: "usage_date", fPeriodStart: "billing_period_start", fPeriodEnd: "billing_period_end",
	fPeriodEndInclusive: "period_end_inclusive", fChargeEnd: "charge_end",
	fQuantity: "quantity", fPricingQuantity: "pricing_quantity", fPricingBlockSize: "pricing_block_size",
	fCost: "cost", fBilledCost: "billed_cost", fEffectiveCost: "effective_cost", fCostUSD: "cost_usd", fPricingCost: "pricing_cost",
	fListCost: "list_cost", fPaygPrice: "payg_price",
	fResourceID: "resource_id", fSubscriptionID: "subscription_id", fResourceGroup: "resource_group", fResourceType: "resource_type",
	fUnit: "unit", fPricingUnit: "pricing_unit", fChargeType: "charge_type", fChargeCorrection: "charge_correction",
	fCommitmentStatus: "commitment_status", fTags: "tags", fProvider: "provider",
	fBillingCurrency: "billing_currency", fPricingCurrency: "pricing_currency", fPricingModel: "pricing_model", fBenefitID: "benefit_id",
	fBillingAccountID: "billing_account_id", fCustomerTenantID: "customer_tenant_id",
	fPublisherType: "publisher_type", fPublisherName: "publisher_name",
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

var changeNames = []string{asIs: "", lower: "lower", lowerID: "lower_id", upper: "upper", mapped: "mapped"}

// cell says which placeholders of fillers.csv count as empty; those of anyCell do in every column.
type cell int

const (
	anyCell cell = iota
	idCell
	meterCell
	unitCell
)

var cellNames = [...]string{anyCell: "any", idCell: "id", meterCell: "meter", unitCell: "unit"}

// plainText says how a cell becomes a text column.
type plainText struct {
	field  field
	column int
	cell   cell
	change change
}

// plainAmount says how a cell becomes an amount column.
type plainAmount struct {
	field  field
	column int
}

// fieldSet holds all fields.
type fieldSet struct {
	names   []string // by field
	byName  map[string]field
	texts   []plainText
	amounts []plainAmount
}

// fields are built once, from the fields above and usage_columns.csv.
var fields = func() *fieldSet {
	s := &fieldSet{names: ownNames[:], byName: map[string]field{}}
	for f, name := range ownNames {
		s.byName[name] = field(f)
	}
	for _, c := range queries.UsageColumns() {
		if c.Cell == "" {
			continue
		}
		f, own := s.byName[c.Name]
		if !own {
			f = field(len(s.names))
			s.names, s.byName[c.Name] = append(s.names, c.Name), f
		}
		if c.Cell == "amount" {
			s.amounts = append(s.amounts, plainAmount{f, column(c.Name)})
		} else {
			s.texts = append(s.texts, plainText{f, column(c.Name), cell(indexOf(c.Cell, cellNames[:])), change(indexOf(c.Change, changeNames))})
		}
	}
	if len(s.names) > maxFields {
		panic("usage_columns.csv has more columns than maxFields allows")
	}
	return s
}()

// maxFields bounds the fields, so that what is kept for each of them is an array: one is looked up for every cell.
const maxFields = 80

// indexOf finds a word of usage_columns.csv. One that is not known is a mistake of the program.
func indexOf(word string, words []string) int {
	i := slices.Index(words, word)
	if i < 0 {
		panic(fmt.Sprintf("usage_columns.csv: %q is not one of %q", word, words))
	}
	return i
}

// isAmount reports whether the cells of a field are amounts.
func (s *fieldSet) isAmount(f field) bool {
	if f >= fQuantity && f <= fPaygPrice {
		return true
	}
	return slices.ContainsFunc(s.amounts, func(a plainAmount) bool { return a.field == f })
}

package usage

import (
	"slices"
	"strings"

	"github.com/valyala/fastjson"
)

// Schema says which export a file is.
type Schema struct {
	Kind          string // source_kind: ea, ea_2019, mg, mosp, mca, mpa, csp_sub, focus, rest_legacy, rest_modern, azcli, pc_daily, generic
	Version       string // as Microsoft writes it; "" when the columns do not tell. A version in the manifest takes precedence
	Reason        string // the rule that matched, or what a file that is not usage lacks
	LowConfidence bool   // generic: loaded by column names that mean the same everywhere
	Resembles     bool   // not usage, but only one kind of column is missing
	Basis         string // focus or usage; "" when the columns cannot tell (SPEC 5.J)
}

// names is a set of canonical header names.
type names map[string]bool

func (h names) all(n ...string) bool {
	for _, s := range n {
		if !h[s] {
			return false
		}
	}
	return true
}

func (h names) any(n ...string) bool {
	return slices.ContainsFunc(n, func(s string) bool { return h[s] })
}

// The columns that rule 9 requires, best first. Every other rule requires a date column, too.
var (
	dateColumns     = []string{"date", "usagedatetime", "usagedate", "chargeperiodstart", "usagestart"}
	resourceColumns = []string{"resourceid", "instanceid", "instancename", "resourceuri"}
	costColumns     = []string{"costinbillingcurrency", "cost", "pretaxcost", "billedcost", "effectivecost", "billingpretaxtotal", "extendedcost"}
)

// rule is one line of the detection order (cost-exports.md 5). version also gets the header as written, because a few versions differ only in
// spelling or order.
type rule struct {
	kind    string
	reason  string
	basis   string
	match   func(h names) bool
	version func(h names, header []string) string
}

var rules = []rule{
	{"focus", "rule 1: BilledCost and ChargePeriodStart", "focus",
		func(h names) bool { return h.all("billedcost", "chargeperiodstart") }, focusVersion},
	{"pc_daily", "rule 2: PCToBCExchangeRate, or BillingPreTaxTotal and ResourceURI", "usage",
		func(h names) bool { return h.any("pctobcexchangerate") || h.all("billingpretaxtotal", "resourceuri") }, nil},
	{"mpa", "rule 3: CostInBillingCurrency and CustomerTenantId, with PartnerTenantId or BillingAccountId", "",
		func(h names) bool {
			return h.all("costinbillingcurrency", "customertenantid") && h.any("partnertenantid", "billingaccountid")
		}, mcaVersion},
	{"csp_sub", "rule 3: CostInBillingCurrency and CustomerTenantId, without PartnerTenantId and BillingAccountId", "",
		func(h names) bool { return h.all("costinbillingcurrency", "customertenantid") }, mcaVersion},
	{"mca", "rule 4: CostInBillingCurrency and CostInPricingCurrency", "",
		func(h names) bool { return h.all("costinbillingcurrency", "costinpricingcurrency") }, mcaVersion},
	{"ea", "rule 5: CostInBillingCurrency or Cost, AccountOwnerId and ResourceId", "",
		func(h names) bool {
			return h.any("costinbillingcurrency", "cost") && h.all("accountownerid", "resourceid")
		}, eaVersion},
	// Before rule 6: the CLI has departmentName and currency too.
	{"azcli", "rule 8: PretaxCost and UsageStart", "usage",
		func(h names) bool { return h.all("pretaxcost", "usagestart") }, nil},
	{"mg", "rule 6: SubscriptionGuid and PreTaxCost, with DepartmentName and Currency", "usage",
		func(h names) bool { return h.all("subscriptionguid", "pretaxcost", "departmentname", "currency") }, nil},
	{"ea_2019", "rule 6: SubscriptionGuid and PreTaxCost, with DepartmentName, without Currency", "usage",
		func(h names) bool { return h.all("subscriptionguid", "pretaxcost", "departmentname") },
		func(names, []string) string { return "2019-10-01" }},
	{"mosp", "rule 6: SubscriptionGuid and PreTaxCost, without DepartmentName", "usage",
		func(h names) bool {
			// The camelCase variant calls the cost costInBillingCurrency or cost; only this kind has ServiceTier, too.
			return h.all("subscriptionguid") && !h["accountownerid"] &&
				(h["pretaxcost"] || h.any("cost", "costinbillingcurrency") && h.all("servicetier"))
		},
		func(names, []string) string { return "2019-11-01" }},
	{"generic", "rule 9: a date, a resource and a cost column", "",
		func(h names) bool { return h.any(resourceColumns...) && h.any(costColumns...) }, nil},
}

// DetectHeader returns the schema of the first rule that the column names match. If none does, ok is false and Reason says what is missing. Every
// usage row needs a date, so no rule accepts a header without a date column.
func DetectHeader(header []string) (s Schema, ok bool) {
	return detect(canonicalNames(header), header)
}

func canonicalNames(header []string) names {
	h := make(names, len(header))
	for _, name := range header {
		h[CanonicalHeader(name)] = true
	}
	return h
}

func detect(h names, header []string) (s Schema, ok bool) {
	for _, r := range rules {
		if !h.any(dateColumns...) || !r.match(h) {
			continue
		}
		s = Schema{Kind: r.kind, Reason: r.reason, Basis: r.basis, LowConfidence: r.kind == "generic"}
		if r.version != nil {
			s.Version = r.version(h, header)
		}
		return s, true
	}
	var missing []string
	if !h.any(dateColumns...) {
		missing = append(missing, "no date column (Date, UsageDateTime, UsageDate, ChargePeriodStart or UsageStart)")
	}
	if !h.any(resourceColumns...) {
		missing = append(missing, "no resource column (ResourceId, InstanceId, InstanceName or ResourceURI)")
	}
	if !h.any(costColumns...) {
		missing = append(missing, "no cost column (CostInBillingCurrency, Cost, PreTaxCost, BilledCost or BillingPreTaxTotal)")
	}
	return Schema{Reason: "not a usage export: " + strings.Join(missing, ", "), Resembles: len(missing) == 1}, false
}

// The columns that FOCUS 1.3 and 1.4 added to Cost and Usage.
var (
	focus13 = []string{
		"serviceprovidername", "hostprovidername", "allocatedmethodid", "allocatedmethoddetails", "allocatedresourceid",
		"allocatedresourcename", "allocatedtags", "contractapplied",
	}
	focus14 = []string{"invoicedetailid", "commitmentprogrameligibilitydetails"}
)

// 1.0 and 1.0r2 have the same columns; DecideDates tells them apart. 1.2 is 1.2-preview without x_SkuDetails, whose absence means something only if
// the columns around it are there.
func focusVersion(h names, _ []string) string {
	switch {
	case h.any(focus14...):
		return "1.4"
	case h.any(focus13...):
		return "1.3"
	case h.all("usagequantity", "chargesubcategory"):
		return "1.0-preview"
	case !h.any("invoiceid", "skumeter", "pricingcurrency", "servicesubcategory"):
		return "1.0"
	case h.all("xamortizationclass", "xskuplanname", "xskutier") && !h["xskudetails"]:
		return "1.2"
	}
	return "1.2-preview"
}

// The newest versions differ only in the spelling of one column.
func mcaVersion(h names, header []string) string {
	switch {
	case h["instancename"] && !h["resourceid"]:
		return "2019-11-01"
	case !h["benefitid"]:
		return "2021-01-01"
	case slices.Contains(header, "PricingModel"):
		return "2021-10-01"
	}
	return "2023-12-01-preview"
}

func eaVersion(h names, header []string) string {
	switch {
	case h.all("accountid", "resourcelocationnormalized"):
		return "2024-08-01"
	case h.all("product", "cost"):
		return "c360"
	case h["benefitid"] && len(header) > 0 && CanonicalHeader(header[0]) == "costinbillingcurrency":
		return "2021-10-01"
	case h["benefitid"]:
		return "2023-12-01-preview"
	case h["costallocationrulename"]:
		return "2021-01-01"
	}
	return "2020-01-01"
}

// DetectJSON says which usage API a JSON record comes from (rule 8). Any other record is judged by its members, as DetectHeader judges a header.
func DetectJSON(record *fastjson.Value) (Schema, bool) {
	if record == nil || record.Type() != fastjson.TypeObject {
		return Schema{Reason: "not a usage record: not a JSON object"}, false
	}
	fl := flattener{bare: true}
	fl.flatten(record)
	h := canonicalNames(fl.header)
	if record.Get("properties") != nil && h.any("date", "usagestart") {
		switch kind := strings.ToLower(string(record.GetStringBytes("kind"))); kind {
		case "legacy", "modern":
			return Schema{Kind: "rest_" + kind, Reason: "rule 8: kind is " + kind}, true
		}
	}
	if h.all("usagedate") {
		if strings.EqualFold(string(record.GetStringBytes("attributes", "objectType")), "DailyRatedUsageLineItem") {
			return Schema{Kind: "pc_daily", Reason: "rule 8: objectType is DailyRatedUsageLineItem", Basis: "usage"}, true
		}
		if h.all("resourceuri") {
			return Schema{Kind: "pc_daily", Reason: "rule 8: usageDate and resourceUri", Basis: "usage"}, true
		}
	}
	return detect(h, fl.header)
}

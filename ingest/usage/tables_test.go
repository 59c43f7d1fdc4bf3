package usage

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pidledger/pidledger/queries/columnar"
)

func TestFactsAreSound(t *testing.T) {
	f := lists()
	kinds := []string{"*"}
	for _, r := range rules {
		kinds = append(kinds, r.kind)
	}
	kinds = append(kinds, "rest_legacy", "rest_modern")
	for format := range f.aliases {
		if !slices.Contains(kinds, format) {
			t.Errorf("aliases.csv: unknown format %q", format)
		}
	}
	classes := []string{"usage", "unused_commitment", "purchase", "refund", "adjustment", "tax", "credit"}
	for _, c := range f.charges {
		if !slices.Contains(classes, c.class) || c.isUsage != (c.class == "usage") || !slices.Contains(kinds, c.format) {
			t.Errorf("charge_classes.csv: %+v", c)
		}
	}
	for _, x := range f.fillers {
		if !slices.Contains([]string{"any", "id", "meter", "unit"}, x.scope) || !slices.Contains(kinds, x.format) || x.value == "" {
			t.Errorf("fillers.csv: %+v", x)
		}
	}
	for column := range f.values {
		if Columns.Index(column) < 0 {
			t.Errorf("values.csv: unknown column %q", column)
		}
	}
	for name, fl := range fields.byName {
		found := false
		for _, byHeader := range f.aliases {
			for _, a := range byHeader {
				found = found || a.canonical == name
			}
		}
		if !found {
			t.Errorf("no alias leads to field %s (%d)", name, fl)
		}
	}
}

func TestCanonicalHeader(t *testing.T) {
	for in, want := range map[string]string{
		"\ufeffSubscriptionGuid":            "subscriptionguid",
		"Ressourcengruppe (ResourceGroup)":  "resourcegroup",
		" Meter Sub-Category ":              "metersubcategory",
		"x_SkuMeterId":                      "xskumeterid",
		"Maßeinheit (Unit Of Measure)":      "unitofmeasure",
		"costInUSD":                         "costinusd",
		"Abonnement (de) (SubscriptionId) ": "subscriptionid",
		"Kosten ()":                         "kosten()",
		"":                                  "",
	} {
		if got := CanonicalHeader(in); got != want {
			t.Errorf("CanonicalHeader(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestPreamble(t *testing.T) {
	for line, want := range map[string]bool{
		"Usage Data Extract": true, "\ufeff\"Usage Data Extract\",,,": true, "Statement": true, "Daily Usage;;": true, "Provisioning Status": true,
		"Date,ResourceId,Cost": false, "": false, "Statement,Date": false, "Usage Data Extract for May": false,
	} {
		if got := IsPreamble([]byte(line)); got != want {
			t.Errorf("IsPreamble(%q) = %v", line, got)
		}
	}
	for text, header := range map[string]string{
		"Usage Data Extract\nfor 100\nDate,Instance ID,Cost\nx": "Date,Instance ID,Cost",
		"Statement\na,b\n1,2\nDaily Usage\nDate,InstanceId\nx":  "Date,InstanceId",
		"Date,ResourceId\nInstanceId":                           "Date,ResourceId",
	} {
		skip := SkipPreamble()
		for _, line := range strings.Split(text, "\n") {
			if !skip([]byte(line)) {
				if line != header {
					t.Errorf("%q: header %q, want %q", text, line, header)
				}
				break
			}
		}
	}
}

func TestDetectHeader(t *testing.T) {
	for header, want := range map[string]string{
		"Date,ResourceId,Cost":                                              "generic",
		"UsageDateTime,InstanceId,PreTaxCost,SubscriptionGuid":              "mosp 2019-11-01",
		"date,resourceId,costInBillingCurrency,subscriptionGuid":            "generic",
		"date,resourceId,cost,subscriptionGuid,serviceTier":                 "mosp 2019-11-01",
		"UsageDate,ResourceURI,BillingPreTaxTotal":                          "pc_daily",
		"UsageStart,PretaxCost,InstanceId,DepartmentName,Currency":          "azcli",
		"BilledCost,ChargePeriodStart":                                      "focus 1.0",
		"BilledCost,ChargePeriodStart,SkuMeter":                             "focus 1.2-preview",
		"BilledCost,ChargePeriodStart,UsageQuantity,ChargeSubcategory":      "focus 1.0-preview",
		"Date,CostInBillingCurrency,CustomerTenantId":                       "csp_sub 2021-01-01",
		"Date,CostInBillingCurrency,CustomerTenantId,PartnerTenantId":       "mpa 2021-01-01",
		"Date,CostInBillingCurrency,CostInPricingCurrency,InstanceName":     "mca 2019-11-01",
		"Date,Cost,AccountOwnerId,ResourceId":                               "ea 2020-01-01",
		"UsageDateTime,SubscriptionGuid,PreTaxCost,DepartmentName":          "ea_2019 2019-10-01",
		"UsageDateTime,SubscriptionGuid,PreTaxCost,DepartmentName,Currency": "mg",
		"Date,ResourceId": "",
		"ResourceId,Cost": "",
		"PCToBCExchangeRate,ChargeStartDate,Subtotal": "", // invoice lines of Partner Center are not daily rated usage
		"": "",
	} {
		s, ok := DetectHeader(strings.Split(header, ","))
		got := strings.TrimSpace(s.Kind + " " + s.Version)
		if got != want || ok != (want != "") || s.Reason == "" || s.LowConfidence != (want == "generic") {
			t.Errorf("%s: got %+v %v, want %q", header, s, ok, want)
		}
	}
}

func TestResourceIDs(t *testing.T) {
	const s = "0a0a0a0a-1111-4222-8333-444455556666"
	for _, tc := range []struct{ in, id, kind, sub, group, typ string }{
		{"", "", "empty", "", "", ""},
		{"/", "", "empty", "", "", ""},
		{"/subscriptions/" + s, "/subscriptions/" + s, "subscription", s, "", ""},
		{"/Subscriptions/" + strings.ToUpper(s) + "/", "/subscriptions/" + s, "subscription", s, "", ""},
		{"/subscriptions/" + s + "/resourceGroups/RG-1", "/subscriptions/" + s + "/resourcegroups/rg-1", "rg", s, "rg-1", ""},
		{
			"subscriptions/" + s + "/resourceGroups/RG-1/providers/Microsoft.Sql/servers/S1/databases/D 1/",
			"/subscriptions/" + s + "/resourcegroups/rg-1/providers/microsoft.sql/servers/s1/databases/d 1", "arm", s, "rg-1", "microsoft.sql/servers/databases",
		},
		{
			"//subscriptions/" + s + "/resourcegroups/g/providers/A.B/c/d/providers/E.F/h/i",
			"/subscriptions/" + s + "/resourcegroups/g/providers/a.b/c/d/providers/e.f/h/i", "arm", s, "g", "e.f/h",
		},
		{"/subscriptions/" + s + "/providers/Microsoft.Security/pricings/VM", "/subscriptions/" + s + "/providers/microsoft.security/pricings/vm", "arm", s, "", "microsoft.security/pricings"},
		{
			"/providers/Microsoft.Capacity/reservationOrders/" + s + "/reservations/", "/providers/microsoft.capacity/reservationorders/" + s + "/reservations",
			"reservation", "", "", "microsoft.capacity/reservationorders/reservations",
		},
		{"/providers/Microsoft.BillingBenefits/savingsPlanOrders/x", "/providers/microsoft.billingbenefits/savingsplanorders/x", "savings_plan", "", "", "microsoft.billingbenefits/savingsplanorders"},
		{"/providers/Microsoft.Management/managementGroups/mg", "/providers/microsoft.management/managementgroups/mg", "tenant", "", "", "microsoft.management/managementgroups"},
		{"platform-vnet", "/platform-vnet", "bare_name", "", "", ""},
		{"/subscriptions/rsid1", "/subscriptions/rsid1", "subscription", "rsid1", "", ""},
		{"/subscriptions/" + s + "/resourceGroups/RG-Größe-ÄÖ", "/subscriptions/" + s + "/resourcegroups/rg-größe-äö", "rg", s, "rg-größe-äö", ""},
		{"/subscriptions/" + s + "/resourcegroups/g/providers/only", "/subscriptions/" + s + "/resourcegroups/g/providers/only", "arm", s, "g", ""},
	} {
		var r resource
		r.parse([]byte("/subscriptions/old/resourcegroups/old/providers/a/b/c"))
		r.parse([]byte(tc.in))
		got := []string{string(r.id), r.kind, string(r.subscription), string(r.group), string(r.typ)}
		if diff := cmp.Diff([]string{tc.id, tc.kind, tc.sub, tc.group, tc.typ}, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tc.in, diff)
		}
	}
}

func TestTags(t *testing.T) {
	for _, tc := range []struct {
		in, json string
		bad      bool
	}{
		{`{"a": "b"}`, `{"a":"b"}`, false},
		{`"a": "b","c": "x, \"y\": z"`, `{"a":"b","c":"x, \"y\": z"}`, false},
		{"\n\"a\": \"b\",\n\"c\": \"two\\nlines\"\n", `{"a":"b","c":"two\nlines"}`, false},
		{`{}`, `{}`, false},
		{`null`, ``, false},
		{`{"org": "1", " org": "2", "org": "3"}`, `{"org":"1"," org":"2","org":"3"}`, false},
		{`{"a": {"b": [1, 2]}}`, `{"a":{"b":[1,2]}}`, false},
		{`"a": "b":`, ``, true},
		{`env: prod`, ``, true},
		{`["a"]`, ``, true},
		{`{"a": "b"`, ``, true},
		{`{'a': 'b'}`, ``, true},
		{`{"a": "b"} x`, ``, true},
	} {
		var got tagText
		got.parse([]byte(`{"old": 1}`))
		got.parse([]byte(tc.in))
		if got.json.String() != tc.json || got.bad != tc.bad {
			t.Errorf("%q: got %q bad=%v, want %q bad=%v", tc.in, got.json.String(), got.bad, tc.json, tc.bad)
		}
	}
}

func TestCharges(t *testing.T) {
	f := lists()
	for _, tc := range []struct {
		format, kind, correction, status, class string
		isUsage                                 bool
	}{
		{"ea", "Usage", "", "", "usage", true},
		{"mosp", "", "", "", "usage", true},
		{"ea", "UnusedReservation", "", "", "unused_commitment", false},
		{"mca", "unused savings plan", "", "", "unused_commitment", false},
		{"mca", "Refund", "", "", "refund", false},
		{"csp_sub", "RoundingAdjustment", "", "", "adjustment", false},
		{"csp_sub", "Anything", "", "", "adjustment", false},
		{"ea", "new", "", "", "adjustment", false},
		{"pc_daily", "new", "", "", "usage", true},
		{"focus", "Usage", "", "Used", "usage", true},
		{"focus", "Usage", "", "Unused", "unused_commitment", false},
		{"focus", "Usage", "Correction", "", "usage", true},
		{"focus", "Usage", "Correction", "Unused", "unused_commitment", false},
		{"focus", "Purchase", "", "", "purchase", false},
		{"focus", "Purchase", "Correction", "", "purchase", false},
		{"focus", "Credit", "Correction", "", "credit", false},
		{"focus", "Tax", "Correction", "", "tax", false},
		{"focus", "Adjustment", "", "Refund", "refund", false},
	} {
		class, isUsage := f.charge(tc.format, tc.kind, tc.correction, tc.status)
		if class != tc.class || isUsage != tc.isUsage {
			t.Errorf("%+v: got %s %v", tc, class, isUsage)
		}
	}
}

func TestBasisFromName(t *testing.T) {
	for name, want := range map[string]string{
		"daily/trey-amortized/20260501-20260531/part_0.csv": "amortized",
		"exports/ActualCost/x.csv":                          "actual",
		"EA_AmortisedCost.csv":                              "amortized",
		"actual/amortized-daily/x.csv":                      "amortized",
		"actual-and-amortized/x.csv":                        "",
		"factually.csv":                                     "",
		"contractualcosts":                                  "",
		"daily":                                             "",
	} {
		if got := BasisFromName(name); got != want {
			t.Errorf("BasisFromName(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestMultiply(t *testing.T) {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(18), nil)
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(38), nil)
	r := rand.New(rand.NewPCG(1, 2))
	number := func() columnar.Dec {
		d, err := columnar.ParseDecimal([]byte(new(big.Rat).SetFrac(big.NewInt(r.Int64N(1<<62)-1<<61), new(big.Int).Exp(big.NewInt(10), big.NewInt(r.Int64N(19)), nil)).FloatString(18)))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for range 20000 {
		a, b := number(), number()
		want := new(big.Int).Mul(a.BigInt(), b.BigInt())
		neg := want.Sign() < 0
		want.Abs(want).Add(want, new(big.Int).Rsh(scale, 1)).Quo(want, scale)
		if neg {
			want.Neg(want)
		}
		got, err := multiply(a, b)
		if new(big.Int).Abs(want).Cmp(limit) >= 0 {
			if err == nil {
				t.Fatalf("%v x %v: no error", a, b)
			}
			continue
		}
		if err != nil || got.BigInt().Cmp(want) != 0 {
			t.Fatalf("%s x %s = %v %v, want %s", columnar.FormatDecimal(a), columnar.FormatDecimal(b), got, err, want)
		}
	}
	for _, tc := range []struct{ text, block, want string }{
		{"0.00000000000000000012", "10000", "0.0000000000000012"},
		{"1.2E-19", "100", "0.000000000000000012"},
		{"-0.0000000000000000005", "1", "-0.000000000000000001"},
		{"-0.00000000000000000049", "1", "0"},
		{"2.5", "10", "25"},
		{"1e-30000", "10", "0"},
	} {
		v, err := columnar.ParseDecimal([]byte(tc.text))
		if err != nil {
			t.Fatal(err)
		}
		block, _ := columnar.ParseDecimal([]byte(tc.block))
		got, err := multiplyText([]byte(tc.text), v, block)
		if err != nil || columnar.FormatDecimal(got) != tc.want {
			t.Errorf("%s x %s = %s %v, want %s", tc.text, tc.block, columnar.FormatDecimal(got), err, tc.want)
		}
	}
}

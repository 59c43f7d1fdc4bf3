package cmd

import (
	"strings"
	"testing"
	"time"
)

// Customers whose tenant nobody names are told apart by their subscription, wherever customers are counted or added up.
func TestCustomersWithoutTenants(t *testing.T) {
	t.Parallel()
	const subThree = "33333333-1234-4000-8000-000000000003"
	e := newEstate(t, t.TempDir())
	e.put("pidledger.yaml", "ledger: ledger\nregistry: registry.csv\ncustomers: customers.csv\nsources:\n  - path: exports\nreport: {dir: reports, formats: [csv, html]}\n")
	e.put("customers.csv", "subscription_id,customer_tenant_id,customer_name\n"+subOne+",,Small Bakery\n")
	e.register(edgeMarket+",1234567,Edge,base,marketplace,,,", edgeGitHub+",1234567,Edge,base,github,,,")
	e.deploy(edgeMarket, subOne, "a", time.Date(2026, 4, 1, 10, 0, 0, 0, time.UTC))
	e.deploy(edgeMarket, subTwo, "b", time.Date(2026, 4, 1, 11, 0, 0, 0, time.UTC))
	e.deploy(edgeGitHub, subTwo, "c", time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC))
	e.deploy(edgeMarket, subThree, "d", time.Date(2026, 4, 1, 13, 0, 0, 0, time.UTC))
	e.charge("april.csv",
		usage{subOne, "a", "2026-04-02", "10", "EUR"}, usage{subTwo, "b", "2026-04-02", "90", "EUR"}, usage{subTwo, "c", "2026-04-30", "15", "EUR"},
		usage{subThree, "d", "2026-04-02", "7", "EUR"}, usage{subThree, "d", "2026-04-03", "500", "USD"})
	summary := e.must("run", "--details")
	if want := "  marketplace  Edge    107.00     0.00       -          3    87.7 %"; !strings.Contains(summary, want) {
		t.Errorf("no %q in\n%s", want, summary)
	}
	for query, want := range map[string]string{
		"top_customers": "channel,currency,place,customer,customer_name,effective_cost,subscriptions\n" +
			"github,EUR,1," + subTwo + ",,15,1\n" +
			"marketplace,EUR,1," + subTwo + ",,90,1\nmarketplace,EUR,2," + subOne + ",Small Bakery,10,1\nmarketplace,EUR,3," + subThree + ",,7,1\n" +
			"marketplace,USD,1," + subThree + ",,500,1\n",
		"largest_customers": "currency,place,customer,customer_name,effective_cost,share,channels,subscriptions,since\n" +
			"EUR,1," + subTwo + ",,105,0.860656,\"github, marketplace\",1,2026-04\nEUR,2," + subOne + ",Small Bakery,10,0.081967,marketplace,1,2026-04\n" +
			"EUR,3," + subThree + ",,7,0.057377,marketplace,1,2026-04\nUSD,1," + subThree + ",,500,1,marketplace,1,2026-04\n",
		"new_customers": "offer,channel,customer,customer_name,first_usage_date\nEdge,marketplace," + subOne + ",Small Bakery,2026-04-02\n" +
			"Edge,marketplace," + subTwo + ",,2026-04-02\nEdge,marketplace," + subThree + ",,2026-04-02\n",
		"retention": "offer,first_month,months_later,customers,share\nEdge,2026-04,0,3,1\n",
	} {
		if got := e.must("query", query, "--format", "csv"); got != want {
			t.Errorf("%s:\n%swant\n%s", query, got, want)
		}
	}
	for asked, want := range map[string]string{ // a customer is found by the name, a part of it, and the ids
		"small": "Small Bakery", " BAKERY": "Small Bakery", subTwo: subTwo, strings.ToUpper(subThree): subThree, "/subscriptions/" + subOne: "Small Bakery",
	} {
		got := e.must("query", "customer", "--param", "customer="+asked, "--format", "csv")
		if !strings.Contains(got, want) || strings.Count(got, subOne) > 2 || strings.Contains(got, "Bakery") != (want == "Small Bakery") {
			t.Errorf("customer=%s:\n%s", asked, got)
		}
	}
	if got := e.must("query", "customer", "--param", "customer= ", "--format", "csv"); strings.Count(got, "\n") != 1 {
		t.Errorf("nobody was asked for:\n%s", got)
	}
	if got := e.must("compare", "channels", "--format", "csv", "--month", "2026-04", "--currency", "EUR"); !strings.Contains(got, ",3,3,") {
		t.Errorf("compare:\n%s", got)
	}
}

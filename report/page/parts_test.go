package page

import (
	"math/big"
	"testing"

	"github.com/pidledger/pidledger/report/spec"

	"github.com/pidledger/pidledger/report/targets"
)

func TestPercentOfPage(t *testing.T) {
	for ratio, want := range map[string]string{"": "-", "1": "100.0\u00a0%", "0.99999": ">99.9\u00a0%", "1.0001": ">100.0\u00a0%", "0.5": "50.0\u00a0%", "0.00001": "<0.1\u00a0%", "-12.345": "-1,234.5\u00a0%"} {
		if got := percent(ratio); got != want {
			t.Errorf("percent(%s) = %s, want %s", ratio, got, want)
		}
	}
}

func TestReportFile(t *testing.T) {
	if got := reportFile([]string{spec.XLSX, spec.Parquet}, "daily"); got != "daily.parquet" {
		t.Errorf("the whole report is in %q", got)
	}
}

// A target in a currency that nothing came in has no section, and is on the page all the same.
func TestTargetsWithoutUsage(t *testing.T) {
	b := &builder{view: &pageView{}, facts: facts{currencies: []currencyRow{{Currency: "EUR"}}}, aims: targets.Found{Lines: []targets.Line{
		{Month: "2026-04", Currency: "EUR", Target: "10", Actual: "11", Reached: "1.1"}, {Month: "2026-04", Currency: "JPY", Channel: "github", Target: "1000", Actual: "0", Reached: "0"},
	}}}
	if rows := b.targetTable(&section{currencyRow: b.currencies[0]}).Rows; len(rows) != 1 || rows[0][2].Text != "10.00" {
		t.Errorf("in EUR: %v", rows)
	}
	if rows := b.otherTargets().Rows; len(rows) != 1 || rows[0][2].Text != "JPY" || rows[0][3].Text != "1,000.00" || rows[0][5].Class != "down" {
		t.Errorf("without usage: %v", rows)
	}
}

// A share of little, and the growth of little, are grey.
func TestSmallIsGrey(t *testing.T) {
	n := big.NewInt
	if c := shareCell("0.5", n(99), n(10_000)); c.Class != small {
		t.Errorf("a share of less than a hundredth has the class %q", c.Class)
	}
	if c := shareCell("0.5", n(100), n(10_000)); c.Class != "" {
		t.Errorf("a share of a hundredth has the class %q", c.Class)
	}
	if c := growthOf(growthCell(n(99), n(1)), n(99), n(1), n(10_000)); c.Class != small {
		t.Errorf("the growth of less than a hundredth has the class %q", c.Class)
	}
	if c := growthOf(growthCell(n(99), n(100)), n(99), n(100), n(10_000)); c.Class != "down" {
		t.Errorf("the growth from a hundredth has the class %q", c.Class)
	}
}

func TestResourceCells(t *testing.T) {
	for id, want := range map[string][3]string{
		"": {"charges that name no resource", "", ""},
		"/subscriptions/s/resourcegroups/rg/providers/microsoft.web/sites/a":                         {"a", "rg", "web/sites"},
		"/subscriptions/s/resourcegroups/rg/providers/microsoft.sql/servers/a/databases/b":           {"a/b", "rg", "sql/servers/databases"},
		"/subscriptions/s/resourcegroups/rg/providers/x.y/z/a/providers/microsoft.insights/things/b": {"b", "rg/providers/x.y/z/a", "insights/things"},
		"/subscriptions/s/providers/microsoft.capacity/reservations/r":                               {"r", "", "capacity/reservations"},
		"/subscriptions/s/resourcegroups/rg":                                                         {"/subscriptions/s/resourcegroups/rg", "", ""},
		"something/providers/else":                                                                   {"something/providers/else", "", ""},
	} {
		name, kind := resourceCells(id)
		if got := [3]string{name.Text, name.Under, kind.Text}; got != want {
			t.Errorf("%q is shown as %q, want %q", id, got, want)
		}
	}
}

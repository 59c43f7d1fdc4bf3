package cmd

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pidledger/pidledger/queries/chain"
	"github.com/pidledger/pidledger/queries/engine"
)

// Attributed usage as FOCUS adds up to the report summary, and has what FOCUS 1.2 demands.
func TestFocusOnDemo(t *testing.T) {
	if testing.Short() {
		t.Skip("a whole run takes seconds")
	}
	reports, err := demoReports()
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	db, err := engine.Open(ctx, engine.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	files, err := filepath.Glob(filepath.Join(reports, "attributed_usage", "*", "*.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "focus.parquet")
	if _, err := chain.WriteFocus(ctx, db, files, out); err != nil {
		t.Fatal(err)
	}
	if err := db.Input(ctx, "focus", engine.Files{Paths: []string{out}}); err != nil {
		t.Fatal(err)
	}
	if err := db.Input(ctx, "summary", engine.Files{Paths: []string{filepath.Join(reports, "summary.parquet")}}); err != nil {
		t.Fatal(err)
	}
	ask := func(sql string) []string {
		rows, err := engine.Ask[string](ctx, db, sql)
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	sums := func(key, billed, effective, rows, from string) []string {
		return ask("select k || ' ' || sum(b) || ' ' || sum(e) || ' ' || sum(n) as line from (select " + strings.Join([]string{key + " as k", billed + " as b", effective + " as e", rows + " as n"}, ", ") +
			" from " + from + ") group by k order by line")
	}
	want := sums("month || ' ' || channel || ' ' || tracking_id || ' ' || currency", "billed_cost", "effective_cost", "usage_rows", "summary")
	got := sums("substring(cast(ChargePeriodStart as string), 1, 7) || ' ' || x_Channel || ' ' || x_TrackingId || ' ' || BillingCurrency", "BilledCost", "EffectiveCost", "1", "focus")
	if diff := cmp.Diff(want, got); diff != "" || len(got) == 0 {
		t.Errorf("summary and FOCUS differ (-summary +FOCUS):\n%s", diff)
	}
	missing := ask(`select column_name from (summarize focus) where null_percentage > 0 and column_name in ('BilledCost', 'BillingAccountId', 'BillingCurrency',
		'BillingPeriodEnd', 'BillingPeriodStart', 'ChargeCategory', 'ChargeFrequency', 'ChargePeriodEnd', 'ChargePeriodStart', 'ContractedCost', 'EffectiveCost', 'InvoiceIssuerName',
		'ListCost', 'PricingCategory', 'ProviderName', 'PublisherName', 'ServiceCategory', 'ServiceName', 'x_TrackingId', 'x_MpnId', 'x_Offer', 'x_Channel', 'x_AttributionMethod')`)
	if len(missing) > 0 {
		t.Errorf("FOCUS allows no NULL in %q", missing)
	}
	other := ask(`select distinct ServiceCategory from focus where ServiceCategory not in ('AI and Machine Learning', 'Analytics', 'Business Applications', 'Compute', 'Databases', 'Developer Tools',
		'Multicloud', 'Identity', 'Integration', 'Internet of Things', 'Management and Governance', 'Media', 'Migration', 'Mobile', 'Networking', 'Security', 'Storage', 'Web', 'Other')`)
	if len(other) > 0 {
		t.Errorf("FOCUS has no category %q", other)
	}
}

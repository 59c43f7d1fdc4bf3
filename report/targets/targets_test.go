package targets

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pidledger/pidledger/queries/columnar"
)

// came are rows of the snapshot; amounts are whole.
func came(rows ...[5]string) (out []actual) {
	for _, r := range rows {
		cost, err := columnar.ParseDecimal([]byte(r[4]))
		if err != nil {
			panic(err)
		}
		out = append(out, actual{r[0], r[1], r[2], r[3], cost})
	}
	return out
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "plan.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTargets(t *testing.T) {
	targets, err := readTargets(write(t, "\ufeffCurrency, amount,month,offer,channel\nEUR,1000.50,2026-04,,\neur,400,2026-04,Insight,GitHub\nEUR,10,2026-03,Insight,\nEUR,10,2026-07,,\n"))
	if err != nil {
		t.Fatal(err)
	}
	var f Found
	f.compare(targets, came(
		[5]string{"2026-04", "Insight", "github", "EUR", "100"}, [5]string{"2026-04", "Insight", "direct", "EUR", "50"}, [5]string{"2026-04", "Insight", "github", "USD", "7"},
		[5]string{"2026-03", "Insight", "direct", "EUR", "20"}, [5]string{"2026-03", "Edge", "direct", "EUR", "999"},
	), "2026-04-12")
	want := []Line{
		{Month: "2026-04", Currency: "EUR", Target: "1000.5", Actual: "150", Reached: "0.149925037481259370", Forecast: "375", Expected: "0.374812593703148426"},
		{Month: "2026-04", Offer: "Insight", Channel: "GitHub", Currency: "EUR", Target: "400", Actual: "100", Reached: "0.25", Forecast: "250", Expected: "0.625"},
		{Month: "2026-03", Offer: "Insight", Currency: "EUR", Target: "10", Actual: "20", Reached: "2"},
	}
	for i := range want {
		want[i].Reached = strings.TrimRight(want[i].Reached, "0")
	}
	if diff := cmp.Diff(want, f.Lines); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]string{
		"Targets of 2026-03: 1 of 1 reached.",
		"Targets of 2026-04: 0 of 2 will be reached at this pace; furthest behind: all usage with 375.00 of 1,000.50 EUR (37.5 %).",
	}, f.Sentences("2026-03", "2026-04", "2026-07")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if want := "Forecast of 2026-04: what its first 12 days brought, divided by their share of its 30 days."; f.Method != want {
		t.Errorf("method %q", f.Method)
	}
}

// A name that no registration has is noted once, unless there is time to register it.
func TestUnregistered(t *testing.T) {
	path := write(t, "month,offer,channel,currency,amount\n2026-04,Insight,gihub,EUR,1\n2026-04,,GITHUB,EUR,1\n2026-03,,Gihub,EUR,1\n2026-06,Later,,EUR,1\n")
	targets, err := readTargets(path)
	if err != nil {
		t.Fatal(err)
	}
	got := unregistered(path, targets, []registered{{"Insight", "github"}, {"", ""}}, newest(nil, "2026-04-12"))
	want := []string{`plan.csv, line 2, column 17: no registration has the channel "gihub". Nothing counts towards it; correct it, or register an id with it.`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// A month has a total only when all of its currencies have a rate.
func TestRates(t *testing.T) {
	rates, err := readRates(write(t, "month,currency,rate\n2026-03,EUR,1\n2026-04,EUR,1\n2026-04,USD,0.9\n"))
	if err != nil {
		t.Fatal(err)
	}
	var f Found
	notes := f.add("plan.csv", rates, came([5]string{"2026-03", "", "", "EUR", "10"}, [5]string{"2026-03", "", "", "USD", "10"}, [5]string{"2026-04", "", "", "EUR", "10"},
		[5]string{"2026-04", "", "", "USD", "10"}, [5]string{"2026-04", "", "x", "USD", "10"}))
	if diff := cmp.Diff([]Total{{"2026-04", "EUR", "28"}}, f.Totals); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got, want := f.Indication("2026-04"), "All currencies of 2026-04 at your rates: about 28.00 EUR, an indication."; got != want {
		t.Errorf("%q", got)
	}
	if f.Indication("2026-03") != "" {
		t.Error("a month without all rates has a total")
	}
	if diff := cmp.Diff([]string{"plan.csv: 2026-03 has no rate for USD. That month has no total of all currencies; add what is missing."}, notes); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// An error names file, line and column.
func TestErrors(t *testing.T) {
	const head = "month,offer,channel,currency,amount\n"
	for text, want := range map[string]string{
		"":                                            "plan.csv: it is empty",
		"month,offer,channel,currency\n":              "plan.csv, line 1, column 1: the header lacks columns",
		"month,offer,chanel,currency\n":               `plan.csv, line 1, column 13: the header has "chanel"`,
		head + "2026-13,,,EUR,1\n":                    `plan.csv, line 2, column 1: "2026-13" is not a month`,
		head + "2026-01,,,Euro,1\n":                   `plan.csv, line 2, column 11: "Euro" is not a currency`,
		head + "\n2026-01,,,EUR,\"1,000\"\n":          `plan.csv, line 3, column 15: "1,000" is not a number above zero`,
		head + "2026-01,,,EUR,0\n":                    `plan.csv, line 2, column 15: "0" is not a number above zero`,
		head + "2026-01,,EUR,1\n":                     "plan.csv, line 2, column 1: the line has 4 fields, the header 5",
		head + "2026-01,a\"b,,EUR,1\n":                "plan.csv, line 2, column 10: bare \" in non-quoted-field",
		head + "2026-01,A,,EUR,1\n2026-01,a,,eur,2\n": "plan.csv, line 3, column 1: the same target stands on line 2",
	} {
		if _, err := readTargets(write(t, text)); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	for text, want := range map[string]string{
		"month,currency,rate\n2026-01,USD,0.9\n":                "plan.csv, line 2, column 1: no currency has the rate 1 in 2026-01",
		"month,currency,rate\n2026-01,USD,1\n2026-01,EUR,1.0\n": "plan.csv, line 3, column 13: USD and EUR both have the rate 1 in 2026-01",
		"month,currency,rate\n2026-01,USD,1\n2026-01,USD,2\n":   "plan.csv, line 3, column 9: USD has two rates in 2026-01",
		"month,currency,rate\n2026-01,USD,1e3\n":                `plan.csv, line 2, column 13: "1e3" is not a number above zero`,
	} {
		if _, err := readRates(write(t, text)); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	want := []string{"plan.csv: it is empty. The total of all currencies is left out; write the header month,currency,rate, and a line for each."}
	if diff := cmp.Diff(want, Files{Targets: write(t, head), Rates: write(t, "")}.Mistakes()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if _, err := readTargets(filepath.Join(t.TempDir(), "none.csv")); err == nil || err.Error() != "none.csv: no such file or directory" {
		t.Errorf("%v", err)
	}
}

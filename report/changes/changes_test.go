package changes_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/report"
	"github.com/pidledger/pidledger/report/changes"
	"github.com/pidledger/pidledger/report/reporttest"
	"github.com/pidledger/pidledger/report/spec"
	"github.com/pidledger/pidledger/report/summary"
	"github.com/pidledger/pidledger/testdata/generated"
)

// changesOf publishes a world whose usage reaches `through`, and gives its changes as lines of kind and text.
func changesOf(t *testing.T, through string, tables map[string]string, w changes.Watch) string {
	t.Helper()
	o := report.Options{
		Dir: filepath.Join(t.TempDir(), "reports"), Formats: []string{spec.CSV, spec.Parquet, spec.JSON}, Detail: []string{spec.Parquet, spec.CSV},
		Run: spec.Run{ID: "run-1", Started: time.Date(2026, 5, 1, 2, 0, 0, 0, time.UTC), Version: "1.2.3", DataThrough: through}, Watch: w, Snapshots: report.Snapshots{Folder: t.TempDir()},
	}
	pub, err := report.Publish(t.Context(), &reporttest.Engine{Tables: tables}, o)
	if err != nil {
		t.Fatal(err)
	}
	pub.Summary.Advise(summary.Commands{Flags: func(string) string { return "--config p.yaml" }})
	var b strings.Builder
	for _, c := range pub.Summary.Changes {
		fmt.Fprintf(&b, "%s: %s\n  %s\n", c.Kind, c.What, c.Command)
	}
	return b.String()
}

// dailyLines gives one line of the report daily for each day from the first to the last of a month.
func dailyLines(month string, first, last int, channel, currency, cost string) string {
	var b strings.Builder
	for d := first; d <= last; d++ {
		fmt.Fprintf(&b, "%s-%02d|1|Offer|base|%s|id|%s|%s|%s|\\N|1|1\n", month, d, channel, currency, cost, cost)
	}
	return b.String()
}

func coverageLines(lines ...string) string {
	var b strings.Builder
	for _, l := range lines {
		f := strings.Fields(l)
		fmt.Fprintf(&b, "%s|%s|%s|1|0|%s|%s\n", f[0], f[1], f[2], f[3], f[3])
	}
	return b.String()
}

func TestChannels(t *testing.T) {
	both := coverageLines("2026-02 EUR attributed 1", "2026-03 EUR attributed 1", "2026-04 EUR attributed 1")
	march := dailyLines("2026-03", 1, 31, "github", "EUR", "10")
	for name, c := range map[string]struct {
		through, daily, want string
	}{
		"an unfinished month with the same cost a day is not a fall": {"2026-04-10", march + dailyLines("2026-04", 1, 10, "github", "EUR", "10"), ""},
		"an unfinished month is compared day by day": {"2026-04-10", march + dailyLines("2026-04", 1, 10, "github", "EUR", "5"),
			"channel_fell: the channel github fell from 100.00 to 50.00 EUR (2026-04 compared with 2026-03, the first 10 days of each)\n  pidledger compare channels github --month 2026-04 --currency EUR --config p.yaml\n"},
		"just above half is not a fall": {"2026-04-10", march + dailyLines("2026-04", 1, 10, "github", "EUR", "5.1"), ""},
		"a whole month is compared with a whole month, also a longer one": {"2026-04-30", march + dailyLines("2026-04", 1, 30, "github", "EUR", "5"),
			"channel_fell: the channel github fell from 310.00 to 150.00 EUR (2026-04 compared with 2026-03)\n  pidledger compare channels github --month 2026-04 --currency EUR --config p.yaml\n"},
		"the first days of a month say nothing; the months before them do": {"2026-04-06", dailyLines("2026-02", 1, 28, "my channel", "EUR", "10") + dailyLines("2026-04", 1, 6, "github", "EUR", "0"),
			"channel_fell: the channel my channel fell from 280.00 to 0.00 EUR (2026-03 compared with 2026-02)\n  pidledger compare channels 'my channel' --month 2026-03 --currency EUR --config p.yaml\n"},
		"a channel that was next to nothing is not worth a look": {"2026-04-30", march + dailyLines("2026-04", 1, 30, "github", "EUR", "10") + dailyLines("2026-03", 1, 1, "direct", "EUR", "3"), ""},
		"currencies stand apart": {"2026-04-30", march + dailyLines("2026-04", 1, 30, "github", "USD", "10"),
			"channel_fell: the channel github fell from 310.00 to 0.00 EUR (2026-04 compared with 2026-03)\n  pidledger compare channels github --month 2026-04 --currency EUR --config p.yaml\n" +
				"channel_rose: the channel github rose from 0.00 to 300.00 USD (2026-04 compared with 2026-03)\n  pidledger compare channels github --month 2026-04 --currency USD --config p.yaml\n"},
		"twice as much in as many days is a rise": {"2026-04-10", march + dailyLines("2026-04", 1, 10, "github", "EUR", "20"),
			"channel_rose: the channel github rose from 100.00 to 200.00 EUR (2026-04 compared with 2026-03, the first 10 days of each)\n  pidledger compare channels github --month 2026-04 --currency EUR --config p.yaml\n"},
		"just below twice is not a rise":                            {"2026-04-10", march + dailyLines("2026-04", 1, 10, "github", "EUR", "19.9"), ""},
		"a channel that is next to nothing now is not worth a look": {"2026-04-30", march + dailyLines("2026-04", 1, 30, "github", "EUR", "10") + dailyLines("2026-04", 1, 1, "direct", "EUR", "3"), ""},
		"exactly one part of a hundred is": {"2026-04-30", march + dailyLines("2026-04", 1, 30, "github", "EUR", "9.9") + dailyLines("2026-04", 1, 1, "direct", "EUR", "3"),
			"channel_rose: the channel direct rose from 0.00 to 3.00 EUR (2026-04 compared with 2026-03)\n  pidledger compare channels direct --month 2026-04 --currency EUR --config p.yaml\n"},
		"those that moved by more come first; credits below zero are not a rise": {"2026-04-30", dailyLines("2026-03", 1, 1, "a", "EUR", "10") + dailyLines("2026-03", 1, 1, "b", "EUR", "20") +
			dailyLines("2026-03", 1, 1, "c", "EUR", "-20") + dailyLines("2026-04", 1, 1, "c", "EUR", "-1") + dailyLines("2026-04", 1, 1, "--flag", "EUR", "1"),
			"channel_fell: the channel b fell from 20.00 to 0.00 EUR (2026-04 compared with 2026-03)\n  pidledger compare channels b --month 2026-04 --currency EUR --config p.yaml\n" +
				"channel_fell: the channel a fell from 10.00 to 0.00 EUR (2026-04 compared with 2026-03)\n  pidledger compare channels a --month 2026-04 --currency EUR --config p.yaml\n" +
				"channel_rose: the channel --flag rose from 0.00 to 1.00 EUR (2026-04 compared with 2026-03)\n  \n"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := changesOf(t, c.through, map[string]string{"daily": c.daily, "coverage": both}, changes.Watch{AlertShare: 1}); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestCustomersThatCameAndWent(t *testing.T) {
	line := func(month, tenant, subscription, name, first string) string {
		return fmt.Sprintf("%s|1|Offer|github|%s|%s|EUR|%s|1|1|\\N|1|%s\n", month, tenant, subscription, name, first)
	}
	tables := map[string]string{
		"coverage": coverageLines("2026-03 EUR attributed 1", "2026-04 EUR attributed 1"),
		"customers": line("2026-03", "t-stays", "s1", "Stays", "2026-03-01") + line("2026-04", "\\N", "s1", "\\N", "2026-04-01") + // its tenant is told once
			line("2026-03", "t-gone", "s2", "Gone's", "2026-03-10") +
			line("2026-03", "t-late", "s3", "Late", "2026-03-11") + // came later in the month than this month has days
			line("2026-04", "\\N", "s4", "\\N", "2026-04-05") + line("2026-04", "\\N", "s4", "\\N", "2026-04-03") +
			line("2026-03", "t-secret", "s5", "Secret", "2026-03-01") + line("2026-04", "t-hidden", "s6", "Hidden", "2026-04-01") +
			line("2026-03", "\\N", "s7", "Partly hidden", "2026-03-01"),
	}
	got := changesOf(t, "2026-04-10", tables, changes.Watch{AlertShare: 1, Hidden: []string{"t-secret", "s6", "/subscriptions/s7/resourcegroups/rg"}})
	want := `customer_gone: the customer Gone's (t-gone) is gone: usage in 2026-03, none in 2026-04
  pidledger query customer --param customer=t-gone --config p.yaml
customer_new: the customer s4 is new: first usage on 2026-04-03
  pidledger query customer --param customer=s4 --config p.yaml
`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	tables["coverage"] = coverageLines("2026-04 EUR attributed 1")
	if got := changesOf(t, "2026-04-30", tables, changes.Watch{}); got != "" {
		t.Errorf("with nothing to compare with: %s", got)
	}
}

func TestShareThatMoved(t *testing.T) {
	tables := map[string]string{"coverage": coverageLines("2026-03 EUR attributed 50", "2026-03 EUR unattributed 50", "2026-03 EUR not_usage 999",
		"2026-04 EUR attributed 60", "2026-04 EUR unattributed 40", "2026-04 USD attributed 1")}
	if got := changesOf(t, "2026-04-30", tables, changes.Watch{AlertShare: 0.1}); got != "" {
		t.Errorf("ten points are not more than ten: %s", got)
	}
	want := "attributed_share: the attributed share of EUR went from 50.0 % in 2026-03 to 60.0 % in 2026-04\n  pidledger query coverage_share --config p.yaml\n"
	if got := changesOf(t, "2026-04-30", tables, changes.Watch{AlertShare: 0.0999}); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// README.md has the kinds and the thresholds as they are.
func TestChangesAreDocumented(t *testing.T) {
	var b strings.Builder
	b.WriteString("| `kind` | on the page | worth a look when |\n|---|---|---|\n")
	for _, k := range changes.Kinds() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", k.Name, k.Label, k.Meaning)
	}
	b.WriteString("\n| threshold | value | meaning |\n|---|---|---|\n")
	for _, r := range queries.Records("change_thresholds.csv") {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", r[0], r[1], r[2])
	}
	generated.Part(t, "../README.md", "<!-- changes: go test ./report/changes -update -->\n", "\n## Compare\n", b.String(), *reporttest.Update)
}

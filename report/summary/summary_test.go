package summary_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/pidledger/pidledger/report"
	"github.com/pidledger/pidledger/report/changes"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/reporttest"
	"github.com/pidledger/pidledger/report/spec"
	"github.com/pidledger/pidledger/report/summary"
	"github.com/pidledger/pidledger/report/targets"
)

// published gives the summary of a world as a command would complete it.
func summaryOf(t *testing.T, tables map[string]string, change func(*summary.Summary), c summary.Commands) *summary.Summary {
	t.Helper()
	return summaryThrough(t, "2026-04-30", tables, change, c)
}

// summaryThrough is summaryOf with usage that reaches to a day.
func summaryThrough(t *testing.T, through string, tables map[string]string, change func(*summary.Summary), c summary.Commands) *summary.Summary {
	t.Helper()
	pub, err := report.Publish(t.Context(), &reporttest.Engine{Folder: t.TempDir(), Tables: tables}, report.Options{
		Dir: filepath.Join(t.TempDir(), "reports"), Formats: []string{spec.CSV, spec.Parquet, spec.JSON}, Detail: []string{spec.Parquet, spec.CSV},
		Run: spec.Run{ID: "run-1", Started: time.Date(2026, 5, 1, 2, 0, 0, 0, time.UTC), Version: "1.2.3", DataThrough: through}, Watch: changes.Watch{AlertShare: 0.04}, Snapshots: report.Snapshots{Folder: t.TempDir()},
	})
	if err != nil {
		t.Fatal(err)
	}
	s := pub.Summary
	s.Reports.Dir = "/srv/pidledger/reports" // the test's own folder has a new name every time
	s.Reports.Bytes = 123456
	if change != nil {
		change(s)
	}
	s.Advise(c)
	s.Finish(83500 * time.Millisecond)
	return s
}

func TestSummaryText(t *testing.T) {
	full := func(s *summary.Summary) {
		s.Inputs = &summary.Inputs{
			Files: []summary.Count{{"loaded", 12}, {"unchanged", 1340}, {"waiting", 1}, {"failed", 2}, {"unknown", 1}}, Rows: 1234567, Rejected: 3,
			Problems: []summary.Problem{
				{"exports/ea/broken.csv.gz", "failed", "unexpected end of the gzip stream"},
				{"exports/notes\x1b[2J.txt", "unknown", "no known format"},
			},
			Rejects: []summary.Reject{
				{Path: "exports/a.csv", Record: 17, Line: 19, Column: "Quantity", Value: "1,5", Reason: `quantity "1,5" is not a decimal number`, FileRows: 2},
				{Path: "exports/b.parquet", Record: 4, Reason: "no date", FileRows: 1},
			},
		}
		s.NewIDs = []string{"44444444-2222-4333-8444-555555555555"}
		s.Notes = []string{"exports/old: nothing new for 12 days"}
	}
	for name, c := range map[string]struct {
		tables map[string]string
		change func(*summary.Summary)
		cmd    summary.Commands
		color  bool
	}{
		"full":    {reporttest.World(), full, summary.Commands{Registry: "/srv/pidledger/registry.csv", Flags: func(string) string { return "--config /srv/pidledger/pidledger.yaml" }}, false},
		"color":   {reporttest.World(), full, summary.Commands{Registry: "registry.csv"}, true},
		"report":  {reporttest.World(), nil, summary.Commands{Registry: "registry.csv"}, false},
		"nothing": {nil, func(s *summary.Summary) { s.Inputs = &summary.Inputs{}; s.DataThrough = "" }, summary.Commands{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := summaryOf(t, c.tables, c.change, c.cmd)
			for form, details := range map[string]bool{"summary": true, "short": false} {
				var b bytes.Buffer
				if err := s.WriteText(&b, c.color, details); err != nil {
					t.Fatal(err)
				}
				reporttest.Golden(t, form+"-"+name+".txt", b.Bytes())
				if c.color {
					continue
				}
				if strings.Contains(b.String(), "\x1b") {
					t.Error("the text holds an escape sequence")
				}
				checkLines(t, b.String(), details)
			}
		})
	}
}

// checkLines fails on lines that a terminal of 80 columns would break, but for commands and paths, and on a short text that does not fit one.
func checkLines(t *testing.T, text string, details bool) {
	t.Helper()
	rows := 0
	for line := range strings.Lines(text) {
		n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n"))
		rows += max(1, (n+human.Width-1)/human.Width)
		if n > human.Width && !strings.Contains(line, "/") && !strings.HasPrefix(strings.TrimSpace(line), "pidledger ") {
			t.Errorf("%d signs in the line %q", n, line)
		}
	}
	if rows > summary.Lines && !details {
		t.Errorf("%d lines:\n%s", rows, text)
	}
}

// Where notes and a long command need the room, the text is no longer: currencies are counted, and that nothing changed is not said.
func TestSummaryIsNeverLonger(t *testing.T) {
	s := summaryOf(t, reporttest.World(), func(s *summary.Summary) { s.LastRun = "run-0" }, summary.Commands{Registry: "registry.csv", Flags: func(string) string { return "--config /srv/partners/contoso/pidledger.yaml" }})
	for _, currency := range []string{"CHF", "GBP", "SEK", "NOK"} {
		more := s.Short[0]
		more.Currency = currency
		s.Short = append(s.Short, more)
	}
	s.Targets.Totals = []targets.Total{{Month: s.Short[0].Month, Currency: "EUR", Amount: "14085.83"}}
	s.Notes = []string{strings.Repeat("a note that takes three lines of the terminal, ", 4)}
	var b bytes.Buffer
	if err := s.WriteText(&b, false, false); err != nil {
		t.Fatal(err)
	}
	checkLines(t, b.String(), false)
	for _, want := range []string{"  EUR", "more\n", "a note that", "an indication."} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the summary does not say %q:\n%s", want, b.String())
		}
	}
}

// One currency is told in sentences; a month in progress beside as many days of the month before.
func TestSummaryOfOneCurrency(t *testing.T) {
	tables := reporttest.World()
	for name, rows := range tables {
		var kept []string
		for line := range strings.Lines(rows) {
			if !strings.Contains(line, "|USD|") {
				kept = append(kept, line)
			}
		}
		tables[name] = strings.Join(kept, "")
	}
	s := summaryOf(t, tables, func(s *summary.Summary) {
		s.LastRun = "run-0"
		s.Restated = []summary.Restated{
			{Month: "2026-04", Currency: "EUR", Status: "attributed", Cause: "usage", Old: "1000", New: "1646", Difference: "646"},
			{Month: "2026-04", Currency: "EUR", Status: "unregistered", Cause: "usage", Old: "1", New: "2", Difference: "1"},
		}
	}, summary.Commands{Registry: "registry.csv"})
	var b bytes.Buffer
	if err := s.WriteText(&b, false, false); err != nil {
		t.Fatal(err)
	}
	reporttest.Golden(t, "short-currency.txt", b.Bytes())
	checkLines(t, b.String(), false)
	s.Unchanged = true
	b.Reset()
	if err := s.WriteText(&b, false, false); err != nil || !strings.HasPrefix(b.String(), "Nothing is new: the reports of run run-0 stand.\n") {
		t.Errorf("%v %s", err, b.String())
	}
}

func TestSummaryJSON(t *testing.T) {
	s := summaryOf(t, reporttest.World(), nil, summary.Commands{Registry: "registry.csv"})
	var b bytes.Buffer
	if err := s.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	reporttest.Golden(t, "summary.json.txt", b.Bytes())
	var back summary.Summary
	if err := json.Unmarshal(b.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(*s, back); diff != "" {
		t.Errorf("read back (-written +read):\n%s", diff)
	}
	empty := summaryOf(t, nil, nil, summary.Commands{})
	b.Reset()
	if err := empty.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "null") {
		t.Errorf("a list is null:\n%s", b.String())
	}
}

// A month in progress is no answer yet: it is told beside as many days of the month before.
func TestSummaryOfAMonthInProgress(t *testing.T) {
	tables := reporttest.World()
	tables["daily"] = ""
	for _, day := range []string{"2026-03-01|10", "2026-03-09|5", "2026-03-10|1000", "2026-04-01|20", "2026-04-09|10"} {
		date, cost, _ := strings.Cut(day, "|")
		tables["daily"] += date + "|1|Offer|base|github|id|EUR|" + cost + "|" + cost + "|\\N|1|1\n"
	}
	s := summaryThrough(t, "2026-04-09", tables, nil, summary.Commands{})
	eur := s.Short[0]
	if eur.Month != "2026-03" || eur.Before != "" && eur.Before != "2026-02" || *eur.SoFar != (summary.SoFar{Month: "2026-04", Days: 9, Cost: "30", Growth: "1"}) {
		t.Errorf("%+v %+v", eur, eur.SoFar)
	}
	var b bytes.Buffer
	if err := s.WriteText(&b, false, false); err != nil {
		t.Fatal(err)
	}
	if want := "2026-04 so far, 9 days, and growth since as many days of 2026-03: 30.00 EUR (+100.0 %)"; !strings.Contains(strings.Join(strings.Fields(b.String()), " "), want) {
		t.Errorf("no %q in\n%s", want, b.String())
	}
}

// The statuses and the sums of the summary are those of coverage.
func TestSummaryAddsUp(t *testing.T) {
	s := summaryOf(t, reporttest.World(), nil, summary.Commands{})
	if len(s.Money) != 2 || s.Money[0].Currency != "EUR" || s.LatestMonth != "2026-04" {
		t.Fatalf("%+v", s)
	}
	eur := s.Money[0]
	if got := eur.Total.All; got != (summary.Figure{EffectiveCost: "9973.145", BilledCost: "10873.145", UsageRows: 65}) {
		t.Errorf("total %+v", got)
	}
	if got := eur.Usage.All; got != (summary.Figure{EffectiveCost: "9973.145", BilledCost: "9973.145", Share: "1.000000", UsageRows: 64}) {
		t.Errorf("usage %+v", got)
	}
	if got := eur.Statuses[0]; got.Name != "attributed" || got.Latest.EffectiveCost != "1646" || got.All.EffectiveCost != "1746.5" || got.All.Share != "0.175120" {
		t.Errorf("attributed %+v", got)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestSummaryReportsWriteErrors(t *testing.T) {
	s := summaryOf(t, reporttest.World(), nil, summary.Commands{})
	if err := s.WriteText(brokenWriter{}, false, false); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("error %v", err)
	}
}

// Deployments whose subscription nothing tells come before the advice to deliver evidence, which is there.
func TestAdviseUnplaced(t *testing.T) {
	s := summary.Summary{Inputs: &summary.Inputs{Unplaced: []string{"exports/azps/a.json", "exports/azps/b.json"}}}
	s.Advise(summary.Commands{})
	if len(s.Next) == 0 || s.Next[0].Why != "2 files of deployments name no subscription (exports/azps/a.json, exports/azps/b.json)" || !strings.Contains(s.Next[0].Do, "`subscription: GUID`") {
		t.Errorf("next: %+v", s.Next)
	}
}

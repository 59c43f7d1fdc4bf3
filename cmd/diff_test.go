package cmd

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pidledger/pidledger/cmd/exit"
)

// diff says what two runs report differently, down to the ids, and why.
func TestDiff(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("many runs take a while")
	}
	e := newEstate(t, t.TempDir())
	fails := func(message string, args ...string) {
		t.Helper()
		if code, _, errs := e.pidledger(args...); code != exit.Usage || !strings.Contains(errs, message) {
			t.Errorf("%v: exit code %d, %s", args, code, errs)
		}
	}
	runs := func() (ids []string) {
		entries, err := os.ReadDir(filepath.Join(e.dir, "ledger", "snapshots"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range entries {
			ids = append(ids, f.Name())
		}
		return ids
	}
	fails("there are no reports\nTry: pidledger run", "diff")
	e.deploy(edgeMarket, subOne, "a", time.Date(2026, 4, 1, 10, 0, 0, 0, time.UTC))
	e.deploy(edgeGitHub, subTwo, "b", time.Date(2026, 4, 1, 11, 0, 0, 0, time.UTC))
	e.charge("april.csv", usage{subOne, "a", "2026-04-02", "1010", "EUR"}, usage{subTwo, "b", "2026-04-02", "70", "EUR"}, usage{subTwo, "late", "2026-04-03", "5", "USD"})
	e.must("run", "--quiet")
	first := runs()[0]
	fails("the snapshot of run "+first+" is the only one that is kept: there is nothing to compare it with\nTry: run again when there is something new", "diff")

	e.register(edgeMarket+",1234567,Edge,base,marketplace,,,", edgeGitHub+",1234567,Edge,base,github,,,")
	e.charge("may.csv", usage{subOne, "a", "2026-05-02", "20", "EUR"})
	e.must("run", "--quiet")
	second := runs()[1]
	// The id moves to another offer: nothing of the month is restated, and the lines differ.
	e.register(edgeMarket+",1234567,Edge Pro,base,marketplace,,,", edgeGitHub+",1234567,Edge,base,github,,,")
	e.must("run", "--quiet")
	third := runs()[2]

	want := "What changed in effective cost\n" +
		"  from  run " + first + "  usage through 2026-04-03\n" +
		"  to    run " + second + "  usage through 2026-05-02\n" + `
2026-04 EUR
                  was     is  difference  why
  Edge, github   0.00  70.00      +70.00  registry
    3a8b4d2f-63c8-4e19-af25-b2c3d4e5f602
  unregistered  70.00   0.00      -70.00  registry

2026-05 EUR
                      was     is  difference  why
  Edge, marketplace  0.00  20.00      +20.00  usage
    2f6a7c1e-52b7-4d08-9e14-a1b2c3d4e501
`
	for _, args := range [][]string{{first, second}, {second, first}} { // the earlier one comes first
		if got := e.must(append([]string{"diff"}, args...)...); got != want {
			t.Errorf("diff %v:\n%s\nwant\n%s", args, got, want)
		}
	}
	got := e.must("diff")
	if !strings.Contains(got, "from  run "+second) || !strings.Contains(got, `
2026-04 EUR
                              was        is  difference  why
  Edge, marketplace      1,010.00      0.00   -1,010.00  registry
    2f6a7c1e-52b7-4d08-9e14-a1b2c3d4e501
  Edge Pro, marketplace      0.00  1,010.00   +1,010.00  registry
    2f6a7c1e-52b7-4d08-9e14-a1b2c3d4e501
`) {
		t.Errorf("diff of the last two:\n%s", got)
	}
	if got := e.must("diff", first); !strings.Contains(got, "from  run "+first) || !strings.Contains(got, "to    run "+third) {
		t.Errorf("diff to the newest:\n%s", got)
	}
	for line := range strings.Lines(got) {
		if len(line) > 81 {
			t.Errorf("wider than 80 columns: %s", line)
		}
	}
	var lines []map[string]any
	answer := e.must("diff", first, second, "--json")
	checkForm(t, "diff", steady(answer, nil))
	if err := json.Unmarshal([]byte(answer), &lines); err != nil || len(lines) != 3 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	if l := lines[0]; l["month"] != "2026-04" || l["channel"] != "github" || l["difference"] != "70" || l["cause"] != "registry" || l["new_run"] != second {
		t.Errorf("%v", l)
	}
	csv := "month,currency,status,offer,channel,tracking_id,cause,old_effective_cost,new_effective_cost,difference,old_billed_cost,new_billed_cost,old_usage_rows,new_usage_rows,old_run,new_run\n" +
		"2026-04,EUR,attributed,Edge,github," + edgeGitHub + ",registry,0,70,70,0,70,0,1," + first + "," + second + "\n"
	if got := e.must("diff", first, second, "--format", "csv"); !strings.HasPrefix(got, csv) {
		t.Errorf("csv:\n%s", got)
	}
	fails(`no snapshot of a run "2031" is kept`+"\nTry: one of "+first+", "+second+", "+third+"; report.snapshots says how many are kept", "diff", "2031")
	fails(`kept runs begin with "20"`+"\nTry: write more of it: "+first, "diff", "20")
	fails("is compared with itself\nTry: name another run", "diff", third)
	fails("several formats are named: csv, json", "diff", "--format", "csv", "--json")

	// A run that publishes and changes nothing.
	e.must("run", "--quiet", "--rebuild")
	if got := e.must("diff"); !strings.HasSuffix(got, "\n\nNothing differs.\n") {
		t.Errorf("a run without a change:\n%s", got)
	}
	fails(`no snapshot of a run "`+first+`" is kept`, "diff", first) // three are kept
}

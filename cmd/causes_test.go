package cmd

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// What a reported month was and is, and why, is told whatever moved it (SPEC 6).
func TestCausesOfRestatements(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("many runs take a while")
	}
	first := t.TempDir() // the first night, which every case begins with
	var deployed []string
	{
		e := newEstate(t, first)
		e.deploy(edgeMarket, subOne, "a", time.Date(2026, 4, 1, 10, 0, 0, 0, time.UTC))
		e.deploy(edgeGitHub, subTwo, "b", time.Date(2026, 4, 1, 11, 0, 0, 0, time.UTC))
		e.charge("april.csv", usage{subOne, "a", "2026-04-02", "10", "EUR"}, usage{subTwo, "b", "2026-04-02", "70", "EUR"}, usage{subTwo, "late", "2026-04-03", "5", "USD"})
		e.charge("may.csv", usage{subOne, "a", "2026-05-02", "20", "EUR"}, usage{subTwo, "b", "2026-05-02", "80", "EUR"})
		out := e.must("run", "--quiet", "--details")
		if got := e.lines("restatements", "month"); len(got) > 0 || strings.Contains(out, "Since the last run") {
			t.Fatalf("the first run restates %v\n%s", got, out)
		}
		deployed = e.deployed
	}
	begin := func(t *testing.T) *estate {
		t.Parallel()
		e := &estate{t: t, dir: filepath.Join(t.TempDir(), "w"), deployed: slices.Clone(deployed)}
		copyTree(t, first, e.dir)
		return e
	}
	changes := func(t *testing.T, e *estate, want ...string) string {
		t.Helper()
		out := e.must("run", "--quiet", "--details")
		got := e.lines("restatements", "month", "currency", "status", "cause", "old_effective_cost", "new_effective_cost", "difference", "old_usage_rows", "new_usage_rows")
		if !slices.Equal(got, want) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if again := e.must("run", "--quiet", "--rebuild", "--details"); strings.Contains(again, "Since the last run") || len(e.lines("restatements", "month")) != len(want) {
			t.Errorf("a run without a change restates\n%s", again)
		}
		return out
	}
	both := []string{edgeMarket + ",1234567,Edge,base,marketplace,,,", edgeGitHub + ",1234567,Edge,base,github,,,"}
	registered := func(cause string) []string {
		return []string{
			"2026-04 EUR attributed " + cause + " 10 80 70 1 2", "2026-04 EUR unregistered " + cause + " 70 0 -70 1 0",
			"2026-05 EUR attributed " + cause + " 20 100 80 1 2", "2026-05 EUR unregistered " + cause + " 80 0 -80 1 0",
		}
	}
	t.Run("registry", func(t *testing.T) {
		e := begin(t)
		e.register(both...)
		out := changes(t, e, registered("registry")...)
		for _, line := range []string{
			"Since the last run (effective cost)\n",
			"  month         status          was      is  difference  why\n",
			"  2026-04  EUR  attributed    10.00   80.00      +70.00  registry\n",
			"  2026-05  EUR  unregistered  80.00    0.00      -80.00  registry\n",
		} {
			if !strings.Contains(out, line) {
				t.Errorf("no %q in\n%s", line, out)
			}
		}
	})
	t.Run("names in the registry move nothing", func(t *testing.T) {
		e := begin(t)
		e.register(edgeMarket + ",7654321,Edge Pro,plus,direct,,,")
		changes(t, e)
	})
	t.Run("evidence", func(t *testing.T) {
		e := begin(t)
		e.deploy(edgeMarket, subTwo, "late", time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC))
		changes(t, e, "2026-04 USD attributed evidence 0 5 5 0 1", "2026-04 USD unattributed evidence 5 0 -5 1 0")
	})
	t.Run("settings", func(t *testing.T) {
		e := begin(t)
		e.put("pidledger.yaml", "ledger: ledger\nregistry: registry.csv\nattribution: {system_ids: ["+edgeGitHub+"]}\nsources:\n  - path: exports\nreport: {dir: reports, formats: [csv]}\n")
		changes(t, e, "2026-04 EUR system settings 0 70 70 0 1", "2026-04 EUR unregistered settings 70 0 -70 1 0",
			"2026-05 EUR system settings 0 80 80 0 1", "2026-05 EUR unregistered settings 80 0 -80 1 0")
	})
	t.Run("a report on trial leaves no trace", func(t *testing.T) {
		e := begin(t)
		e.put("pidledger.yaml", "ledger: ledger\nregistry: registry.csv\nattribution: {system_ids: ["+edgeGitHub+"]}\nsources:\n  - path: exports\nreport: {dir: trial, formats: [csv]}\n")
		e.must("report", "--quiet")
		e.put("pidledger.yaml", "ledger: ledger\nregistry: registry.csv\nsources:\n  - path: exports\nreport: {dir: reports, formats: [csv]}\n")
		changes(t, e)
	})
	t.Run("exclusions", func(t *testing.T) {
		e := begin(t)
		e.put("exclusions.csv", "scope,reason,since\n"+subOne+",asked,2026-05-01\n")
		changes(t, e, "2026-05 EUR attributed exclusions 20 0 -20 1 0", "2026-05 EUR excluded exclusions 0 20 20 0 1")
	})
	t.Run("an exclusion beside the registry", func(t *testing.T) {
		e := begin(t)
		e.put("exclusions.csv", "scope,reason,since\n"+subOne+",asked,2026-05-01\n")
		e.register(both...)
		changes(t, e, "2026-04 EUR attributed registry 10 80 70 1 2", "2026-04 EUR unregistered registry 70 0 -70 1 0",
			"2026-05 EUR attributed exclusions 20 80 60 1 1", "2026-05 EUR excluded exclusions 0 20 20 0 1", "2026-05 EUR unregistered exclusions 80 0 -80 1 0")
	})
	t.Run("usage that comes, and usage that is replaced", func(t *testing.T) {
		e := begin(t)
		e.charge("more.csv", usage{subOne, "other", "2026-04-20", "1", "EUR"})
		e.charge("may.csv", usage{subOne, "a", "2026-05-02", "21", "EUR"}, usage{subTwo, "b", "2026-05-02", "80", "EUR"})
		changes(t, e, "2026-04 EUR unattributed usage 0 1 1 0 1", "2026-05 EUR attributed usage 20 21 1 1 1")
	})
	t.Run("usage in one month, the registry in all", func(t *testing.T) {
		e := begin(t)
		e.register(both...)
		e.charge("more.csv", usage{subTwo, "b", "2026-05-20", "1", "EUR"})
		changes(t, e, append(registered("registry")[:2:2], "2026-05 EUR attributed usage 20 101 81 1 3", "2026-05 EUR unregistered usage 80 0 -80 1 0")...)
	})
	t.Run("the same usage again beside the registry", func(t *testing.T) {
		e := begin(t)
		e.register(both...)
		e.charge("may.csv", usage{subTwo, "b", "2026-05-02", "80", "EUR"}, usage{subOne, "a", "2026-05-02", "20", "EUR"})
		changes(t, e, registered("registry")...)
	})
	t.Run("usage that moves between resources", func(t *testing.T) {
		e := begin(t)
		e.charge("may.csv", usage{subOne, "a", "2026-05-02", "80", "EUR"}, usage{subTwo, "b", "2026-05-02", "20", "EUR"})
		changes(t, e, "2026-05 EUR attributed usage 20 80 60 1 1", "2026-05 EUR unregistered usage 80 20 -60 1 1")
	})
	t.Run("an id that was registered later", func(t *testing.T) {
		e := begin(t)
		e.register(edgeMarket + ",1234567,Edge,base,marketplace,,2026-04-15,")
		changes(t, e, "2026-04 EUR attributed registry 10 0 -10 1 0", "2026-04 EUR late registry 0 10 10 0 1",
			"2026-05 EUR attributed registry 20 0 -20 1 0", "2026-05 EUR late registry 0 20 20 0 1")
	})
	t.Run("evidence that is forgotten", func(t *testing.T) {
		e := begin(t)
		e.must("forget", "--file", "exports/deployments.json", "--yes")
		changes(t, e, "2026-04 EUR attributed evidence 10 0 -10 1 0", "2026-04 EUR unattributed evidence 0 80 80 0 2", "2026-04 EUR unregistered evidence 70 0 -70 1 0",
			"2026-05 EUR attributed evidence 20 0 -20 1 0", "2026-05 EUR unattributed evidence 0 100 100 0 2", "2026-05 EUR unregistered evidence 80 0 -80 1 0")
	})
	t.Run("usage that is forgotten", func(t *testing.T) {
		e := begin(t)
		e.must("forget", "--file", "exports/may.csv", "--yes")
		changes(t, e, "2026-05 EUR attributed usage 20 0 -20 1 0", "2026-05 EUR unregistered usage 80 0 -80 1 0")
	})
	t.Run("a month that goes", func(t *testing.T) {
		e := begin(t)
		e.charge("may.csv", usage{subOne, "a", "2026-06-02", "20", "EUR"})
		changes(t, e, "2026-05 EUR attributed usage 20 0 -20 1 0", "2026-05 EUR unregistered usage 80 0 -80 1 0")
	})
}

// Restatements that an older program kept were all of replaced usage.
func TestCauseOfKeptRestatements(t *testing.T) {
	t.Parallel()
	d := newDemoLedger(t)
	d.run()
	db, done := d.database(d.path())
	err := db.Exec(t.Context(), `insert into restatements (month_start, status, replaced_at, old_usage_rows, new_usage_rows, difference)
		values ('2025-01-01', 'attributed', '2025-02-03', 1, 2, 3)`)
	done()
	if err != nil {
		t.Fatal(err)
	}
	d.makeOlder()
	if err := errors.Join(os.Remove(filepath.Join(d.folder, "published.json")), os.RemoveAll(d.out)); err != nil {
		t.Fatal(err)
	}
	if got := d.run()["restatements.csv"]; strings.Count(got, "\n") != 2 || !strings.Contains(got, "\n2025-01,,attributed,2025-02-03T00:00:00Z,usage,,,,,1,2,3,,\n") {
		t.Errorf("restatements are\n%s", got)
	}
}

package cmd

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/report/explain"
	"github.com/pidledger/pidledger/report/spec"
	"github.com/pidledger/pidledger/testdata/faults"
)

// Nothing published names the customer who opted out of a subscription that changed hands, before or after the night that learns of it; and
// that night gives what a rebuild gives.
func TestTenantTransfer(t *testing.T) {
	t.Parallel()
	world, err := filepath.Abs(filepath.Join("..", "testdata", "cases", "tenant-transfer"))
	if err != nil {
		t.Fatal(err)
	}
	db, err := engine.Open(t.Context(), engine.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tally := faults.Count(t, "needles of who opted out")
	dir := t.TempDir()
	settings := fmt.Sprintf("ledger: ledger\nregistry: %s\nexclusions: %s\ncustomers: %s\nsources: [{path: exports}]\nreport: {dir: reports, formats: [%s], attributed_usage: [%s]}\n",
		filepath.Join(world, "registry.csv"), filepath.Join(world, "exclusions.csv"), filepath.Join(world, "customers.csv"),
		strings.Join(spec.Formats, ", "), strings.Join(spec.DetailFormats, ", "))
	if err := os.WriteFile(filepath.Join(dir, config.Name), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	night := func(args []string, files ...string) string {
		t.Helper()
		if err := os.MkdirAll(filepath.Join(dir, "exports"), 0o700); err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			data, err := os.ReadFile(filepath.Join(world, "exports", f))
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, "exports", f), data, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		var out bytes.Buffer
		for _, args := range [][]string{args, {"status"}} {
			if code := Main(append(args, "--config", filepath.Join(dir, config.Name)), strings.NewReader(""), &out, &out); code != exit.Done {
				t.Fatalf("exit code %d\n%s", code, &out)
			}
		}
		files = nil
		see := func(where, text string) {
			files = append(files, where)
			tally.Try("a subscription that changed hands, file")
			for _, needle := range []string{"oldtown", "1a2b3c4d-aaaa-4aaa-8aaa-00000000000a", "vm-old", "/old-", "5-old-", "0f1e2d3c-4b5a-6978-8796-000000000005"} {
				if i := strings.Index(text, needle); i >= 0 {
					t.Errorf("%s: %q: ...%s...", where, needle, text[max(0, i-80):min(len(text), i+len(needle)+40)])
				}
			}
			if !t.Failed() {
				tally.Hold("a subscription that changed hands, file", "not found")
			}
		}
		see("standard output and error", strings.ToLower(out.String()))
		snapshot, err := filepath.EvalSymlinks(filepath.Join(dir, "reports", "snapshot"))
		if err != nil {
			t.Fatal(err)
		}
		for _, folder := range []string{filepath.Join(dir, "reports"), snapshot} {
			eachFile(t, folder, func(path string) { see(rel(dir, path), textOf(t, db, path)) })
		}
		if len(files) < 60 {
			t.Errorf("only %d files were looked through", len(files))
		}
		return readText(t, filepath.Join(dir, "reports", "coverage.csv")) + readText(t, filepath.Join(dir, "reports", "customers.csv")) +
			readText(t, filepath.Join(dir, "reports", "unattributed.csv"))
	}
	night([]string{"run"}, "deployments-before.json", "usage-before.csv")
	learned := night([]string{"run"}, "deployments-since.json", "usage-since.csv")
	if rebuilt := night([]string{"run", "--rebuild"}); learned != rebuilt {
		t.Errorf("the night gives\n%s\na rebuild\n%s", learned, rebuilt)
	}

	// What went back to the customer is not in the snapshot; what was theirs before can be explained since it is another's.
	snapshot := filepath.Join(dir, "reports", "snapshot")
	for _, table := range queries.SnapshotTables {
		if text := textOf(t, db, filepath.Join(snapshot, table+".parquet")); strings.Contains(text, "0f1e2d3c-4b5a-6978-8796-000000000003") {
			t.Errorf("%s names a subscription that is the customer's again", table)
		}
	}
	e := explainerOf(t, filepath.Join(dir, "reports"))
	for resource, want := range map[string]string{
		"vm-new-1":  "is yours: request cccccccc-0000-4000-8000-000000000002",
		"vm-kept-1": "is not yours",
	} {
		a, err := e.Explain(t.Context(), explain.Question{Text: resource})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(a.Conclusion, want) {
			t.Errorf("%s: %s", resource, a.Conclusion)
		}
		for _, s := range a.Resource.Spans {
			if s.From < "2026-03-04" {
				t.Errorf("%s: a span from %s", resource, s.From)
			}
		}
		if len(a.Resource.Lifetimes) > 0 && a.Resource.Lifetimes[0].Writes[0].Time < "2026-03-04" {
			t.Errorf("%s: a write at %s", resource, a.Resource.Lifetimes[0].Writes[0].Time)
		}
	}
}

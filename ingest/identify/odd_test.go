package identify_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/ingest/ingesttest"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/queries/engine"
)

// Files that are read although something is odd about them, and files that cannot be used and say what they seem to be: want.csv tells what
// becomes of each fixture of testdata/formats/odd. cost is what its rows add up to.
func TestOddFiles(t *testing.T) {
	folder := ingesttest.Testdata("formats", "odd")
	f, err := os.Open(filepath.Join(folder, "want.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	want, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	w := ingesttest.New(t)
	names := w.Fixtures("odd")
	r, err := w.Ingest()
	if err != nil {
		t.Fatal(err)
	}
	l := w.OpenWithUsage()
	defer l.Close()
	for _, c := range want[1:] {
		name, reason := c[0], c[6]
		at := slices.Index(names, name)
		if at < 0 {
			t.Errorf("%s: no such fixture", name)
			continue
		}
		names = slices.Delete(names, at, at+1)
		got := ingesttest.Status(t, r, name)
		if got.Status != c[1] || got.Format != c[2] || !strings.Contains(got.Reason, reason) {
			t.Errorf("%s: %s, %q (%s), expected %s, %q (%s)", name, got.Status, got.Format, got.Reason, c[1], c[2], reason)
		}
		if strings.Contains(got.Reason, "date column") {
			t.Errorf("%s: %s", name, got.Reason)
		}
		loaded := got.Loaded
		if got.Status == ledger.StatusFailed {
			loaded = got.Rows - got.Rejected
		}
		if text := fmt.Sprintf("%d %d", loaded, got.Rejected); text != c[3]+" "+c[4] {
			t.Errorf("%s: %s loaded and rejected, expected %s %s", name, text, c[3], c[4])
		}
		if !strings.HasPrefix(got.Format, "usage.") || got.Status != ledger.StatusLoaded {
			continue
		}
		cost, err := engine.AskText(t.Context(), l.DB, "select coalesce(rtrim(rtrim(cast(sum(effective_cost) as varchar), '0'), '.'), '') from temp.usage where blob_name = 'exports/"+name+"'")
		if err != nil {
			t.Fatal(err)
		}
		if cost != c[5] {
			t.Errorf("%s: cost %s, expected %s", name, cost, c[5])
		}
	}
	for _, name := range names {
		if name != "want.csv" {
			t.Errorf("want.csv does not tell what becomes of %s", name)
		}
	}
	for _, note := range []string{
		"exports/no_costs.csv: none of its 2 rows has a cost",
		"exports/focus_aws.csv: 2 of its 3 rows are usage of AWS, 2.75 USD;",
		"exports/focus_gcp.csv: 1 of its 1 rows is usage of Google Cloud, 3 USD;",
	} {
		if !slices.ContainsFunc(r.Notes, func(n string) bool { return strings.HasPrefix(n, note) }) {
			t.Errorf("no note %q in %q", note, r.Notes)
		}
	}
	for _, n := range r.Notes {
		if strings.Contains(n, "focus_aws.csv") && strings.Contains(n, "EUR") && !strings.Contains(n, "currencies") {
			t.Errorf("usage of Azure published by another provider is taken for that provider's: %s", n)
		}
	}
}

package ingest_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/ingest/discover"
	"github.com/pidledger/pidledger/ingest/ingesttest"
	"github.com/pidledger/pidledger/ingest/judge"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/queries/chain"
	"github.com/pidledger/pidledger/testdata/faults"
)

const goodDeployment = `{"value":[{"id":"/subscriptions/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0/resourceGroups/rg/providers/Microsoft.Resources/deployments/main","name":"main","properties":{"correlationId":"11111111-2222-3333-4444-555555555555","provisioningState":"Succeeded","timestamp":"2026-03-02T10:00:00Z","duration":"PT10S","outputResources":[]}}]}`

// Each damaged file costs itself only, and says where and what to do.
func TestDamagedFiles(t *testing.T) {
	tally := faults.Count(t, "hostile files")
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	fmt.Fprint(z, ingesttest.MOSPHeader, strings.Repeat(ingesttest.MOSPRow(1, "1", "USD"), 500))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name, file, content string
		status              string
		says                []string // parts of the reason
	}{
		{"truncated gzip", "usage.csv.gz", zipped.String()[:zipped.Len()/2], ledger.StatusFailed, []string{"gzip", "usage.csv.gz"}},
		{"half a JSON", "deployments.json", goodDeployment[:len(goodDeployment)-40], ledger.StatusFailed, []string{"line 1"}},
		{"half a usage JSON", "page.json", `{"value":[{"kind":"legacy","properties":{"date":"2026-03-01T00:00:00Z","cost":1,`, ledger.StatusFailed, []string{"line 1"}},
		{"unknown header", "odd.csv", "alpha,beta\n1,2\n", ledger.StatusUnknown, []string{"column"}},
		{"unknown JSON", "odd.json", `[{"alpha":1}]`, ledger.StatusUnknown, []string{"alpha"}},
		{"ends inside quotes", "usage.csv", ingesttest.MOSPHeader + ingesttest.MOSPRow(1, "1", "USD") + `"0f1e,rg`, ledger.StatusFailed, []string{"quote", "line 3"}},
		{"not a number", "usage.csv", ingesttest.MOSPHeader + ingesttest.MOSPRow(1, "1,5", "USD"), ledger.StatusFailed, []string{"1 of 1 rows", "record 1", "line 2"}},
		{"not a date", "usage.csv", ingesttest.MOSPHeader + strings.Replace(ingesttest.MOSPRow(1, "1", "USD"), "2026-03-01", "01.03.2026", 1), ledger.StatusFailed, []string{"UsageDateTime", "01.03.2026"}},
		{"no bytes", "usage.csv", "", ledger.StatusEmpty, nil},
		{"header only", "usage.csv", ingesttest.MOSPHeader, ledger.StatusEmpty, []string{"no rows"}},
		{"registry among the exports", "registry.csv", "tracking_id,mpn_id,offer,channel\nx,1,o,c\n", ledger.StatusIgnored, []string{"config"}},
		{"a picture", "logo.png", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00", ledger.StatusUnknown, nil},
		{"Parquet by its first bytes only", "part.parquet", "PAR1 and no more", ledger.StatusFailed, []string{"Parquet"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			tally.Watch(t, "damaged")
			w := ingesttest.New(t)
			w.Put(c.file, c.content)
			w.Put("good/deployments.json", goodDeployment)
			r, err := w.Ingest()
			if err != nil {
				t.Fatal(err)
			}
			got := ingesttest.Status(t, r, c.file)
			if got.Status != c.status {
				t.Errorf("status %s (%s), expected %s", got.Status, got.Reason, c.status)
			}
			for _, part := range c.says {
				if !strings.Contains(got.Reason, part) {
					t.Errorf("reason %q does not say %q", got.Reason, part)
				}
			}
			if good := ingesttest.Status(t, r, "good/deployments.json"); good.Status != ledger.StatusLoaded || good.Loaded != 1 {
				t.Errorf("the good file beside it: %+v", good)
			}
			if got.Loaded > 0 {
				t.Errorf("%d rows of the bad file are said to be loaded", got.Loaded)
			}
		})
	}
}

// A few rejects leave the rest; they are kept with their place.
func TestRejects(t *testing.T) {
	w := ingesttest.New(t)
	w.Run.MaxRejectRatio = 0.1
	w.Put("usage.csv", ingesttest.MOSPHeader+strings.Repeat(ingesttest.MOSPRow(1, "1", "USD"), 20)+ingesttest.MOSPRow(2, "abc", "USD"))
	r, err := w.Ingest()
	if err != nil {
		t.Fatal(err)
	}
	f := ingesttest.Status(t, r, "usage.csv")
	if f.Status != ledger.StatusLoaded || f.Rows != 21 || f.Loaded != 20 || f.Rejected != 1 || !r.Partial() {
		t.Errorf("%+v, partial %v", f, r.Partial())
	}
	if len(r.Rejects) != 1 || r.Rejects[0].Record != 21 || r.Rejects[0].Line != 22 || r.Rejects[0].Column != "PreTaxCost" || r.Rejects[0].Value != "abc" {
		t.Errorf("%+v", r.Rejects)
	}
}

func TestTwoCurrencies(t *testing.T) {
	w := ingesttest.New(t)
	w.Put("usage.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD")+ingesttest.MOSPRow(2, "2", "EUR"))
	r, err := w.Ingest()
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "EUR USD") || !strings.Contains(r.Notes[0], "exports/usage.csv") {
		t.Errorf("notes %q", r.Notes)
	}
}

func TestSourcesThatAreNotThere(t *testing.T) {
	for _, path := range []string{"missing", "empty", "*.nothing"} {
		w := ingesttest.New(t)
		if err := os.Mkdir(filepath.Join(w.Dir, "empty"), 0o755); err != nil {
			t.Fatal(err)
		}
		w.Run.Sources.List = []discover.Source{{Path: filepath.Join(w.Dir, path)}}
		_, err := w.Ingest()
		var se *discover.SourceError
		if !errors.As(err, &se) || !strings.Contains(err.Error(), path) || se.Try() == "" {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestBrokenRegistry(t *testing.T) {
	w := ingesttest.New(t)
	w.Put("deployments.json", goodDeployment)
	w.Run.Registry = filepath.Join(w.Dir, "registry.csv")
	text := "tracking_id,mpn_id,offer,channel\n0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0,1,o,github\npid-0F1E2D3C-4b5a-6978-8796-a5b4c3d2e1f0,1,o,marketplace\n"
	if err := os.WriteFile(w.Run.Registry, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := w.Ingest()
	var re *ingest.RegistryError
	if !errors.As(err, &re) {
		t.Fatalf("%v", err)
	}
	for _, part := range []string{"registry.csv", "line 3", "line 2"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}

// The winner that cannot be used leaves its predecessor in place, delivered before it or together with it.
func TestRunsThatFail(t *testing.T) {
	good := ingesttest.MOSPHeader + ingesttest.MOSPRow(1, "10", "USD")
	for name, bad := range map[string]struct {
		content, rows string
		check         bool
	}{
		"row count":    {ingesttest.MOSPHeader + ingesttest.MOSPRow(1, "20", "USD"), "2", true},
		"rejects":      {ingesttest.MOSPHeader + ingesttest.MOSPRow(1, "x", "USD"), "null", false},
		"wrong header": {"a,b\n1,2\n", "null", false},
	} {
		for _, together := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, together %v", name, together), func(t *testing.T) {
				w := ingesttest.New(t)
				w.PutRun(ingesttest.Run1, "2026-03-02T01:00:00.1234567Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-01T00:00:00Z", "1", good)
				if !together {
					if _, err := w.Ingest(); err != nil {
						t.Fatal(err)
					}
				}
				w.PutRun(ingesttest.Run2, "2026-03-03T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-02T00:00:00Z", bad.rows, bad.content)
				r, err := w.Ingest()
				var check *ledger.CheckError
				if errors.As(err, &check) != bad.check || (err != nil && !bad.check) {
					t.Errorf("error %v", err)
				}
				if f := ingesttest.Status(t, r, "cost/daily/20260301-20260331/"+ingesttest.Run2+"/part_0_0001.csv"); f.Status != ledger.StatusFailed {
					t.Errorf("%+v", f)
				}
				if got := w.Money(); got != "10.00" {
					t.Errorf("the ledger has %s", got)
				}
			})
		}
	}
}

func TestRuns(t *testing.T) {
	w := ingesttest.New(t)
	w.PutRun(ingesttest.Run1, "2026-03-20T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-19T00:00:00Z", "2", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD")+ingesttest.MOSPRow(10, "2", "USD"))
	if _, err := w.Ingest(); err != nil {
		t.Fatal(err)
	}
	// a newer run over some days replaces these days only
	w.PutRun(ingesttest.Run2, "2026-03-21T01:00:00Z", "Custom", "2026-03-09T00:00:00", "2026-03-11T00:00:00Z", "1", ingesttest.MOSPHeader+ingesttest.MOSPRow(10, "5", "USD"))
	if _, err := w.Ingest(); err != nil {
		t.Fatal(err)
	}
	if got := w.Money(); got != "6.00" {
		t.Errorf("after the custom run: %s", got)
	}
	// a newer whole run without rows leaves nothing
	w.PutRun("aaaaaaaa-0000-0000-0000-000000000003", "2026-04-02T01:00:00Z", "TheLastMonth", "2026-03-01T00:00:00", "2026-03-31T00:00:00Z", "0", ingesttest.MOSPHeader)
	if _, err := w.Ingest(); err != nil {
		t.Fatal(err)
	}
	if got := w.Money(); got != "" {
		t.Errorf("after the empty run: %s", got)
	}
	// a missing blob waits
	w.Put("cost/daily/20260401-20260430/"+ingesttest.Run1+"/manifest.json", strings.ReplaceAll(ingesttest.Manifest(ingesttest.Run1, "2026-04-05T01:00:00Z", "MonthToDate", "2026-04-01", "2026-04-04", "1", 10), "20260301-20260331", "20260401-20260430"))
	r, err := w.Ingest()
	if err != nil {
		t.Fatal(err)
	}
	if f := ingesttest.Status(t, r, "cost/daily/20260401-20260430/"+ingesttest.Run1+"/manifest.json"); f.Status != ledger.StatusWaiting || r.Partial() {
		t.Errorf("%+v, partial %v", f, r.Partial())
	}
}

// Two copies are one slice; a file that is replaced in place takes its old rows back.
func TestPlainFiles(t *testing.T) {
	w := ingesttest.New(t)
	w.Put("a.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD"))
	w.Put("b.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD"))
	r, err := w.Ingest()
	if err != nil {
		t.Fatal(err)
	}
	if f := ingesttest.Status(t, r, "b.csv"); f.Status != ledger.StatusDuplicate || w.Money() != "1.00" {
		t.Errorf("%+v, %s", f, w.Money())
	}
	w.Put("a.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD")+ingesttest.MOSPRow(2, "5", "USD"))
	if _, err := w.Ingest(); err != nil {
		t.Fatal(err)
	}
	if got := w.Money(); got != "7.00" { // b.csv still holds the old content
		t.Errorf("a replaced: %s", got)
	}
	w.Put("b.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(3, "100", "USD"))
	if _, err := w.Ingest(); err != nil {
		t.Fatal(err)
	}
	if got := w.Money(); got != "106.00" {
		t.Errorf("b replaced: %s", got)
	}
}

// Amounts that no export has cost the rows that hold them, wherever they stand and however they are written, in the currency of a row or in
// its quantity: alone, two in one file, and many that only together are more than a sum can hold.
func TestHugeAmounts(t *testing.T) {
	tally := faults.Count(t, "huge amounts")
	good := strings.Repeat(ingesttest.MOSPRow(1, "1", "USD"), 300)
	for _, c := range []struct {
		name, rows string
		rejected   int64
		says       string // in each reject
	}{
		{"two that fit alone", ingesttest.MOSPRow(2, "99999999999999999999", "USD") + ingesttest.MOSPRow(3, "99999999999999999999", "USD"), 2, "is beyond ±10^17"},
		{"two of 38 digits", ingesttest.MOSPRow(2, "9e37", "USD") + ingesttest.MOSPRow(3, "-1e38", "USD"), 2, "does not fit DECIMAL(38,18)"},
		{"more than a float", ingesttest.MOSPRow(2, "1e400", "USD") + ingesttest.MOSPRow(2, "-1e400", "EUR"), 2, "does not fit DECIMAL(38,18)"},
		{"the largest", ingesttest.MOSPRow(2, "-1e17", "USD") + ingesttest.MOSPRow(2, "1e17", "USD"), 0, ""},
		{"more than a sum holds", strings.Repeat(ingesttest.MOSPRow(2, "1e17", "USD"), 2000), 2000, "more than 10^18 in the column billed_cost"},
		{"weights that would start over", strings.Repeat(ingesttest.MOSPRow(2, "1e17", "USD"), 3403), 3403, "more than 10^18 in the column billed_cost"},
		{"that cancel", strings.Repeat(ingesttest.MOSPRow(2, "9e16", "USD")+ingesttest.MOSPRow(2, "-9e16", "USD"), 6), 12, "PreTaxCost"},
		{"quantities", strings.ReplaceAll(strings.Repeat(ingesttest.MOSPRow(2, "1", "USD"), 12), ",1,1,", ",90000000000000000.5,1,"), 12, "UsageQuantity"},
	} {
		for _, amongFew := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, among few %v", c.name, amongFew), func(t *testing.T) {
				tally.Watch(t, c.name)
				w := ingesttest.New(t)
				w.Run.MaxRejectRatio = 0.99
				if amongFew {
					w.Run.MaxRejectRatio = 1e-9
				}
				w.Put("a/usage.csv", ingesttest.MOSPHeader+good[:len(good)/2]+c.rows+good[len(good)/2:])
				w.Put("b/usage.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(9, "5", "EUR"))
				r, err := w.Ingest()
				if err != nil {
					t.Fatal(err)
				}
				got := ingesttest.Status(t, r, "a/usage.csv")
				want := ledger.StatusLoaded
				if amongFew && c.rejected > 0 {
					want = ledger.StatusFailed
				}
				if got.Status != want || got.Rejected != c.rejected || got.Rows != 300+int64(strings.Count(c.rows, "\n")) {
					t.Errorf("%+v", got)
				}
				for _, reject := range r.Rejects {
					if !strings.Contains(reject.Reason, c.says) || reject.Line < 152 {
						t.Errorf("%+v", reject)
					}
				}
				if money := w.Money(); want == ledger.StatusLoaded && money != "305.00" || want == ledger.StatusFailed && money != "5.00" {
					t.Errorf("the ledger holds %s", money)
				}
			})
		}
	}
}

// Sums over very many files can be too large, too: then the run says which files they are, and what was reported stays.
func TestHugeAmountsOfManyFiles(t *testing.T) {
	faults.Count(t, "huge amounts").Watch(t, "over very many files")
	w := ingesttest.New(t)
	for i := range 21 { // of 10 rows of 9e16: 1.9e19, which a sum holds
		w.Put(fmt.Sprintf("m%02d.csv", i), ingesttest.MOSPHeader+strings.Repeat(strings.Replace(ingesttest.MOSPRow(2, "9e16", "USD"), ",m1,", fmt.Sprintf(",m%d,", i), 1), 10))
	}
	attribute := func() error {
		l := w.OpenWithUsage()
		defer l.Close()
		_, err := ingesttest.JudgeOf(l).Attribute(t.Context(), chain.Attribution{Owner: "first", Credit: "primary", SharedCorrelation: "per_request", CostBasis: "auto", RunID: "run"}, true, true)
		return err
	}
	if r, err := w.Ingest(); err != nil || r.Partial() {
		t.Fatal(r, err)
	}
	if err := attribute(); err != nil {
		t.Fatal(err)
	}
	for i := range 200 {
		w.Put(fmt.Sprintf("n%03d.csv", i), ingesttest.MOSPHeader+strings.Repeat(strings.Replace(ingesttest.MOSPRow(2, "9e16", "USD"), ",m1,", fmt.Sprintf(",n%d,", i), 1), 10))
	}
	if r, err := w.Ingest(); err != nil || r.Partial() {
		t.Fatal(r, err)
	}
	err := attribute()
	var large *judge.TooLargeError
	if !errors.As(err, &large) || len(large.Files) != 221 || !strings.Contains(err.Error(), "exports/m00.csv, exports/m01.csv, exports/m02.csv and 218 more") || large.Try() == "" {
		t.Fatalf("%v", err)
	}
}

package ingest_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/ingest/forget"
	"github.com/pidledger/pidledger/ingest/ingesttest"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/queries/engine"
)

const (
	aheadMarch = "cost/daily/20260301-20260331/"
	aheadRun3  = "aaaaaaaa-0000-0000-0000-000000000003"
)

// deliverAhead delivers what a run treats in different ways: runs that replace each other, one that waits, one that fails, plain files with copies,
// rejects and notes, and evidence.
func deliverAhead(w *ingesttest.Workbench) {
	w.PutRun(ingesttest.Run1, "2026-03-20T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-31T00:00:00Z", "1", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD"))
	w.PutRun(ingesttest.Run2, "2026-03-21T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-31T00:00:00Z", "2",
		ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "2", "USD")+ingesttest.MOSPRow(2, "4", "EUR"))
	w.PutRun(aheadRun3, "2026-03-22T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-31T00:00:00Z", "7", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "8", "USD"))
	w.Put("cost/daily/20260401-20260430/"+ingesttest.Run1+"/part_0_0001.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "16", "USD"))
	var rows strings.Builder
	for range 100 {
		rows.WriteString(ingesttest.MOSPRow(3, "0.25", "USD"))
	}
	w.Put("plain.csv", ingesttest.MOSPHeader+rows.String()+ingesttest.MOSPRow(4, "n\xff\xfet a number", "USD"))
	w.Put("copy/plain.csv", ingesttest.MOSPHeader+rows.String()+ingesttest.MOSPRow(4, "n\xff\xfet a number", "USD"))
	w.Put("few.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(5, "32", "USD"))
	w.Put("none.csv", "")
	w.Deliver("deployments/fabrikam-lab-1/20260307-sub.json")
}

func readAhead(w *ingesttest.Workbench, patterns ...string) (_ *ingest.Ahead, err error) {
	w.T.Helper()
	l, err := ledger.Look(w.T.Context(), w.Opts)
	ingesttest.Must(w.T, err)
	defer func() { err = errors.Join(err, l.Close()) }()
	return ingest.ReadAhead(w.T.Context(), l, w.NightOptions(), patterns)
}

func mustReadAhead(w *ingesttest.Workbench, patterns ...string) *ingest.Ahead {
	w.T.Helper()
	a, err := readAhead(w, patterns...)
	ingesttest.Must(w.T, err)
	return a
}

// parquetBelow are the Parquet files below a folder of the ledger.
func parquetBelow(w *ingesttest.Workbench, folder string) (out []os.FileInfo) {
	w.T.Helper()
	files, err := filepath.Glob(filepath.Join(w.Opts.Folder, folder, "*", "*.parquet"))
	ingesttest.Must(w.T, err)
	for _, f := range files {
		info, err := os.Stat(f)
		ingesttest.Must(w.T, err)
		out = append(out, info)
	}
	return out
}

// told is what the ledger says of files and rejects, and the run of itself.
func told(w *ingesttest.Workbench, r *ingest.Result) map[string]any {
	w.T.Helper()
	l, err := ledger.Look(w.T.Context(), w.Opts)
	ingesttest.Must(w.T, err)
	defer l.Close()
	files, err := l.Files(w.T.Context())
	ingesttest.Must(w.T, err)
	rejects, err := engine.Ask[string](w.T.Context(), l.DB, "select cast(r as varchar) from (select * exclude (run_id) from rejects) r order by all")
	ingesttest.Must(w.T, err)
	contents, err := engine.Ask[string](w.T.Context(), l.DB, "select cast(c as varchar) from run_contents c order by all")
	ingesttest.Must(w.T, err)
	slices.Sort(r.Notes)
	return map[string]any{"files": files, "rejects": rejects, "run_contents": contents, "notes": r.Notes, "rows": r.Rows, "counts": r.Counts, "shown": r.Rejects, "listed": r.Files}
}

func compareNights(t *testing.T, when string, got *ingesttest.Workbench, gotResult *ingest.Result, want *ingesttest.Workbench, wantResult *ingest.Result) {
	t.Helper()
	ingesttest.CompareContent(t, when, got.Content(), want.Content())
	if diff := cmp.Diff(told(want, wantResult), told(got, gotResult)); diff != "" {
		t.Errorf("%s: %s", when, diff)
	}
}

// What several calls read ahead, of patterns that overlap, is taken by the run and not read again; the ledger is as after one run that reads all itself.
func TestReadAhead(t *testing.T) {
	plain := ingesttest.New(t)
	deliverAhead(plain)
	want, _ := plain.Ingest()

	w := ingesttest.New(t)
	deliverAhead(w)
	first := mustReadAhead(w, "exports/cost/daily/202603*")
	if diff := cmp.Diff(&ingest.Ahead{Runs: 1, Rows: 2, Bytes: first.Bytes, Failed: []ingest.AheadFailed{{
		Path:   "exports/" + aheadMarch + aheadRun3 + "/manifest.json",
		Reason: "check dataRowCount failed: export daily, run " + aheadRun3 + ": the manifest says 7 rows, its files hold 1; the run does not count",
	}}}, first); diff != "" {
		t.Error(diff)
	}
	second := mustReadAhead(w, "exports/cost", "exports/few.csv")
	if second.Runs != 0 || second.Files != 1 || second.Waiting != 1 || second.Rows != 1 || second.Before != 1 || len(second.Failed) != 1 {
		t.Errorf("%+v", second)
	}
	third := mustReadAhead(w, "exports/")
	if third.Runs != 0 || third.Files != 1 || third.Rows != 101 || third.Rejected != 1 || third.Before != 2 || third.Other != 1 {
		t.Errorf("%+v", third)
	}
	if _, err := os.Stat(filepath.Join(w.Opts.Folder, "ledger.duckdb")); err == nil {
		t.Error("reading ahead made a database")
	}
	ahead := parquetBelow(w, "ahead")
	got, _ := w.Ingest()
	in := parquetBelow(w, "usage")
	for _, a := range ahead {
		if !slices.ContainsFunc(in, func(f os.FileInfo) bool { return os.SameFile(a, f) }) {
			t.Errorf("%s was read again", a.Name())
		}
	}
	if len(ahead) != 3 || len(in) != 3 || len(parquetBelow(w, "ahead")) > 0 {
		t.Errorf("%d files ahead, %d in the ledger", len(ahead), len(in))
	}
	compareNights(t, "read ahead", w, got, plain, want)
}

// What was read of files, settings or with a program that have changed since, or was damaged, is not taken.
func TestReadAheadNotTaken(t *testing.T) {
	file := func(cost string) string { return ingesttest.MOSPHeader + ingesttest.MOSPRow(5, cost, "USD") }
	for name, change := range map[string]func(w *ingesttest.Workbench){
		"file":         func(w *ingesttest.Workbench) { w.Put("few.csv", file("64")) },
		"limit":        func(w *ingesttest.Workbench) { w.Run.MaxRejectRatio = 0.5 },
		"source":       func(w *ingesttest.Workbench) { w.Run.Sources.List[0].CostBasis = "amortized" },
		"version":      func(w *ingesttest.Workbench) { w.Run.Version = "next" },
		"damaged rows": func(w *ingesttest.Workbench) { flip(w, "*.parquet") },
		"damaged note": func(w *ingesttest.Workbench) { flip(w, "note") },
	} {
		w := ingesttest.New(t)
		w.Put("few.csv", file("32"))
		mustReadAhead(w, "exports/few.csv")
		ahead := parquetBelow(w, "ahead")
		change(w)
		r := w.Must()
		if said := strings.Contains(strings.Join(r.Notes, ""), "is damaged: it has other bytes than were written; its files are read again"); said != strings.HasPrefix(name, "damaged") {
			t.Error(name, r.Notes)
		}
		if in := parquetBelow(w, "usage"); len(in) != 1 || os.SameFile(ahead[0], in[0]) || len(parquetBelow(w, "ahead")) > 0 {
			t.Errorf("%s: it was taken, or kept", name)
		}
		if got := w.Money(); got != map[bool]string{true: "64.00", false: "32.00"}[name == "file"] {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// Of a customer who was forgotten nothing is read ahead, and nothing that was read ahead before stays.
func TestReadAheadForgotten(t *testing.T) {
	const customer, other = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f1"
	rows := ingesttest.MOSPHeader + ingesttest.MOSPRow(5, "32", "USD") + strings.ReplaceAll(ingesttest.MOSPRow(6, "64", "USD"), customer, other)
	w, plain := ingesttest.New(t), ingesttest.New(t)
	var results []*ingest.Result
	for _, x := range []*ingesttest.Workbench{w, plain} {
		x.Put("before.csv", rows)
		x.Must()
		x.Put("few.csv", strings.ReplaceAll(rows, ",rg,", ",other,"))
		if x == w {
			mustReadAhead(w, "*")
		}
		x.Forget(forget.What{Subscriptions: []string{customer}})
		if x == w {
			if n := len(parquetBelow(w, "ahead")); n > 0 {
				t.Errorf("%d files with rows of the customer stayed", n)
			}
			if a := mustReadAhead(w, "*"); a.Rows != 2 || a.Before != 1 {
				t.Errorf("%+v", a)
			}
		}
		results = append(results, x.Must())
	}
	compareNights(t, "forgotten", w, results[0], plain, results[1])
	if got := w.Money(); got != "128.00" {
		t.Error(got)
	}
}

// Nobody is told the name of a customer who opted out, also before a run has read the exclusions: not as an example, nor of a file that cannot be used.
func TestReadAheadOptOut(t *testing.T) {
	const customer = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
	w := ingesttest.New(t)
	w.Put("of-"+customer+"/cut.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(5, "no number", "USD"))
	var missing *ingest.NoMatchError
	for _, optedOut := range []bool{false, true} {
		if optedOut {
			w.Run.Exclusions = filepath.Join(t.TempDir(), "exclusions.csv")
			ingesttest.Must(t, os.WriteFile(w.Run.Exclusions, []byte("scope\n"+customer+"\n"), 0o600))
		}
		_, err := readAhead(w, "nothing")
		if !errors.As(err, &missing) || strings.Contains(missing.Try(), customer) == optedOut {
			t.Error(optedOut, err, missing.Try())
		}
		a := mustReadAhead(w, "*")
		if len(a.Failed) != 1 || strings.Contains(a.Failed[0].Path+a.Failed[0].Reason, customer) == optedOut {
			t.Errorf("%v: %+v", optedOut, a)
		}
		plan, err := w.TryDryRun()
		ingesttest.Must(t, err)
		if len(plan.Items) != 1 || strings.Contains(plan.Items[0].Path, customer) == optedOut {
			t.Errorf("%v: %+v", optedOut, plan)
		}
	}
}

// flip changes the last byte of a file that was read ahead.
func flip(w *ingesttest.Workbench, pattern string) {
	w.T.Helper()
	files, err := filepath.Glob(filepath.Join(w.Opts.Folder, "ahead", "*", pattern))
	if err != nil || len(files) != 1 {
		w.T.Fatal(files, err)
	}
	data, err := os.ReadFile(files[0])
	ingesttest.Must(w.T, err)
	data[len(data)-1] ^= 1
	ingesttest.Must(w.T, os.WriteFile(files[0], data, 0o600))
}

// A run may begin and end while another call reads ahead: neither waits for the other, and the next run takes what was read.
func TestReadAheadBesideRun(t *testing.T) {
	w := ingesttest.New(t)
	w.Put("few.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(5, "32", "USD"))
	night := &ingesttest.Meddler{Bytes: true, Do: func() {
		beside := *w
		beside.Opts.Progress = ingesttest.Quiet{}
		beside.Must()
	}}
	w.Opts.Progress = night
	if a := mustReadAhead(w, "*"); a.Files != 1 {
		t.Errorf("%+v", a)
	}
	w.Opts.Progress = ingesttest.Quiet{}
	if n := len(parquetBelow(w, "ahead")); n != 1 {
		t.Errorf("%d files were read ahead", n)
	}
	r := w.Must() // it has read the file itself
	if got := w.Money(); got != "32.00" || r.Rows != 0 {
		t.Error(got, r.Rows)
	}
}

// A reader that was killed leaves nothing that counts or stays; one that is at work keeps what it has.
func TestReadAheadKilled(t *testing.T) {
	w := ingesttest.New(t)
	w.Put("few.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(5, "32", "USD"))
	mustReadAhead(w, "*")
	entry, err := filepath.Glob(filepath.Join(w.Opts.Folder, "ahead", "*"))
	ingesttest.Must(t, err)
	killed := filepath.Join(w.Opts.Folder, "ahead", "reading-1")
	ingesttest.Must(t, os.Mkdir(killed, 0o700))
	ingesttest.Must(t, os.WriteFile(filepath.Join(killed, "lock"), nil, 0o600))
	ingesttest.Must(t, os.Rename(entry[0], filepath.Join(killed, "0123456789abcdef")))
	if r := w.Must(); r.Rows != 1 {
		t.Errorf("%d rows were read", r.Rows)
	}
	left, err := os.ReadDir(filepath.Dir(killed))
	if got := w.Money(); got != "32.00" || err != nil || len(left) > 0 {
		t.Error(got, left, err)
	}
}

func TestReadAheadPatterns(t *testing.T) {
	w := ingesttest.New(t)
	w.Put("a/b/few.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(5, "32", "USD"))
	w.Put("a/[c/few.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(5, "64", "USD"))
	for pattern, want := range map[string]string{
		"exports/a/b/few.csv": "1", "exports/a/b": "1", "exports/*/b/": "1", "exports": "2", "*": "2", "exports/a/?/*.csv": "1",
		"few.csv":       `"few.csv" matches none of the 2 files in the sources`,
		"exports/*.csv": `"exports/*.csv" matches none of the 2 files in the sources`,
		"exports/a/[c":  `"exports/a/[c" is not a glob pattern: syntax error in pattern`,
	} {
		ingesttest.Must(t, os.RemoveAll(w.Opts.Folder))
		a, err := readAhead(w, pattern)
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = strconv.FormatInt(a.Files, 10)
		}
		if got != want {
			t.Errorf("%s: %s, expected %s", pattern, got, want)
		}
	}
}

package status_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/ingest/export"
	"github.com/pidledger/pidledger/ingest/ingesttest"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/ingest/status"
	"github.com/pidledger/pidledger/queries/chain"
)

func TestStatus(t *testing.T) {
	w := ingesttest.New(t)
	w.PutRun(ingesttest.Run1, "2026-03-20T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-31T00:00:00Z", "3",
		ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD")+ingesttest.MOSPRow(4, "2", "USD")+ingesttest.MOSPRow(19, "2", "USD"))
	w.Put("plain.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD"))
	w.Put("cost/daily/20260301-20260331/"+ingesttest.Run2+"/part.csv", ingesttest.MOSPHeader)
	if _, err := w.Ingest(); err != nil {
		t.Fatal(err)
	}
	st := w.Status("2026-03-22T00:00:00Z")
	if st.LastRun == nil || st.LastRun.Result != "done" || st.LastRun.FilesRead != 4 || st.LastRun.Started != w.Opts.Now() {
		t.Errorf("last run %+v", st.LastRun)
	}
	if st.Running != nil || st.Reports != nil || st.Size.Database == 0 || st.Size.Usage == 0 {
		t.Errorf("%+v", st)
	}
	if st.Files[ledger.StatusLoaded] != 3 || st.Files[ledger.StatusWaiting] != 1 {
		t.Errorf("files %v", st.Files)
	}
	if len(st.Waiting) != 1 || !strings.HasSuffix(st.Waiting[0].Folder, ingesttest.Run2) || st.Waiting[0].Files != 1 || st.Waiting[0].Reason != "no manifest yet" {
		t.Errorf("waiting %+v", st.Waiting)
	}
	if len(st.Evidence) != 5 || st.Evidence[0].Records != 0 || st.Evidence[0].Newest != nil {
		t.Errorf("evidence %+v", st.Evidence)
	}
	if len(st.Exports) != 2 || st.Exports[0].Name != "" || st.Exports[0].Newest == nil || st.Exports[0].LastDay != "2026-03-01" {
		t.Fatalf("exports %+v", st.Exports)
	}
	e := st.Exports[1]
	submitted := time.Date(2026, 3, 20, 1, 0, 0, 0, time.UTC)
	want := status.ExportStatus{
		Name: "daily", Scope: "/subscriptions/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", CostBasis: e.CostBasis, Newest: &submitted, CoveredThrough: "2026-03-20",
		FirstDay: "2026-03-01", LastDay: "2026-03-19", MissingMonths: []string{}, MissingDays: []status.DaySpan{{"2026-03-02", "2026-03-03"}, {"2026-03-05", "2026-03-18"}}, Runs: 1,
	}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Error(diff)
	}
}

// The runs that were replaced tell how often an export delivers: by the time level of their path, else by their files.
func TestCadence(t *testing.T) {
	w := ingesttest.New(t)
	for i, at := range []string{"2026-03-02", "2026-03-05", "2026-03-07", "2026-03-09"} {
		run := fmt.Sprintf("aaaaaaaa-0000-0000-0000-00000000000%d", i+1)
		folder := "cost/daily/20260301-20260331/" + strings.ReplaceAll(at, "-", "") + "0100/" + run + "/"
		content := ingesttest.MOSPHeader + ingesttest.MOSPRow(1, "1", "USD")
		w.Put(folder+"part_0_0001.csv", content)
		text := ingesttest.Manifest(run, at+"T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-31T00:00:00Z", "1", len(content))
		w.Put(folder+"manifest.json", strings.ReplaceAll(text, "20260301-20260331/", "20260301-20260331/"+strings.ReplaceAll(at, "-", "")+"0100/"))
		if _, err := w.Ingest(); err != nil {
			t.Fatal(err)
		}
	}
	st := w.Status("2026-03-14T01:00:00Z") // 5 days after the newest, gaps of 3, 2 and 2 days
	if e := st.Exports[0]; e.Runs != 4 || e.Cadence != 2*86400 || e.Every() != "2 days" || e.Stale || st.CheckCadence() != nil {
		t.Errorf("%+v", e)
	}
	st = w.Status("2026-03-14T01:00:01Z")
	var check *ledger.CheckError
	if err := st.CheckCadence(); !st.Exports[0].Stale || !errors.As(err, &check) || check.Try() == "" || !strings.Contains(err.Error(), "expected every 2 days") {
		t.Errorf("%+v, %v", st.Exports[0], err)
	}
}

// An export that may not be named is late all the same.
func TestCadenceOfNobody(t *testing.T) {
	newest := time.Date(2026, 4, 18, 2, 0, 0, 0, time.UTC)
	st := status.Status{Exports: []status.ExportStatus{{Name: chain.HiddenText, Scope: chain.HiddenText, Newest: &newest, Cadence: 2 * 86400, Stale: true}}}
	var check *ledger.CheckError
	if want := "an export (of a customer who opted out): nothing since 2026-04-18 02:00 UTC, expected every 2 days"; !errors.As(st.CheckCadence(), &check) || check.Detail != want {
		t.Errorf("%+v", check)
	}
}

// Without a time level the files tell; a copy made after the newest submission tells nothing.
func TestCadenceOfCopies(t *testing.T) {
	w := ingesttest.New(t)
	for i, at := range []string{"2026-03-02", "2026-03-05", "2026-03-07"} {
		run := fmt.Sprintf("aaaaaaaa-0000-0000-0000-00000000000%d", i+1)
		w.PutRun(run, at+"T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-31T00:00:00Z", "1", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD"))
		if i == 0 {
			continue
		}
		written, err := time.Parse(time.DateOnly, at)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"manifest.json", "part_0_0001.csv"} {
			path := filepath.Join(w.Dir, "exports", "cost", "daily", "20260301-20260331", run, name)
			if err := os.Chtimes(path, written, written); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := w.Ingest(); err != nil {
		t.Fatal(err)
	}
	e := w.Status("2026-03-08T01:00:00Z").Exports[0]
	if e.Runs != 2 || e.Every() != "2 days" {
		t.Errorf("%+v", e)
	}
}

func TestStatusOfDemo(t *testing.T) {
	if testing.Short() {
		t.Skip("a whole world")
	}
	w := ingesttest.New(t)
	for _, n := range ingesttest.DemoFiles(t) {
		w.Deliver(n)
	}
	if _, err := w.Ingest(); err != nil {
		t.Fatal(err)
	}
	st := w.Status("2026-05-03T04:00:00Z")
	for _, e := range st.Evidence {
		if e.Records == 0 || e.Subscriptions == 0 || e.Newest == nil {
			t.Errorf("%+v", e)
		}
	}
	for _, e := range st.Exports {
		if e.Newest == nil {
			t.Errorf("%+v", e)
		}
	}
	p, err := w.TryDryRun()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range p.Items {
		if i.Action == ingest.ActionLoad || i.Action == ingest.ActionRead && !strings.Contains(i.Why, "failed before") || i.Action == ingest.ActionReplace {
			t.Errorf("after a run: %+v", i)
		}
	}
}

// While a run holds the ledger, status tells what can be known without it; and a run waits for a reader.
func TestStatusDuringRun(t *testing.T) {
	w := ingesttest.New(t)
	w.Put("plain.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD"))
	if _, err := w.Ingest(); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	l, err := ledger.Open(ctx, w.Opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.SetPublished(ledger.Published{RunID: "r", Summary: []byte(`{"data_through":"2026-03-01","never_seen":["a","b"]}`)}); err != nil {
		t.Fatal(err)
	}
	st := w.Status("2026-05-03T04:00:00Z")
	if st.Running == nil || st.Running.PID != os.Getpid() || st.LastRun != nil || st.Size.Database == 0 {
		t.Errorf("%+v", st)
	}
	if diff := cmp.Diff(&status.ReportsStatus{RunID: "r", DataThrough: "2026-03-01", NeverSeen: 2}, st.Reports); diff != "" {
		t.Error(diff)
	}
	if err := st.CheckCadence(); !errors.Is(err, ledger.ErrInUse) {
		t.Errorf("%v", err)
	}
	if _, err := w.TryDryRun(); !errors.Is(err, ledger.ErrInUse) {
		t.Errorf("%v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}

	reader, err := ledger.Look(ctx, w.Opts)
	if err != nil {
		t.Fatal(err)
	}
	second, err := ledger.Look(ctx, w.Opts) // readers do not disturb each other
	if err != nil {
		t.Fatal(err)
	}
	opened := make(chan error)
	go func() {
		l, err := ledger.Open(ctx, w.Opts)
		if err == nil {
			err = l.Close()
		}
		opened <- err
	}()
	if err := errors.Join(reader.Close(), second.Close(), <-opened); err != nil {
		t.Error(err)
	}
}

// A ledger that no run has worked on looks empty and stays untouched.
func TestStatusOfNothing(t *testing.T) {
	w := ingesttest.New(t)
	st := w.Status("2026-05-03T04:00:00Z")
	if st.LastRun != nil || st.Running != nil || len(st.Exports) != 0 || len(st.Files) != 0 {
		t.Errorf("%+v", st)
	}
}

func TestGaps(t *testing.T) {
	parse := func(text string) (days []export.Day) {
		for word := range strings.FieldsSeq(text) {
			at, err := time.Parse(time.DateOnly, word)
			if err != nil {
				t.Fatal(err)
			}
			days = append(days, export.DayOf(at))
		}
		return days
	}
	for text, want := range map[string]string{
		"2026-01-30":                                  "[] []",
		"2026-01-30 2026-01-31 2026-02-01":            "[] []",
		"2026-01-30 2026-02-02":                       "[] [2026-01-31..2026-02-01]",
		"2025-12-30 2026-03-02":                       "[2026-01 2026-02] [2025-12-31 2026-03-01]",
		"2026-01-01 2026-02-01 2026-04-01":            "[2026-03] []",
		"2026-01-01 2026-01-03 2026-01-04 2026-01-06": "[] [2026-01-02 2026-01-05]",
	} {
		months, spans := status.Gaps(parse(text))
		if got := fmt.Sprint(months, " ", spans); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

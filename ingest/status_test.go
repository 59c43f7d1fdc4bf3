package ingest

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pidledger/pidledger/ingest/export"
)

// snapshot is every file of the ledger with its content and time.
func (w *workbench) snapshot() map[string]string {
	w.t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(w.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil || d.IsDir() {
			out[path] = fmt.Sprint(info.ModTime())
			return err
		}
		data, err := os.ReadFile(path)
		out[path] = fmt.Sprintf("%s %x", info.ModTime(), sha256.Sum256(data))
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// status reads the status at a time, and proves that this wrote nothing.
func (w *workbench) status(now string) *Status {
	w.t.Helper()
	at, err := time.Parse(time.RFC3339, now)
	if err != nil {
		w.t.Fatal(err)
	}
	o := w.opts
	o.Now = func() time.Time { return at }
	before := w.snapshot()
	st, err := ReadStatus(w.t.Context(), o)
	if err != nil {
		w.t.Fatal(err)
	}
	if diff := cmp.Diff(before, w.snapshot()); diff != "" {
		w.t.Errorf("status wrote to the ledger: %s", diff)
	}
	return st
}

func TestStatus(t *testing.T) {
	w := newWorkbench(t)
	w.putRun(run1, "2026-03-20T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-31T00:00:00Z", "3",
		mospHeader+mospRow(1, "1", "USD")+mospRow(4, "2", "USD")+mospRow(19, "2", "USD"))
	w.put("plain.csv", mospHeader+mospRow(1, "1", "USD"))
	w.put("cost/daily/20260301-20260331/"+run2+"/part.csv", mospHeader)
	if _, err := w.ingest(); err != nil {
		t.Fatal(err)
	}
	st := w.status("2026-03-22T00:00:00Z")
	if st.LastRun == nil || st.LastRun.Result != "done" || st.LastRun.FilesRead != 4 || st.LastRun.Started != w.opts.Now() {
		t.Errorf("last run %+v", st.LastRun)
	}
	if st.Running != nil || st.Reports != nil || st.Size.Database == 0 || st.Size.Usage == 0 {
		t.Errorf("%+v", st)
	}
	if st.Files[StatusLoaded] != 3 || st.Files[StatusWaiting] != 1 {
		t.Errorf("files %v", st.Files)
	}
	if len(st.Waiting) != 1 || !strings.HasSuffix(st.Waiting[0].Folder, run2) || st.Waiting[0].Files != 1 || st.Waiting[0].Reason != "no manifest yet" {
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
	want := ExportStatus{
		Name: "daily", Scope: "/subscriptions/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", CostBasis: e.CostBasis, Newest: &submitted, CoveredThrough: "2026-03-20",
		FirstDay: "2026-03-01", LastDay: "2026-03-19", MissingMonths: []string{}, MissingDays: []DaySpan{{"2026-03-02", "2026-03-03"}, {"2026-03-05", "2026-03-18"}}, Runs: 1,
	}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Error(diff)
	}
}

// The runs that were replaced tell how often an export delivers: by the time level of their path, else by their files.
func TestCadence(t *testing.T) {
	w := newWorkbench(t)
	for i, at := range []string{"2026-03-02", "2026-03-05", "2026-03-07", "2026-03-09"} {
		run := fmt.Sprintf("aaaaaaaa-0000-0000-0000-00000000000%d", i+1)
		folder := "cost/daily/20260301-20260331/" + strings.ReplaceAll(at, "-", "") + "0100/" + run + "/"
		content := mospHeader + mospRow(1, "1", "USD")
		w.put(folder+"part_0_0001.csv", content)
		text := manifest(run, at+"T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-31T00:00:00Z", "1", len(content))
		w.put(folder+"manifest.json", strings.ReplaceAll(text, "20260301-20260331/", "20260301-20260331/"+strings.ReplaceAll(at, "-", "")+"0100/"))
		if _, err := w.ingest(); err != nil {
			t.Fatal(err)
		}
	}
	st := w.status("2026-03-14T01:00:00Z") // 5 days after the newest, gaps of 3, 2 and 2 days
	if e := st.Exports[0]; e.Runs != 4 || e.Cadence != 2*86400 || e.Every() != "2 days" || e.Stale || st.CheckCadence() != nil {
		t.Errorf("%+v", e)
	}
	st = w.status("2026-03-14T01:00:01Z")
	var check *CheckError
	if err := st.CheckCadence(); !st.Exports[0].Stale || !errors.As(err, &check) || check.Try() == "" || !strings.Contains(err.Error(), "expected every 2 days") {
		t.Errorf("%+v, %v", st.Exports[0], err)
	}
}

// Without a time level the files tell; a copy made after the newest submission tells nothing.
func TestCadenceOfCopies(t *testing.T) {
	w := newWorkbench(t)
	for i, at := range []string{"2026-03-02", "2026-03-05", "2026-03-07"} {
		run := fmt.Sprintf("aaaaaaaa-0000-0000-0000-00000000000%d", i+1)
		w.putRun(run, at+"T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-31T00:00:00Z", "1", mospHeader+mospRow(1, "1", "USD"))
		if i == 0 {
			continue
		}
		written, err := time.Parse(time.DateOnly, at)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"manifest.json", "part_0_0001.csv"} {
			path := filepath.Join(w.dir, "exports", "cost", "daily", "20260301-20260331", run, name)
			if err := os.Chtimes(path, written, written); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := w.ingest(); err != nil {
		t.Fatal(err)
	}
	e := w.status("2026-03-08T01:00:00Z").Exports[0]
	if e.Runs != 2 || e.Every() != "2 days" {
		t.Errorf("%+v", e)
	}
}

func TestStatusOfDemo(t *testing.T) {
	if testing.Short() {
		t.Skip("a whole world")
	}
	w := newWorkbench(t)
	for _, n := range demoFiles(t) {
		w.deliver(n)
	}
	if _, err := w.ingest(); err != nil {
		t.Fatal(err)
	}
	st := w.status("2026-05-03T04:00:00Z")
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
	p, err := w.tryDryRun()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range p.Items {
		if i.Action == ActionLoad || i.Action == ActionRead && !strings.Contains(i.Why, "failed before") || i.Action == ActionReplace {
			t.Errorf("after a run: %+v", i)
		}
	}
}

// While a run holds the ledger, status tells what can be known without it; and a run waits for a reader.
func TestStatusDuringRun(t *testing.T) {
	w := newWorkbench(t)
	w.put("plain.csv", mospHeader+mospRow(1, "1", "USD"))
	if _, err := w.ingest(); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	l, err := Open(ctx, w.opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.SetPublished(Published{RunID: "r", Summary: []byte(`{"data_through":"2026-03-01","never_seen":["a","b"]}`)}); err != nil {
		t.Fatal(err)
	}
	st := w.status("2026-05-03T04:00:00Z")
	if st.Running == nil || st.Running.PID != os.Getpid() || st.LastRun != nil || st.Size.Database == 0 {
		t.Errorf("%+v", st)
	}
	if diff := cmp.Diff(&ReportsStatus{RunID: "r", DataThrough: "2026-03-01", NeverSeen: 2}, st.Reports); diff != "" {
		t.Error(diff)
	}
	if err := st.CheckCadence(); !errors.Is(err, ErrInUse) {
		t.Errorf("%v", err)
	}
	if _, err := w.tryDryRun(); !errors.Is(err, ErrInUse) {
		t.Errorf("%v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}

	reader, err := Look(ctx, w.opts)
	if err != nil {
		t.Fatal(err)
	}
	second, err := Look(ctx, w.opts) // readers do not disturb each other
	if err != nil {
		t.Fatal(err)
	}
	opened := make(chan error)
	go func() {
		l, err := Open(ctx, w.opts)
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
	w := newWorkbench(t)
	st := w.status("2026-05-03T04:00:00Z")
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
		months, spans := gaps(parse(text))
		if got := fmt.Sprint(months, " ", spans); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// Package ingesttest delivers exports to a ledger night by night, for the tests of package ingest and of those below it.
package ingesttest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/ingest/discover"
	"github.com/pidledger/pidledger/ingest/judge"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/queries/engine"
)

// Must fails a test that cannot go on.
func Must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Must is a night without a complaint.
func (w *Workbench) Must() *ingest.Result {
	w.T.Helper()
	r, err := w.Ingest()
	if err != nil {
		w.T.Fatal(err)
	}
	return r
}

// demo is a path in the world in testdata/demo: real shapes of every kind, runs that replace, wait, overlap and are cut short.
func demo(parts ...string) string { return Testdata(append([]string{"demo"}, parts...)...) }

// Testdata is a path in the folder testdata of the module.
func Testdata(parts ...string) string {
	up := "testdata"
	for range 4 {
		if _, err := os.Stat(filepath.Join(up, "demo")); err == nil {
			break
		}
		up = filepath.Join("..", up)
	}
	return filepath.Join(append([]string{up}, parts...)...)
}

// Quiet is a Progress that nobody sees.
type Quiet struct{}

func (Quiet) Stage(string, string) {}
func (Quiet) Total(int64, int64)   {}
func (Quiet) Add(int64, int64)     {}
func (Quiet) Rows(int64)           {}
func (Quiet) Note(string)          {}

// Workbench is a folder with a ledger and exports that a test delivers bit by bit.
type Workbench struct {
	T    testing.TB
	Dir  string // the folder
	Opts ledger.Options
	Run  ingest.Options // without what Opts says, too: see NightOptions
}

// New makes an empty one.
func New(t testing.TB) *Workbench {
	t.Helper()
	dir := t.TempDir()
	return &Workbench{
		T: t, Dir: dir,
		Opts: ledger.Options{
			Folder: filepath.Join(dir, "ledger"), Progress: Quiet{}, Threads: 2,
			Now: func() time.Time { return time.Date(2026, 5, 3, 4, 0, 0, 0, time.UTC) }, Version: "test",
		},
		Run: ingest.Options{Sources: discover.Sources{Base: dir, List: []discover.Source{{Path: filepath.Join(dir, "exports")}}}, MaxRejectRatio: 0.01},
	}
}

// NightOptions are those of a run on the ledger.
func (w *Workbench) NightOptions() ingest.Options {
	o := w.Run
	o.Progress, o.Threads, o.Now = w.Opts.Progress, w.Opts.Threads, w.Opts.Now
	return o
}

// TryDryRun tells what a run would read.
func (w *Workbench) TryDryRun() (_ *ingest.Plan, err error) {
	l, err := ledger.Look(w.T.Context(), w.Opts)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	return ingest.DryRun(w.T.Context(), l, w.NightOptions())
}

// JudgeOf judges the usage of a ledger.
func JudgeOf(l *ledger.Ledger) *judge.Judge {
	return &judge.Judge{Ledger: l, Progress: Quiet{}, Log: slog.New(slog.DiscardHandler), Version: "test"}
}

// Put writes a file below exports.
func (w *Workbench) Put(name, content string) {
	w.T.Helper()
	path := filepath.Join(w.Dir, "exports", filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		w.T.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		w.T.Fatal(err)
	}
}

// Deliver copies a file of the demo world, with its time, for legacy exports are judged by it.
func (w *Workbench) Deliver(name string) {
	w.T.Helper()
	from := demo("exports", filepath.FromSlash(name))
	data, err := os.ReadFile(from)
	if err != nil {
		w.T.Fatal(err)
	}
	w.Put(name, string(data))
	at := time.Date(2026, 5, 1, 0, 0, len(name), 0, time.UTC)
	if err := os.Chtimes(filepath.Join(w.Dir, "exports", filepath.FromSlash(name)), at, at); err != nil {
		w.T.Fatal(err)
	}
}

// Ingest runs one night and returns its result and its failed checks.
func (w *Workbench) Ingest() (*ingest.Result, error) {
	w.T.Helper()
	l, err := ledger.Open(w.T.Context(), w.Opts)
	if err != nil {
		w.T.Fatal(err)
	}
	defer func() {
		if err := l.Close(); err != nil {
			w.T.Fatal(err)
		}
	}()
	result, err := Run(w.T.Context(), l, w.NightOptions())
	if end := l.End(w.T.Context(), ledger.ResultDone); end != nil {
		w.T.Fatal(end)
	}
	return result, err
}

// Status returns the status of a file after a night.
func Status(t testing.TB, r *ingest.Result, name string) ledger.FileRecord {
	t.Helper()
	for _, f := range r.Files {
		if f.Path == "exports/"+name {
			return f
		}
	}
	t.Fatalf("no file %s in the result", name)
	return ledger.FileRecord{}
}

// OpenWithUsage opens the ledger, and shows all usage in it.
func (w *Workbench) OpenWithUsage() *ledger.Ledger {
	w.T.Helper()
	l, err := ledger.Open(w.T.Context(), w.Opts)
	Must(w.T, err)
	Must(w.T, l.Usage.All(w.T.Context()))
	return l
}

// Content is everything in the ledger that must not depend on the order and number of deliveries.
func (w *Workbench) Content() map[string]string {
	w.T.Helper()
	ctx := w.T.Context()
	l := w.OpenWithUsage()
	defer l.Close()
	out := map[string]string{}
	for _, table := range []string{"temp.usage", "deployments", "operations", "activity", "changes", "requests", "registrations", "exclusions", "masked_days"} {
		out[table] = dump(ctx, w.T, l, table)
	}
	out["slices"] = dump(ctx, w.T, l, "(select * exclude (loaded_in) from slices)")
	return out
}

// rowsOf are the rows of a table as text, in byte order.
func rowsOf(ctx context.Context, t testing.TB, l *ledger.Ledger, table string) []string {
	t.Helper()
	rows, err := engine.Ask[string](ctx, l.DB, "select cast(x as varchar) from "+table+" x")
	if err != nil {
		t.Fatalf("%s: %v", table, err)
	}
	slices.Sort(rows)
	return rows
}

// dump is a hash over the rows of a table, whatever their order, and their number.
func dump(ctx context.Context, t testing.TB, l *ledger.Ledger, table string) string {
	t.Helper()
	rows := rowsOf(ctx, t, l, table)
	return fmt.Sprintf("%d rows %x", len(rows), sha256.Sum256([]byte(strings.Join(rows, "\n"))))
}

func DemoFiles(t testing.TB) []string {
	t.Helper()
	var names []string
	root := demo("exports")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(root, path)
			names = append(names, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func CompareContent(t *testing.T, when string, got, want map[string]string) {
	t.Helper()
	for table, w := range want {
		if got[table] != w {
			t.Errorf("%s: %s holds %s, expected %s", when, table, got[table], w)
		}
	}
}

func (w *Workbench) MustIngest() *ingest.Result {
	w.T.Helper()
	r, err := w.Ingest()
	if err != nil {
		w.T.Fatal(err)
	}
	return r
}

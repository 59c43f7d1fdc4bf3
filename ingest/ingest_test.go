package ingest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// demo is the world in testdata: real shapes of every kind, runs that replace, wait, overlap and are cut short.
var demo = filepath.Join("..", "testdata", "demo")

type quiet struct{}

func (quiet) Stage(string, string) {}
func (quiet) Total(int64, int64)   {}
func (quiet) Add(int64, int64)     {}
func (quiet) Rows(int64)           {}
func (quiet) Note(string)          {}

// bench is a folder with a ledger and exports that a test delivers bit by bit.
type workbench struct {
	t    testing.TB
	dir  string
	opts LedgerOptions
	run  Options
}

func newWorkbench(t testing.TB) *workbench {
	t.Helper()
	dir := t.TempDir()
	return &workbench{
		t: t, dir: dir,
		opts: LedgerOptions{
			Folder: filepath.Join(dir, "ledger"), Progress: quiet{}, Threads: 2,
			Now: func() time.Time { return time.Date(2026, 5, 3, 4, 0, 0, 0, time.UTC) }, Version: "test",
		},
		run: Options{Sources: Sources{Base: dir, List: []Source{{Path: filepath.Join(dir, "exports")}}}, MaxRejectRatio: 0.01},
	}
}

// nightOptions are those of a run on the ledger.
func (w *workbench) nightOptions() Options {
	o := w.run
	o.Progress, o.Threads, o.Now = w.opts.Progress, w.opts.Threads, w.opts.Now
	return o
}

// tryDryRun tells what a run would read.
func (w *workbench) tryDryRun() (_ *Plan, err error) {
	l, err := Look(w.t.Context(), w.opts)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	return DryRun(w.t.Context(), l, w.nightOptions())
}

// judgeOf judges the usage of a ledger.
func judgeOf(l *Ledger) *Judge {
	return &Judge{Ledger: l, Progress: quiet{}, Log: slog.New(slog.DiscardHandler), Version: "test"}
}

// put writes a file below exports.
func (w *workbench) put(name, content string) {
	w.t.Helper()
	path := filepath.Join(w.dir, "exports", filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

// deliver copies a file of the demo world, with its time, for legacy exports are judged by it.
func (w *workbench) deliver(name string) {
	w.t.Helper()
	from := filepath.Join(demo, "exports", filepath.FromSlash(name))
	data, err := os.ReadFile(from)
	if err != nil {
		w.t.Fatal(err)
	}
	w.put(name, string(data))
	at := time.Date(2026, 5, 1, 0, 0, len(name), 0, time.UTC)
	if err := os.Chtimes(filepath.Join(w.dir, "exports", filepath.FromSlash(name)), at, at); err != nil {
		w.t.Fatal(err)
	}
}

// ingest runs one night and returns its result and its failed checks.
func (w *workbench) ingest() (*Result, error) {
	w.t.Helper()
	l, err := Open(w.t.Context(), w.opts)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() {
		if err := l.Close(); err != nil {
			w.t.Fatal(err)
		}
	}()
	result, err := Ingest(w.t.Context(), l, w.nightOptions())
	if end := l.End(w.t.Context(), ResultDone); end != nil {
		w.t.Fatal(end)
	}
	return result, err
}

// status returns the status of a file after a night.
func status(t testing.TB, r *Result, name string) FileRecord {
	t.Helper()
	for _, f := range r.Files {
		if f.Path == "exports/"+name {
			return f
		}
	}
	t.Fatalf("no file %s in the result", name)
	return FileRecord{}
}

// content is everything in the ledger that must not depend on the order and number of deliveries.
func (w *workbench) content() map[string]string {
	w.t.Helper()
	ctx := w.t.Context()
	l, err := Open(ctx, w.opts)
	if err != nil {
		w.t.Fatal(err)
	}
	defer l.Close()
	if err := l.Usage.All(ctx); err != nil {
		w.t.Fatal(err)
	}
	out := map[string]string{}
	for _, table := range []string{"temp.usage", "deployments", "operations", "activity", "changes", "requests", "registrations", "exclusions", "masked_days"} {
		out[table] = dump(ctx, w.t, l, "select * from "+table)
	}
	out["slices"] = dump(ctx, w.t, l, "select * exclude (loaded_in) from slices")
	return out
}

// dump is a hash over the rows of a statement, whatever their order, and their number.
func dump(ctx context.Context, t testing.TB, l *Ledger, statement string) string {
	t.Helper()
	s, err := text(ctx, l.DB, "select count(*) || ' rows ' || coalesce(md5(string_agg(r, chr(10) order by r)), '') from (select cast(x as varchar) as r from ("+statement+") x)")
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return s
}

func demoFiles(t testing.TB) []string {
	t.Helper()
	var names []string
	root := filepath.Join(demo, "exports")
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

// Any set of files, in any order, split over any number of nights, delivered any number of times: the same ledger (SPEC 3.3).
func TestAnyOrder(t *testing.T) {
	if testing.Short() {
		t.Skip("many nights")
	}
	names := demoFiles(t)
	all := newWorkbench(t)
	for _, n := range names {
		all.deliver(n)
	}
	if _, err := all.ingest(); err != nil {
		t.Fatal(err)
	}
	want := all.content()
	if _, err := all.ingest(); err != nil {
		t.Fatal(err)
	}
	compareContent(t, "the same once more", all.content(), want)

	for seed := range uint64(4) {
		r := rand.New(rand.NewPCG(seed, 1))
		w := newWorkbench(t)
		w.opts.Threads = 1 + int(seed%3)
		order := r.Perm(len(names))
		nights := 2 + r.IntN(4)
		for night := range nights {
			for i, at := range order {
				if i%nights <= night {
					w.deliver(names[at]) // also what came before, once more
				}
			}
			if _, err := w.ingest(); err != nil {
				t.Fatal(err)
			}
		}
		compareContent(t, fmt.Sprintf("seed %d, %d nights", seed, nights), w.content(), want)
	}
}

// What was once seen stays, although its file is gone; a plain usage file that is gone keeps its rows.
func TestFilesThatVanish(t *testing.T) {
	w := newWorkbench(t)
	for _, n := range demoFiles(t) {
		w.deliver(n)
	}
	if _, err := w.ingest(); err != nil {
		t.Fatal(err)
	}
	want := w.content()
	for _, n := range demoFiles(t) {
		if strings.HasPrefix(n, "operations/") || strings.HasPrefix(n, "cost/") {
			if err := os.Remove(filepath.Join(w.dir, "exports", filepath.FromSlash(n))); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := w.ingest(); err != nil {
		t.Fatal(err)
	}
	compareContent(t, "after files vanished", w.content(), want)
}

func compareContent(t *testing.T, when string, got, want map[string]string) {
	t.Helper()
	for table, w := range want {
		if got[table] != w {
			t.Errorf("%s: %s holds %s, expected %s", when, table, got[table], w)
		}
	}
}

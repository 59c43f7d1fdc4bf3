package ingesttest

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/ingest/status"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/engine"
)

// Tables is every row of every table of the ledger, as text.
func (w *Workbench) Tables() map[string]string {
	w.T.Helper()
	ctx := w.T.Context()
	l, err := ledger.Look(ctx, w.Opts)
	if err != nil {
		w.T.Fatal(err)
	}
	defer l.Close()
	names, err := engine.Ask[string](ctx, l.DB, queries.Text("ledger/tables.sql"))
	if err != nil {
		w.T.Fatal(err)
	}
	out := map[string]string{}
	for _, n := range names {
		out[n] = strings.Join(rowsOf(ctx, w.T, l, "ledger."+n), "\n")
	}
	return out
}

// Restored is a workbench with the same sources and another ledger.
func (w *Workbench) Restored(name string) *Workbench {
	other := *w
	other.Opts.Folder = filepath.Join(w.Dir, name)
	return &other
}

func (w *Workbench) Money() string {
	w.T.Helper()
	l := w.OpenWithUsage()
	defer l.Close()
	s, err := engine.AskText(w.T.Context(), l.DB, "select cast(cast(sum(effective_cost) as decimal(38,2)) as varchar) from temp.usage")
	if err != nil {
		w.T.Fatal(err)
	}
	return s
}

// Count counts the rows of a table of the ledger.
func (w *Workbench) Count(table string) int64 {
	w.T.Helper()
	l, err := ledger.Open(w.T.Context(), w.Opts)
	Must(w.T, err)
	defer l.Close()
	n, err := l.DB.Count(w.T.Context(), "select count(*) from "+table)
	Must(w.T, err)
	return n
}

// DryRun tells the plan in short and proves that nothing was written.
func (w *Workbench) DryRun() []string {
	w.T.Helper()
	before := w.Snapshot()
	p, err := w.TryDryRun()
	if err != nil {
		w.T.Fatal(err)
	}
	if diff := cmp.Diff(before, w.Snapshot()); diff != "" {
		w.T.Errorf("a dry run wrote: %s", diff)
	}
	out := []string{fmt.Sprintf("%d unchanged, %d ignored", p.Unchanged, p.Ignored)}
	for _, i := range p.Items {
		out = append(out, fmt.Sprintf("%s %s %d: %s", i.Action, strings.TrimPrefix(i.Path, "exports/"), i.Files, i.Why))
	}
	return out
}

func (w *Workbench) WantPlan(when string, want ...string) {
	w.T.Helper()
	if diff := cmp.Diff(want, w.DryRun()); diff != "" {
		w.T.Errorf("%s: %s", when, diff)
	}
}

// Fixtures copies a folder of testdata/formats into exports and returns the names.
func (w *Workbench) Fixtures(folder string) []string {
	w.T.Helper()
	entries, err := os.ReadDir(Testdata("formats", folder))
	if err != nil {
		w.T.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() || strings.HasSuffix(e.Name(), ".golden") {
			continue
		}
		data, err := os.ReadFile(Testdata("formats", folder, e.Name()))
		if err != nil {
			w.T.Fatal(err)
		}
		w.Put(e.Name(), string(data))
		names = append(names, e.Name())
	}
	return names
}

// Listed lists every file of a ledger but those that say who is at work.
func (w *Workbench) Listed() (names []string) {
	w.T.Helper()
	Must(w.T, filepath.WalkDir(filepath.Join(w.Opts.Folder, ledger.UsageFolder), func(path string, d fs.DirEntry, err error) error {
		names = append(names, path)
		return err
	}))
	return names
}

// Folders lists the folders of usage.
func (w *Workbench) Folders() (names []string) {
	w.T.Helper()
	entries, err := os.ReadDir(filepath.Join(w.Opts.Folder, ledger.UsageFolder))
	Must(w.T, err)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// Rows counts the rows that lie in the folders of usage, seen or not.
func (w *Workbench) Rows() int64 {
	w.T.Helper()
	parts, err := filepath.Glob(filepath.Join(w.Opts.Folder, ledger.UsageFolder, "*", "*.parquet"))
	Must(w.T, err)
	l, err := ledger.Open(w.T.Context(), w.Opts)
	Must(w.T, err)
	defer l.Close()
	n, err := l.DB.Count(w.T.Context(), "select count(*) from "+engine.ParquetSource(parts))
	Must(w.T, err)
	return n
}

// Unpacked is the content of a ledger of the same sources whose slices have folders of their own.
func (w *Workbench) Unpacked() map[string]string {
	w.T.Helper()
	before := ingest.PackFrom
	defer func() { ingest.PackFrom = before }()
	ingest.PackFrom = 1 << 30
	other := w.Restored("unpacked")
	Must(w.T, os.RemoveAll(other.Opts.Folder))
	if _, err := other.Ingest(); err != nil {
		w.T.Fatal(err)
	}
	return other.Content()
}

// DepIDs are the deployments of the ledger with their ids.
func (w *Workbench) DepIDs() string {
	w.T.Helper()
	l, err := ledger.Open(w.T.Context(), w.Opts)
	if err != nil {
		w.T.Fatal(err)
	}
	defer l.Close()
	rows, err := engine.Ask[struct {
		Name  string
		DepID *string
	}](w.T.Context(), l.DB, "select name, dep_id from deployments order by all")
	if err != nil {
		w.T.Fatal(err)
	}
	var out []string
	for _, r := range rows {
		id := "-"
		if r.DepID != nil {
			id = strings.Replace(*r.DepID, "/providers/microsoft.resources/deployments/", " ", 1)
		}
		out = append(out, r.Name+" "+id)
	}
	return strings.Join(out, "|")
}

// Snapshot is every file of the ledger with its content and time.
func (w *Workbench) Snapshot() map[string]string {
	w.T.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(w.Dir, func(path string, d fs.DirEntry, err error) error {
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
		w.T.Fatal(err)
	}
	return out
}

// Status reads the status at a time, and proves that this wrote nothing.
func (w *Workbench) Status(now string) *status.Status {
	w.T.Helper()
	at, err := time.Parse(time.RFC3339, now)
	if err != nil {
		w.T.Fatal(err)
	}
	o := w.Opts
	o.Now = func() time.Time { return at }
	before := w.Snapshot()
	st, err := status.Read(w.T.Context(), o)
	if err != nil {
		w.T.Fatal(err)
	}
	if diff := cmp.Diff(before, w.Snapshot()); diff != "" {
		w.T.Errorf("status wrote to the ledger: %s", diff)
	}
	return st
}

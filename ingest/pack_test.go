package ingest

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/queries/engine"
)

const (
	packedOne   = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0" // the subscription of mospRow
	packedOther = "1a2b3c4d-4b5a-6978-8796-a5b4c3d2e1f0"
)

func ofOther(row string) string { return strings.ReplaceAll(row, packedOne, packedOther) }

// putSmall puts n files of one row each, every third of another subscription.
func (w *workbench) putSmall(n int) {
	for i := range n {
		row := mospRow(1+i%28, fmt.Sprint(i+1), "USD")
		if i%3 == 0 {
			row = ofOther(row)
		}
		w.put(fmt.Sprintf("small-%03d.csv", i), mospHeader+row)
	}
}

// folders lists the folders of usage.
func (w *workbench) folders() (names []string) {
	w.t.Helper()
	entries, err := os.ReadDir(filepath.Join(w.opts.Folder, usageFolder))
	must(w.t, err)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// rows counts the rows that lie in the folders of usage, seen or not.
func (w *workbench) rows() int64 {
	w.t.Helper()
	parts, err := filepath.Glob(filepath.Join(w.opts.Folder, usageFolder, "*", "*.parquet"))
	must(w.t, err)
	l, err := Open(w.t.Context(), w.opts)
	must(w.t, err)
	defer l.Close()
	n, err := l.DB.Count(w.t.Context(), "select count(*) from "+engine.ParquetSource(parts))
	must(w.t, err)
	return n
}

// unpacked is the content of a ledger of the same sources whose slices have folders of their own.
func (w *workbench) unpacked() map[string]string {
	w.t.Helper()
	before := packFrom
	defer func() { packFrom = before }()
	packFrom = 1 << 30
	other := w.restored("unpacked")
	must(w.t, os.RemoveAll(other.opts.Folder))
	if _, err := other.ingest(); err != nil {
		w.t.Fatal(err)
	}
	return other.content()
}

// Small slices share a file, and the ledger is as if each had its own: when they are loaded, beside others, when one is replaced, and when all are.
func TestPacks(t *testing.T) {
	packsFrom(t, 16)
	w := newWorkbench(t)
	w.putSmall(packFrom + 4)
	w.put("large.csv", mospHeader+strings.Repeat(mospRow(1, "1", "USD"), 600))
	w.put("bad.csv", mospHeader+mospRow(1, "x", "USD"))
	w.put("empty.csv", mospHeader)
	w.put("copy.csv", mospHeader+mospRow(2, "2", "USD"))
	r, err := w.ingest()
	must(t, err)
	for name, want := range map[string]string{
		"small-000.csv": StatusLoaded, "large.csv": StatusLoaded, "bad.csv": StatusFailed, "empty.csv": StatusEmpty, "small-001.csv": StatusDuplicate,
	} {
		if f := status(t, r, name); f.Status != want {
			t.Errorf("%+v", f)
		}
	}
	if got := w.folders(); len(got) != 2 {
		t.Errorf("%d folders of usage, not one pack and large.csv", len(got))
	}
	compareContent(t, "loaded", w.content(), w.unpacked())

	w.put("small-002.csv", mospHeader+mospRow(3, "1000", "USD"))
	_, err = w.ingest()
	must(t, err)
	if got := w.folders(); len(got) != 3 {
		t.Errorf("%d folders of usage, not the pack, large.csv and the new file", len(got))
	}
	compareContent(t, "one replaced", w.content(), w.unpacked())

	for i := range packFrom + 4 {
		w.put(fmt.Sprintf("small-%03d.csv", i), mospHeader+mospRow(1+i%28, fmt.Sprint(2000+i), "USD"))
	}
	must(t, os.Remove(filepath.Join(w.dir, "exports", "copy.csv"))) // its content stays
	_, err = w.ingest()
	must(t, err)
	w.put("copy.csv", mospHeader+mospRow(2, "2", "USD"))
	compareContent(t, "all replaced", w.content(), w.unpacked())
	w.put("copy.csv", mospHeader+mospRow(2, "3", "USD"))
	_, err = w.ingest()
	must(t, err)
	if got := w.folders(); len(got) != 3 {
		t.Errorf("%d folders of usage, not the second pack, large.csv and copy.csv", len(got))
	}
	compareContent(t, "nothing left of the first pack", w.content(), w.unpacked())
}

// A newer run replaces days of an older one that lies in a pack, and these days only.
func TestPackedRuns(t *testing.T) {
	packsFrom(t, 1)
	w := newWorkbench(t)
	w.putRun(run1, "2026-03-20T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-19T00:00:00Z", "3",
		mospHeader+mospRow(1, "1", "USD")+mospRow(10, "2", "USD")+mospRow(12, "4", "USD"))
	_, err := w.ingest()
	must(t, err)
	w.putRun(run2, "2026-03-21T01:00:00Z", "Custom", "2026-03-09T00:00:00", "2026-03-11T00:00:00Z", "1", mospHeader+mospRow(10, "8", "USD"))
	_, err = w.ingest()
	must(t, err)
	if got := w.money(); got != "13.00" {
		t.Errorf("the ledger has %s", got)
	}
	compareContent(t, "two runs", w.content(), w.unpacked())
}

// A file of a pack that is taken back is out of it, and so is a customer, with rows of slices that were replaced before.
func TestForgetFromPack(t *testing.T) {
	packsFrom(t, 16)
	w := newWorkbench(t)
	n := packFrom + 5
	w.putSmall(n)
	_, err := w.ingest()
	must(t, err)
	w.forget(Forget{Files: []string{"exports/small-001.csv"}})
	if got := w.rows(); got != int64(n-1) {
		t.Errorf("%d rows after a file was forgotten", got)
	}
	w.put("small-003.csv", mospHeader+mospRow(3, "5", "USD")) // was the other's; that row stays in the pack
	_, err = w.ingest()
	must(t, err)
	f := w.forget(Forget{Subscriptions: []string{packedOther}})
	others := int64((n+2)/3 - 1)
	if f.UsageRows != others {
		t.Errorf("%+v", f)
	}
	if got, want := w.rows(), int64(n)-1-others; got != want {
		t.Errorf("%d rows after a customer was forgotten, not %d", got, want)
	}
	must(t, filepath.WalkDir(w.opts.Folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(bytes.ToLower(data), []byte(packedOther)) {
			t.Errorf("%s names the customer", path)
		}
		return err
	}))
	want := w.content()
	r, err := w.ingest()
	must(t, err)
	if r.Rows != 0 {
		t.Errorf("%d rows read again", r.Rows)
	}
	compareContent(t, "the same once more", w.content(), want)

	for i := range packFrom { // and what comes later is not kept
		w.put(fmt.Sprintf("late-%03d.csv", i), mospHeader+mospRow(4, fmt.Sprint(500+i), "USD")+ofOther(mospRow(5, fmt.Sprint(600+i), "USD")))
	}
	r, err = w.ingest()
	must(t, err)
	if late := status(t, r, "late-000.csv"); late.Rows != 2 || late.Loaded != 1 {
		t.Errorf("%+v", late)
	}
	if got, want := w.rows(), int64(n)-1-others+int64(packFrom); got != want {
		t.Errorf("%d rows with those of a forgotten customer, not %d", got, want)
	}
}

// A pack goes into a backup, with rows of slices that are gone, and comes out of it.
func TestBackupOfPacks(t *testing.T) {
	packsFrom(t, 16)
	w := newWorkbench(t)
	w.putSmall(packFrom + 2)
	_, err := w.ingest()
	must(t, err)
	w.put("small-002.csv", mospHeader+mospRow(3, "1000", "USD"))
	_, err = w.ingest()
	must(t, err)
	dir := filepath.Join(w.dir, "backup")
	b, err := Export(t.Context(), w.opts, dir)
	must(t, err)
	if n := int64(packFrom + 2); b.Slices != n || b.UsageRows != n {
		t.Errorf("%+v", b)
	}
	r := w.restored("restored")
	_, err = Import(t.Context(), r.opts, dir)
	must(t, err)
	compareContent(t, "restored", r.content(), w.content())
	if got := r.folders(); !slices.Equal(got, w.folders()) {
		t.Errorf("folders %v, not %v", got, w.folders())
	}
}

package ingest_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/ingest/forget"
	"github.com/pidledger/pidledger/ingest/ingesttest"
	"github.com/pidledger/pidledger/ingest/ledger"
)

// Small slices share a file, and the ledger is as if each had its own: when they are loaded, beside others, when one is replaced, and when all are.
func TestPacks(t *testing.T) {
	ingesttest.PacksFrom(t, 16)
	w := ingesttest.New(t)
	w.PutSmall(ingest.PackFrom + 4)
	w.Put("large.csv", ingesttest.MOSPHeader+strings.Repeat(ingesttest.MOSPRow(1, "1", "USD"), 600))
	w.Put("bad.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "x", "USD"))
	w.Put("empty.csv", ingesttest.MOSPHeader)
	w.Put("copy.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(2, "2", "USD"))
	r, err := w.Ingest()
	ingesttest.Must(t, err)
	for name, want := range map[string]string{
		"small-000.csv": ledger.StatusLoaded, "large.csv": ledger.StatusLoaded, "bad.csv": ledger.StatusFailed, "empty.csv": ledger.StatusEmpty, "small-001.csv": ledger.StatusDuplicate,
	} {
		if f := ingesttest.Status(t, r, name); f.Status != want {
			t.Errorf("%+v", f)
		}
	}
	if got := w.Folders(); len(got) != 2 {
		t.Errorf("%d folders of usage, not one pack and large.csv", len(got))
	}
	ingesttest.CompareContent(t, "loaded", w.Content(), w.Unpacked())

	w.Put("small-002.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(3, "1000", "USD"))
	_, err = w.Ingest()
	ingesttest.Must(t, err)
	if got := w.Folders(); len(got) != 3 {
		t.Errorf("%d folders of usage, not the pack, large.csv and the new file", len(got))
	}
	ingesttest.CompareContent(t, "one replaced", w.Content(), w.Unpacked())

	for i := range ingest.PackFrom + 4 {
		w.Put(fmt.Sprintf("small-%03d.csv", i), ingesttest.MOSPHeader+ingesttest.MOSPRow(1+i%28, fmt.Sprint(2000+i), "USD"))
	}
	ingesttest.Must(t, os.Remove(filepath.Join(w.Dir, "exports", "copy.csv"))) // its content stays
	_, err = w.Ingest()
	ingesttest.Must(t, err)
	w.Put("copy.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(2, "2", "USD"))
	ingesttest.CompareContent(t, "all replaced", w.Content(), w.Unpacked())
	w.Put("copy.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(2, "3", "USD"))
	_, err = w.Ingest()
	ingesttest.Must(t, err)
	if got := w.Folders(); len(got) != 3 {
		t.Errorf("%d folders of usage, not the second pack, large.csv and copy.csv", len(got))
	}
	ingesttest.CompareContent(t, "nothing left of the first pack", w.Content(), w.Unpacked())
}

// A newer run replaces days of an older one that lies in a pack, and these days only.
func TestPackedRuns(t *testing.T) {
	ingesttest.PacksFrom(t, 1)
	w := ingesttest.New(t)
	w.PutRun(ingesttest.Run1, "2026-03-20T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-19T00:00:00Z", "3",
		ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD")+ingesttest.MOSPRow(10, "2", "USD")+ingesttest.MOSPRow(12, "4", "USD"))
	_, err := w.Ingest()
	ingesttest.Must(t, err)
	w.PutRun(ingesttest.Run2, "2026-03-21T01:00:00Z", "Custom", "2026-03-09T00:00:00", "2026-03-11T00:00:00Z", "1", ingesttest.MOSPHeader+ingesttest.MOSPRow(10, "8", "USD"))
	_, err = w.Ingest()
	ingesttest.Must(t, err)
	if got := w.Money(); got != "13.00" {
		t.Errorf("the ledger has %s", got)
	}
	ingesttest.CompareContent(t, "two runs", w.Content(), w.Unpacked())
}

// A file of a pack that is taken back is out of it, and so is a customer, with rows of slices that were replaced before.
func TestForgetFromPack(t *testing.T) {
	ingesttest.PacksFrom(t, 16)
	w := ingesttest.New(t)
	n := ingest.PackFrom + 5
	w.PutSmall(n)
	_, err := w.Ingest()
	ingesttest.Must(t, err)
	w.Forget(forget.What{Files: []string{"exports/small-001.csv"}})
	if got := w.Rows(); got != int64(n-1) {
		t.Errorf("%d rows after a file was forgotten", got)
	}
	w.Put("small-003.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(3, "5", "USD")) // was the other's; that row stays in the pack
	_, err = w.Ingest()
	ingesttest.Must(t, err)
	f := w.Forget(forget.What{Subscriptions: []string{ingesttest.PackedOther}})
	others := int64((n+2)/3 - 1)
	if f.UsageRows != others {
		t.Errorf("%+v", f)
	}
	if got, want := w.Rows(), int64(n)-1-others; got != want {
		t.Errorf("%d rows after a customer was forgotten, not %d", got, want)
	}
	ingesttest.Must(t, filepath.WalkDir(w.Opts.Folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(bytes.ToLower(data), []byte(ingesttest.PackedOther)) {
			t.Errorf("%s names the customer", path)
		}
		return err
	}))
	want := w.Content()
	r, err := w.Ingest()
	ingesttest.Must(t, err)
	if r.Rows != 0 {
		t.Errorf("%d rows read again", r.Rows)
	}
	ingesttest.CompareContent(t, "the same once more", w.Content(), want)

	for i := range ingest.PackFrom { // and what comes later is not kept
		w.Put(fmt.Sprintf("late-%03d.csv", i), ingesttest.MOSPHeader+ingesttest.MOSPRow(4, fmt.Sprint(500+i), "USD")+ingesttest.OfOther(ingesttest.MOSPRow(5, fmt.Sprint(600+i), "USD")))
	}
	r, err = w.Ingest()
	ingesttest.Must(t, err)
	if late := ingesttest.Status(t, r, "late-000.csv"); late.Rows != 2 || late.Loaded != 1 {
		t.Errorf("%+v", late)
	}
	if got, want := w.Rows(), int64(n)-1-others+int64(ingest.PackFrom); got != want {
		t.Errorf("%d rows with those of a forgotten customer, not %d", got, want)
	}
}

// A pack goes into a backup, with rows of slices that are gone, and comes out of it.
func TestBackupOfPacks(t *testing.T) {
	ingesttest.PacksFrom(t, 16)
	w := ingesttest.New(t)
	w.PutSmall(ingest.PackFrom + 2)
	_, err := w.Ingest()
	ingesttest.Must(t, err)
	w.Put("small-002.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(3, "1000", "USD"))
	_, err = w.Ingest()
	ingesttest.Must(t, err)
	dir := filepath.Join(w.Dir, "backup")
	b, err := ledger.Export(t.Context(), w.Opts, dir)
	ingesttest.Must(t, err)
	if n := int64(ingest.PackFrom + 2); b.Slices != n || b.UsageRows != n {
		t.Errorf("%+v", b)
	}
	r := w.Restored("restored")
	_, err = ledger.Import(t.Context(), r.Opts, dir)
	ingesttest.Must(t, err)
	ingesttest.CompareContent(t, "restored", r.Content(), w.Content())
	if got := r.Folders(); !slices.Equal(got, w.Folders()) {
		t.Errorf("folders %v, not %v", got, w.Folders())
	}
}

package ingest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pidledger/pidledger/ingest/ingesttest"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/ingest/status"
)

// Rejected rows are said in every run while their file counts, and by the status; only the run that read them is partial.
func TestRejectedRowsAreSaidAgain(t *testing.T) {
	w := ingesttest.New(t)
	w.Run.MaxRejectRatio = 0.5
	w.Put("a.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD")+ingesttest.MOSPRow(2, "1,5", "USD")+ingesttest.MOSPRow(3, "1", "USD"))
	w.Put("b.csv", ingesttest.MOSPHeader+strings.Repeat(ingesttest.MOSPRow(4, "1", "USD"), 3)+ingesttest.MOSPRow(5, "x", "USD")+ingesttest.MOSPRow(6, "y", "USD"))
	w.Put("failed.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(7, "z", "USD"))
	night := func(partial bool, want ...string) {
		t.Helper()
		r, err := w.Ingest()
		if err != nil {
			t.Fatal(err)
		}
		var before []string
		for _, f := range r.RejectedBefore {
			before = append(before, f.Path)
		}
		if d := cmp.Diff(want, before); d != "" {
			t.Errorf("rejected before: %s", d)
		}
		if (r.Rejected > 0) != partial {
			t.Errorf("%d rejected in this run", r.Rejected)
		}
	}
	night(true)
	if err := os.Remove(filepath.Join(w.Dir, "exports", "failed.csv")); err != nil {
		t.Fatal(err)
	}
	night(false, "exports/b.csv", "exports/a.csv")
	w.Put("good.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(9, "1", "USD"))
	night(false, "exports/b.csv", "exports/a.csv")
	st, err := status.Read(t.Context(), w.Opts)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]status.RejectedRows{{Path: "exports/b.csv", Rows: 2}, {Path: "exports/a.csv", Rows: 1}}, st.Rejects); d != "" {
		t.Errorf("status: %s", d)
	}
	if err := st.CheckCadence(); err != nil {
		t.Errorf("rejects alone fail the check: %v", err)
	}
	w.Put("b.csv", ingesttest.MOSPHeader+strings.Repeat(ingesttest.MOSPRow(4, "1", "USD"), 5)) // delivered again, whole
	night(false, "exports/a.csv")
}

// A run that ends between the loading of an export run and the commit has told all of its files: what is loaded is not read again, so their
// rejects would be lost.
func TestRejectedRowsOfARunThatEnded(t *testing.T) {
	w := ingesttest.New(t)
	w.Run.MaxRejectRatio = 0.5
	w.PutRun(ingesttest.Run1, "2026-03-04T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-04T00:00:00Z", "3", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD")+ingesttest.MOSPRow(2, "1,5", "USD")+ingesttest.MOSPRow(3, "1", "USD"))
	w.Put("deployments.json", goodDeployment)
	w.IngestUntil("load evidence")
	for range 2 {
		r, err := w.Ingest()
		ingesttest.Must(t, err)
		if w.Count("files") != 3 || w.Count("rejects") != 1 || w.Count("(select 1 from files where rows_read = 3 and rows_loaded = 2 and rows_rejected = 1)") != 1 {
			t.Errorf("%d files, %d rejects", w.Count("files"), w.Count("rejects"))
		}
		if len(r.RejectedBefore) != 1 {
			t.Errorf("rejected before: %v", r.RejectedBefore)
		}
	}
	if r, err := w.Ingest(); err != nil || r.Counts[ledger.StatusUnchanged] != 3 {
		t.Errorf("%v: %v", err, r.Counts)
	}
}

package ingest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Rejected rows are said in every run while their file counts, and by the status; only the run that read them is partial.
func TestRejectedRowsAreSaidAgain(t *testing.T) {
	w := newWorkbench(t)
	w.run.MaxRejectRatio = 0.5
	w.put("a.csv", mospHeader+mospRow(1, "1", "USD")+mospRow(2, "1,5", "USD")+mospRow(3, "1", "USD"))
	w.put("b.csv", mospHeader+strings.Repeat(mospRow(4, "1", "USD"), 3)+mospRow(5, "x", "USD")+mospRow(6, "y", "USD"))
	w.put("failed.csv", mospHeader+mospRow(7, "z", "USD"))
	night := func(partial bool, want ...string) {
		t.Helper()
		r, err := w.ingest()
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
	if err := os.Remove(filepath.Join(w.dir, "exports", "failed.csv")); err != nil {
		t.Fatal(err)
	}
	night(false, "exports/b.csv", "exports/a.csv")
	w.put("good.csv", mospHeader+mospRow(9, "1", "USD"))
	night(false, "exports/b.csv", "exports/a.csv")
	st, err := ReadStatus(t.Context(), w.opts)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]RejectedRows{{"exports/b.csv", 2}, {"exports/a.csv", 1}}, st.Rejects); d != "" {
		t.Errorf("status: %s", d)
	}
	if err := st.CheckCadence(); err != nil {
		t.Errorf("rejects alone fail the check: %v", err)
	}
	w.put("b.csv", mospHeader+strings.Repeat(mospRow(4, "1", "USD"), 5)) // delivered again, whole
	night(false, "exports/a.csv")
}

// A run that ends between the loading of an export run and the commit has told all of its files: what is loaded is not read again, so their
// rejects would be lost.
func TestRejectedRowsOfARunThatEnded(t *testing.T) {
	w := newWorkbench(t)
	w.run.MaxRejectRatio = 0.5
	w.putRun(run1, "2026-03-04T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-04T00:00:00Z", "3", mospHeader+mospRow(1, "1", "USD")+mospRow(2, "1,5", "USD")+mospRow(3, "1", "USD"))
	w.put("deployments.json", goodDeployment)
	w.ingestUntil("load evidence")
	for range 2 {
		r, err := w.ingest()
		must(t, err)
		if w.count("files") != 3 || w.count("rejects") != 1 || w.count("(select 1 from files where rows_read = 3 and rows_loaded = 2 and rows_rejected = 1)") != 1 {
			t.Errorf("%d files, %d rejects", w.count("files"), w.count("rejects"))
		}
		if len(r.RejectedBefore) != 1 {
			t.Errorf("rejected before: %v", r.RejectedBefore)
		}
	}
	if r, err := w.ingest(); err != nil || r.Counts[StatusUnchanged] != 3 {
		t.Errorf("%v: %v", err, r.Counts)
	}
}

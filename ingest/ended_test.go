package ingest

import (
	"context"
	"errors"
	"testing"
)

// An export run without a manifest that was loaded by a run which ended before its commit counts from the next run on: all its files are known by
// then, and yet they are planned again.
func TestLoadedWithoutManifestBeforeTheEnd(t *testing.T) {
	w := newWorkbench(t)
	w.put("cost/daily/20260301-20260331/daily_"+run1+".csv", mospHeader+mospRow(1, "1", "USD")+mospRow(2, "2", "USD"))
	w.put("deployments.json", goodDeployment)
	w.ingestUntil("load evidence")
	if n := w.count("slices"); n != 1 {
		t.Fatalf("%d slices were loaded before the end", n)
	}
	for range 2 {
		_, err := w.ingest()
		must(t, err)
		if got := w.money(); got != "3.00" {
			t.Errorf("%s counts", got)
		}
	}
}

// ingestUntil is a run that is ended when it comes to a stage.
func (w *workbench) ingestUntil(stage string) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	w.opts.Progress = &meddler{stage: stage, do: cancel}
	l, err := Open(w.t.Context(), w.opts)
	must(w.t, err)
	_, err = Ingest(ctx, l, w.nightOptions())
	must(w.t, l.Close())
	if !errors.Is(err, context.Canceled) {
		w.t.Fatal(err)
	}
}

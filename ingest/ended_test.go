package ingest_test

import (
	"testing"

	"github.com/pidledger/pidledger/ingest/ingesttest"
)

// An export run without a manifest that was loaded by a run which ended before its commit counts from the next run on: all its files are known by
// then, and yet they are planned again.
func TestLoadedWithoutManifestBeforeTheEnd(t *testing.T) {
	w := ingesttest.New(t)
	w.Put("cost/daily/20260301-20260331/daily_"+ingesttest.Run1+".csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD")+ingesttest.MOSPRow(2, "2", "USD"))
	w.Put("deployments.json", goodDeployment)
	w.IngestUntil("load evidence")
	if n := w.Count("slices"); n != 1 {
		t.Fatalf("%d slices were loaded before the end", n)
	}
	for range 2 {
		_, err := w.Ingest()
		ingesttest.Must(t, err)
		if got := w.Money(); got != "3.00" {
			t.Errorf("%s counts", got)
		}
	}
}

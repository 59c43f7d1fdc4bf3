package ledger_test

import (
	"fmt"
	"testing"

	"github.com/pidledger/pidledger/ingest/ingesttest"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/queries/engine"
)

// Thousands of files of a few rows that an older pidledger loaded, each into a file of its own, are opened once, not once for each step that reads
// usage; the rows are the same.
func TestManySmallFiles(t *testing.T) {
	ingesttest.PacksFrom(t, ledger.ManyFiles*2)
	w := ingesttest.New(t)
	for i := range ledger.ManyFiles + 20 {
		w.Put(fmt.Sprintf("usage-%03d.csv", i), ingesttest.MOSPHeader+ingesttest.MOSPRow(1+i%28, fmt.Sprint(i+1), "USD"))
	}
	if _, err := w.Ingest(); err != nil {
		t.Fatal(err)
	}
	l, err := ledger.Open(t.Context(), w.Opts)
	ingesttest.Must(t, err)
	defer l.Close()
	ingesttest.Must(t, l.Usage.CountDays(t.Context()))
	if l.Usage.InView() == nil {
		t.Error("the rows were not read into a table")
	}
	live, err := engine.Ask[string](t.Context(), l.DB, "select slice_id from slices where is_live order by slice_id")
	ingesttest.Must(t, err)
	for range 2 {
		if n, err := l.DB.Count(t.Context(), "select count(*) from usage"); err != nil || n != ledger.ManyFiles+20 {
			t.Errorf("%d rows, %v", n, err)
		}
		ingesttest.Must(t, l.Usage.Hold(t.Context(), live))
	}
	ingesttest.Must(t, l.Usage.Hold(t.Context(), live[:5]))
	ingesttest.Must(t, l.Usage.View(t.Context(), live[:5]))
	if n, err := l.DB.Count(t.Context(), "select count(*) from usage"); err != nil || n != 5 || l.Usage.InView() != nil {
		t.Errorf("%d rows of 5 slices, %v", n, err)
	}
}

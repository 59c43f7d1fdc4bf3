package ingest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/queries/chain"
)

// packsFrom sets packFrom for one test.
func packsFrom(t *testing.T, n int) {
	t.Helper()
	before := packFrom
	t.Cleanup(func() { packFrom = before })
	packFrom = n
}

// Thousands of files of a few rows that an older pidledger loaded, each into a file of its own, are opened once, not once for each step that reads
// usage; the rows are the same.
func TestManySmallFiles(t *testing.T) {
	packsFrom(t, manyFiles*2)
	w := newWorkbench(t)
	for i := range manyFiles + 20 {
		w.put(fmt.Sprintf("usage-%03d.csv", i), mospHeader+mospRow(1+i%28, fmt.Sprint(i+1), "USD"))
	}
	if _, err := w.ingest(); err != nil {
		t.Fatal(err)
	}
	l, err := Open(t.Context(), w.opts)
	must(t, err)
	defer l.Close()
	must(t, l.Usage.CountDays(t.Context()))
	if l.Usage.inView == nil {
		t.Error("the rows were not read into a table")
	}
	live, err := texts(t.Context(), l.DB, "select slice_id from slices where is_live order by slice_id")
	must(t, err)
	for range 2 {
		if n, err := l.DB.Count(t.Context(), "select count(*) from usage"); err != nil || n != manyFiles+20 {
			t.Errorf("%d rows, %v", n, err)
		}
		must(t, l.Usage.Hold(t.Context(), live))
	}
	must(t, l.Usage.Hold(t.Context(), live[:5]))
	must(t, l.Usage.View(t.Context(), live[:5]))
	if n, err := l.DB.Count(t.Context(), "select count(*) from usage"); err != nil || n != 5 || l.Usage.inView != nil {
		t.Errorf("%d rows of 5 slices, %v", n, err)
	}
}

// A GUID folder that is a subscription of the rows in it is no run folder; one that is not waits (SPEC 3.2a).
func TestFolderNamedBySubscription(t *testing.T) {
	w := newWorkbench(t)
	row := mospRow(1, "1", "USD")
	subscription, _, _ := strings.Cut(row, ",")
	w.put("cost/"+subscription+"/2026-03.csv", mospHeader+row)
	w.put("cost/11111111-2222-4333-8444-555555555555/2026-03.csv", mospHeader+mospRow(2, "2", "USD"))
	r, err := w.ingest()
	must(t, err)
	if f := status(t, r, "cost/"+subscription+"/2026-03.csv"); f.Status != StatusLoaded {
		t.Errorf("%+v", f)
	}
	if f := status(t, r, "cost/11111111-2222-4333-8444-555555555555/2026-03.csv"); f.Status != StatusWaiting {
		t.Errorf("%+v", f)
	}
}

// A day whose usage was delivered and of which nothing counts is named with its file, whatever step lost it.
func TestLostDays(t *testing.T) {
	w := newWorkbench(t)
	w.put("plain.csv", mospHeader+mospRow(1, "1", "USD")+mospRow(2, "2", "USD"))
	l := w.night(1)
	defer l.Close()
	settings := chain.Attribution{Owner: "first", Credit: "primary", SharedCorrelation: "per_request", CostBasis: "auto", RunID: "run"}
	if _, err := judgeOf(l).Attribute(t.Context(), settings, true, true); err != nil {
		t.Fatal(err)
	}
	lost, err := LostDays(t.Context(), l.DB)
	if err != nil || len(lost) > 0 || CheckLostDays(lost) != nil {
		t.Fatalf("lost %v, %v", lost, err)
	}
	const day = "2026-03-02"
	if err := l.DB.Exec(t.Context(), "delete from counted_days where usage_date = ?::date", day); err != nil {
		t.Fatal(err)
	}
	if lost, err = LostDays(t.Context(), l.DB); err != nil || len(lost) != 1 || !strings.Contains(lost[0], day+": ") || !strings.HasSuffix(lost[0], "plain.csv") {
		t.Errorf("lost %v, %v", lost, err)
	}
	var check *CheckError
	if !errors.As(CheckLostDays(lost), &check) || !strings.Contains(check.Error(), day) {
		t.Errorf("the check says %v", check)
	}
	if many := CheckLostDays(slices.Repeat(lost, 25)).Error(); !strings.Contains(many, "and 5 days more") {
		t.Error(many)
	}
}

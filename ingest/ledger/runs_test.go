package ledger_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/pidledger/pidledger/ingest/ingesttest"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/ingest/status"
	"github.com/pidledger/pidledger/testdata/faults"
)

// Every run leaves a trace of how it ended; one that never said so was killed.
func TestRunsTell(t *testing.T) {
	w := ingesttest.New(t)
	w.Put("plain.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD"))
	l := w.Night(1)
	if err := l.Close(); err != nil { // as when the process is killed
		t.Fatal(err)
	}
	st := w.Status("2026-05-03T12:00:00Z")
	if st.LastRun == nil || st.LastRun.Result != ledger.ResultKilled || st.LastRun.Command != "run" || st.LastRun.FilesRead != 1 || !st.LastRun.Ended.IsZero() {
		t.Errorf("last run %+v", st.LastRun)
	}
	if st.LastDone != nil {
		t.Errorf("last done %+v", st.LastDone)
	}
	hour := 2
	for _, result := range []string{ledger.ResultDone, ledger.ResultFailed, ledger.ResultPartial, ledger.ResultInterrupted, ledger.ResultCheckFailed} {
		l := w.Night(hour)
		ctx, cancel := context.WithCancel(t.Context())
		if result == ledger.ResultInterrupted {
			cancel() // the end is written down all the same
		}
		if result == ledger.ResultFailed { // and when a transaction was left open
			if err := l.DB.Exec(ctx, "begin transaction; update runs set command = 'lost'"); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(l.End(ctx, result), l.End(ctx, "twice"), l.Close()); err != nil {
			t.Fatal(err)
		}
		cancel()
		st := w.Status("2026-05-03T12:00:00Z")
		r := st.LastRun
		if r.Result != result || r.Command != "run" || r.Started.Hour() != hour || r.Ended.Hour() != hour || r.FilesRead != 0 {
			t.Errorf("%s: last run %+v", result, r)
		}
		good := map[string]int{ledger.ResultDone: 2, ledger.ResultFailed: 2, ledger.ResultPartial: 4, ledger.ResultInterrupted: 4, ledger.ResultCheckFailed: 4}
		if st.LastDone == nil || st.LastDone.Started.Hour() != good[result] {
			t.Errorf("%s: last done %+v", result, st.LastDone)
		}
		hour++
	}
	l, err := ledger.Open(t.Context(), w.Opts)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if n, err := l.DB.Count(t.Context(), "select count(*) from runs where result = 'killed'"); err != nil || n != 1 {
		t.Errorf("%d killed runs in the table, %v", n, err)
	}
	if n, err := l.DB.Count(t.Context(), "select count(*) from runs"); err != nil || n != 6 {
		t.Errorf("%d runs in the table, %v", n, err)
	}
}

// A run while the clock was wrong is the last one only until the next.
func TestClockInTheFuture(t *testing.T) {
	faults.Count(t, "wrong clock").Watch(t, "the last run")
	w := ingesttest.New(t)
	for _, year := range []int{2037, 2026} {
		w.Opts.Now = func() time.Time { return time.Date(year, 5, 3, 2, 0, 0, 0, time.UTC) }
		l, err := ledger.Open(t.Context(), w.Opts)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.Begin(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(l.End(t.Context(), ledger.ResultDone), l.Close()); err != nil {
			t.Fatal(err)
		}
	}
	st, err := status.Read(t.Context(), w.Opts)
	if err != nil {
		t.Fatal(err)
	}
	if st.LastRun.Started.Year() != 2026 || st.LastDone.Started.Year() != 2026 {
		t.Errorf("the last run is of %v, the last that was done of %v", st.LastRun.Started, st.LastDone.Started)
	}
}

// A ledger whose database is gone is not started over beside its slices, which nobody may deliver again.
func TestLostDatabase(t *testing.T) {
	faults.Count(t, "lost files").Watch(t, "the database")
	w := ingesttest.New(t)
	l, err := ledger.Open(t.Context(), w.Opts)
	if err != nil {
		t.Fatal(err)
	}
	slice := l.Path(ledger.UsageFolder, "0123456789abcdef")
	if err := errors.Join(l.Close(), os.Mkdir(slice, 0o700), os.Remove(l.Path(ledger.DatabaseFile))); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time, too: nothing was begun
		_, err = ledger.Open(t.Context(), w.Opts)
		var lost *ledger.LostDatabaseError
		if !errors.As(err, &lost) {
			t.Fatalf("opened without its database: %v", err)
		}
	}
	if _, err := os.Stat(slice); err != nil {
		t.Error("the slice was swept")
	}
}

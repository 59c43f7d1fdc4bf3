package ingest_test

import (
	"errors"
	"testing"
	"time"

	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/ingest/forget"
	"github.com/pidledger/pidledger/ingest/ingesttest"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/testdata/faults"
)

// The first run after something was forgotten looks again which export runs count; those after it open nothing, whatever they are called, and
// a run that was killed is not one.
func TestForgottenIsLookedForOnce(t *testing.T) {
	for _, command := range []string{"run", "ingest"} {
		w := ingesttest.New(t)
		w.Opts.Command = command
		at := func(hour int) {
			w.Opts.Now = func() time.Time { return time.Date(2026, 5, 3, hour, 0, 0, 0, time.UTC) }
		}
		w.PutRun(ingesttest.Run1, "2026-03-02T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-01T00:00:00Z", "1", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "10", "USD"))
		w.PutRun(ingesttest.Run2, "2026-03-03T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-02T00:00:00Z", "1", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "20", "USD"))
		w.Must()
		at(5)
		if !nothingNew(w) {
			t.Errorf("%s: something is new in what was just read", command)
		}
		w.Forget(forget.What{Runs: []string{ingesttest.Run2}})
		at(6)
		killed, err := ledger.Open(t.Context(), w.Opts)
		if err == nil {
			_, err = killed.Begin(t.Context())
		}
		if err := errors.Join(err, killed.Close()); err != nil {
			t.Fatal(err)
		}
		at(7)
		w.Must()
		if got := w.Money(); got != "10.00" {
			t.Errorf("%s: the ledger has %s after the newer run was forgotten", command, got)
		}
		at(8)
		if !nothingNew(w) {
			t.Errorf("%s: every run after a forget looks at all manifests again", command)
		}
	}
}

// nothingNew tells whether a run that begins now would open no file to find out what counts.
func nothingNew(w *ingesttest.Workbench) bool {
	w.T.Helper()
	l, err := ledger.Open(w.T.Context(), w.Opts)
	if err != nil {
		w.T.Fatal(err)
	}
	defer l.Close()
	idle, err := ingest.NothingNew(w.T.Context(), l, w.NightOptions())
	if err != nil {
		w.T.Fatal(err)
	}
	return idle
}

// What is forgotten after a run whose clock was ahead lets the run that had been replaced count again, as ever.
func TestForgottenWhileTheClockWasWrong(t *testing.T) {
	faults.Count(t, "wrong clock").Watch(t, "forget after it")
	w := ingesttest.New(t)
	at := func(year, day int) {
		w.Opts.Now = func() time.Time { return time.Date(year, 5, day, 2, 0, 0, 0, time.UTC) }
	}
	w.PutRun(ingesttest.Run1, "2026-03-20T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-19T00:00:00Z", "1", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD"))
	w.PutRun(ingesttest.Run2, "2026-03-21T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-20T00:00:00Z", "1", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "2", "USD"))
	for _, night := range []struct{ year, day int }{{2026, 1}, {2037, 2}} {
		at(night.year, night.day)
		if _, err := w.Ingest(); err != nil || w.Money() != "2.00" {
			t.Fatal(w.Money(), err)
		}
	}
	at(2026, 3)
	w.Forget(forget.What{Runs: []string{ingesttest.Run2}})
	at(2026, 4)
	if _, err := w.Ingest(); err != nil || w.Money() != "1.00" {
		t.Errorf("the run before counts with %q, %v", w.Money(), err)
	}
	at(2026, 5)
	if r, err := w.Ingest(); err != nil || r.Rows != 0 || w.Money() != "1.00" {
		t.Errorf("%+v, %v", r, err)
	}
}

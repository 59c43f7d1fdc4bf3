package ledger

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/pidledger/pidledger/ingest/digest"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/engine"
)

// How a run ended (RunRecord.Result).
const (
	ResultRunning     = "running"
	ResultDone        = "done"
	ResultPartial     = "partial"      // done, but some input was rejected or could not be read
	ResultCheckFailed = "check_failed" // what was delivered or computed does not add up
	ResultFailed      = "failed"
	ResultInterrupted = "interrupted" // by a signal; it ended in order
	ResultKilled      = "killed"      // it never said how it ended: killed, out of memory, power
)

// Complete counts a completed change of the ledger (see identity), in the transaction that completes it.
func (l *Ledger) Complete(ctx context.Context) error {
	return l.DB.Exec(ctx, queries.Text("ledger/complete.sql"))
}

// Run is the run that works on an open ledger.
type Run struct {
	ID      string
	Started time.Time // UTC
}

// Begin enters the run into the table runs, in a transaction of its own, so that a run that is killed leaves a trace. It is called before the first
// change of the ledger; a second call does nothing.
func (l *Ledger) Begin(ctx context.Context) (Run, error) {
	if l.run.ID != "" {
		return l.run, nil
	}
	run := Run{ID: l.opts.RunID, Started: l.opts.Now().UTC()}
	if run.ID == "" {
		run.ID = RunID(run.Started)
	}
	err := l.DB.InTx(ctx, func() error {
		if err := l.DB.Exec(ctx, queries.Text("ledger/kill_runs.sql"), ResultKilled, ResultRunning); err != nil {
			return err
		}
		return l.DB.Exec(ctx, queries.Text("ledger/begin_run.sql"), run.ID, cmp.Or(l.opts.Command, "ingest"), run.Started, ResultRunning, l.opts.Version)
	})
	if err != nil {
		return run, fmt.Errorf("enter the run into the ledger: %w", err)
	}
	l.run = run
	return run, nil
}

// Run is the run that began; zero: none.
func (l *Ledger) Run() Run { return l.run }

// End records how the run ended; it does nothing if none began. A failed run may have left its connection in any state, so the engine is restarted
// for it.
func (l *Ledger) End(ctx context.Context, result string) error {
	if l.run.ID == "" {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	if result != ResultDone && result != ResultPartial {
		l.DB.Close() // an error here has been reported before
		if err := l.restart(ctx); err != nil {
			return fmt.Errorf("record that the run ended: %w", err)
		}
	}
	err := l.DB.InTx(ctx, func() error {
		if err := l.Complete(ctx); err != nil {
			return err
		}
		return l.DB.Exec(ctx, queries.Text("ledger/end_run.sql"), result, l.opts.Now().UTC(), l.run.ID)
	})
	if err != nil {
		return fmt.Errorf("record that the run ended: %w", err)
	}
	l.run = Run{}
	return nil
}

// restart opens the database on a connection of its own.
func (l *Ledger) restart(ctx context.Context) error {
	db, err := l.startEngine(ctx)
	if err != nil {
		return err
	}
	l.use(db)
	return l.openDatabase(ctx)
}

// startEngine opens a connection with the limits of the run.
func (l *Ledger) startEngine(ctx context.Context) (*engine.DB, error) {
	return engine.Open(ctx, engine.Options{
		Memory:  engineMemory(l.opts.Memory),
		Threads: l.opts.Threads,
		Temp:    l.Path(StagingFolder, "spill"),
	})
}

// RunID names a run by the time it began.
func RunID(started time.Time) string {
	return started.UTC().Format("20060102T150405") + "-" + digest.Of(started.UTC().Format(time.RFC3339Nano))[:6]
}

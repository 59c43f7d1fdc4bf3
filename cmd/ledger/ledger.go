// Package ledger is the commands that look after the ledger: status, files, forget, ledger check, export and import, and spark script. What they ask, and
// the ledger itself, is package ingest/ledger.
package ledger

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/night"
	"github.com/pidledger/pidledger/ingest/blob"
	"github.com/pidledger/pidledger/ingest/forget"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/ingest/status"
	"github.com/pidledger/pidledger/queries/engine/spark"
	"github.com/pidledger/pidledger/queries/engine/spark/connect"
	"github.com/pidledger/pidledger/report"
)

// App does the work behind the commands. Errors that mean something to the exit code: ledger.ErrInUse, *ledger.CheckError, and ctx.Err()
// after a signal.
type App interface {
	// Files lists every file that the ledger knows, by path; while a run holds it, those that the last published run knew.
	Files(ctx context.Context, call night.Options) ([]ledger.FileRecord, error)
	// Forget takes deliveries or customers out of the ledger; without yes it only tells what that would be, and writes nothing.
	Forget(ctx context.Context, call night.Options, what forget.What, yes bool) (*forget.Forgotten, error)
	// Status tells how the ledger stands and writes nothing to it. A run that holds the ledger is not an error.
	Status(ctx context.Context, call night.Options) (*status.Status, error)
	// Export writes a backup of the ledger into a folder that is not there yet.
	Export(ctx context.Context, call night.Options, dir string) (*ledger.Backup, error)
	// Check reads every file of the ledger and of its snapshots, and writes nothing.
	Check(ctx context.Context, call night.Options) (*ledger.Checked, error)
	// Script fills a lake with what Spark reads of the ledger, and writes the statements that it is to run; with a server it has it run them. Errors: *connect.Error.
	Script(ctx context.Context, call night.Options, lake spark.Lake, server *connect.Remote) (*night.Scripted, error)
	// Import makes a ledger, where none is yet, from a backup.
	Import(ctx context.Context, call night.Options, dir string) (*ledger.Backup, error)
}

// Commands are the commands of this package.
func Commands(p *cli.Program, app App) []*cobra.Command {
	return []*cobra.Command{newFilesCommand(p, app), newStatusCommand(p, app), newForgetCommand(p, app), newLedgerCommand(p, app), newSparkCommand(p, app)}
}

// Ledger is the App on the ledger that the configuration names.
type Ledger struct{}

func (Ledger) Files(ctx context.Context, call night.Options) (_ []ledger.FileRecord, err error) {
	l, err := ledger.Look(ctx, call.LedgerOptions())
	if errors.Is(err, ledger.ErrInUse) {
		if files, snapErr := publishedFiles(ctx, call); snapErr == nil {
			call.Progress.Note("a run holds the ledger: this is what the last published run left")
			return files, nil
		}
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(ledger.NameDamage(call.Config.Ledger, err), l.Close()) }()
	return l.Files(ctx)
}

// publishedFiles lists the files that the last published run knew.
func publishedFiles(ctx context.Context, call night.Options) (files []ledger.FileRecord, err error) {
	r, err := report.Open(ctx, call.Config.Report.Dir, call.Config.ReaderOptions())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	rows, err := report.Ask[struct {
		Path, Status, Format, Reason             string
		Size, RowsRead, RowsLoaded, RowsRejected int64
		Kinds                                    *string // as JSON
	}](ctx, r, "published/files", nil)
	var damaged error
	for _, row := range rows {
		f := ledger.FileRecord{
			Path: row.Path, Status: row.Status, Format: row.Format, Reason: row.Reason,
			Size: row.Size, Rows: row.RowsRead, Loaded: row.RowsLoaded, Rejected: row.RowsRejected,
		}
		if row.Kinds != nil {
			damaged = errors.Join(damaged, json.Unmarshal([]byte(*row.Kinds), &f.Kinds))
		}
		files = append(files, f)
	}
	return files, errors.Join(err, damaged)
}

func (Ledger) Script(ctx context.Context, call night.Options, lake spark.Lake, server *connect.Remote) (*night.Scripted, error) {
	s, err := call.Script(ctx, lake, server)
	return s, ledger.NameDamage(call.Config.Ledger, err)
}

func (Ledger) Forget(ctx context.Context, call night.Options, what forget.What, yes bool) (*forget.Forgotten, error) {
	sources := call.Sources()
	f, err := forget.From(ctx, call.LedgerOptions(), sources, what, yes)
	if err = errors.Join(err, sources.Blobs.Close()); err == nil && yes {
		err = blob.ClearCache(call.Config.Cache.Dir)
	}
	return f, ledger.NameDamage(call.Config.Ledger, err)
}

func (Ledger) Status(ctx context.Context, call night.Options) (*status.Status, error) {
	st, err := status.Read(ctx, call.LedgerOptions())
	return st, ledger.NameDamage(call.Config.Ledger, err)
}

func (Ledger) Export(ctx context.Context, call night.Options, dir string) (*ledger.Backup, error) {
	b, err := ledger.Export(ctx, call.LedgerOptions(), dir)
	return b, ledger.NameDamage(call.Config.Ledger, err)
}

func (Ledger) Check(ctx context.Context, call night.Options) (*ledger.Checked, error) {
	c, err := ledger.Check(ctx, call.LedgerOptions())
	if err != nil {
		return nil, err
	}
	damaged, files, size, err := report.CheckSnapshots(ctx, call.Snapshots())
	for _, d := range damaged {
		c.Damaged = append(c.Damaged, ledger.DamagedFile{Path: d.File, Why: d.Why, Try: d.Try()})
	}
	c.Files += files
	c.Bytes += size
	return c, err
}

func (Ledger) Import(ctx context.Context, call night.Options, dir string) (*ledger.Backup, error) {
	return ledger.Import(ctx, call.LedgerOptions(), dir)
}

package cmd

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/pidledger/pidledger/cmd/night"
	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/ingest/forget"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/ingest/status"
	"github.com/pidledger/pidledger/report"
	"github.com/pidledger/pidledger/report/explain"
)

// App does the work behind the commands beside the night. Tests put a fake in its place.
//
// Errors that mean something to the exit code: ledger.ErrInUse, *ledger.CheckError, and ctx.Err() after a signal. An error with a
// method `Try() string` says itself what to do about it.
type App interface {
	// Files lists every file that the ledger knows, by path; while a run holds it, those that the last published run knew.
	Files(ctx context.Context, call night.Options) ([]ledger.FileRecord, error)
	// Forget takes deliveries or customers out of the ledger; without yes it only tells what that would be, and writes nothing.
	Forget(ctx context.Context, call night.Options, what forget.What, yes bool) (*forget.Forgotten, error)
	// Status tells how the ledger stands and writes nothing to it. A run that holds the ledger is no error.
	Status(ctx context.Context, call night.Options) (*status.Status, error)
	// DryRun tells what the next night would read and why; it writes nothing.
	DryRun(ctx context.Context, call night.Options) (*ingest.Plan, error)
	// Explain tells of one thing what the published snapshot knows. Errors: *explain.ManyError, *explain.NothingError, *explain.DayError.
	Explain(ctx context.Context, call night.Options, q explain.Question) (*explain.Answer, error)
	// Verify lists what a tracking id deployed. Errors: *explain.VerifyError when it deployed nothing.
	Verify(ctx context.Context, call night.Options, c explain.Check) (*explain.Verification, error)
	// Lint checks the registrations file, and what the published snapshot tells about it, without touching the ledger.
	Lint(ctx context.Context, call night.Options) ([]Finding, error)
	// Export writes a backup of the ledger into a folder that is not there yet.
	Export(ctx context.Context, call night.Options, dir string) (*ledger.Backup, error)
	// Check reads every file of the ledger and of its snapshots, and writes nothing.
	Check(ctx context.Context, call night.Options) (*ledger.Checked, error)
	// Import makes a ledger, where none is yet, from a backup.
	Import(ctx context.Context, call night.Options, dir string) (*ledger.Backup, error)
}

// The severities of findings. Only errors make `registry lint` fail.
const (
	SeverityError   = "error"
	SeverityWarning = "warning"
)

// Finding is something wrong, or odd, in the registrations file.
type Finding struct {
	Code     string `json:"code"` // of registry.Rules
	Severity string `json:"severity"`
	File     string `json:"file"`
	Record   int64  `json:"record,omitempty"` // 1-based; 0: not known
	Line     int64  `json:"line,omitempty"`   // 1-based; 0: not known
	Column   string `json:"column,omitempty"`
	ID       string `json:"id,omitempty"` // the tracking id, when the finding comes from a snapshot
	Message  string `json:"message"`
	Hint     string `json:"hint,omitempty"` // what to do about it
}

// app wires the commands to the packages that work.
type app struct{}

func (app) Files(ctx context.Context, call night.Options) (_ []ledger.FileRecord, err error) {
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

func (app) Forget(ctx context.Context, call night.Options, what forget.What, yes bool) (*forget.Forgotten, error) {
	f, err := forget.From(ctx, call.LedgerOptions(), call.Sources(), what, yes)
	return f, ledger.NameDamage(call.Config.Ledger, err)
}

func (app) Status(ctx context.Context, call night.Options) (*status.Status, error) {
	st, err := status.Read(ctx, call.LedgerOptions())
	return st, ledger.NameDamage(call.Config.Ledger, err)
}

func (app) DryRun(ctx context.Context, call night.Options) (_ *ingest.Plan, err error) {
	defer func() { err = ledger.NameDamage(call.Config.Ledger, err) }()
	l, err := ledger.Look(ctx, call.LedgerOptions())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	return ingest.DryRun(ctx, l, call.IngestOptions())
}

func (app) Export(ctx context.Context, call night.Options, dir string) (*ledger.Backup, error) {
	b, err := ledger.Export(ctx, call.LedgerOptions(), dir)
	return b, ledger.NameDamage(call.Config.Ledger, err)
}

func (app) Check(ctx context.Context, call night.Options) (*ledger.Checked, error) {
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

func (app) Import(ctx context.Context, call night.Options, dir string) (*ledger.Backup, error) {
	return ledger.Import(ctx, call.LedgerOptions(), dir)
}

func (app) Lint(ctx context.Context, call night.Options) ([]Finding, error) {
	return lintRegistry(ctx, call)
}

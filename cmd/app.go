package cmd

import (
	"context"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/ingest/discover"
	"github.com/pidledger/pidledger/ingest/forget"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/ingest/status"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/report"
	"github.com/pidledger/pidledger/report/changes"
	"github.com/pidledger/pidledger/report/explain"
	"github.com/pidledger/pidledger/report/spec"
)

// App does the work behind the commands. Tests put a fake in its place.
//
// Errors that mean something to the exit code: ledger.ErrInUse, *ledger.CheckError, and ctx.Err() after a signal. An error with a
// method `Try() string` says itself what to do about it.
type App interface {
	// Ingest reads what is new in the sources. With a *ledger.CheckError the result is there, too: the run is done, but something
	// delivered does not add up and does not count.
	Ingest(ctx context.Context, call Call) (*ingest.Result, error)
	// Report attributes the usage of the ledger and publishes the reports.
	Report(ctx context.Context, call Call) (*report.Published, error)
	// Files lists every file that the ledger knows, by path; while a run holds it, those that the last published run knew.
	Files(ctx context.Context, call Call) ([]ledger.FileRecord, error)
	// Forget takes deliveries or customers out of the ledger; without yes it only tells what that would be, and writes nothing.
	Forget(ctx context.Context, call Call, what forget.What, yes bool) (*forget.Forgotten, error)
	// Status tells how the ledger stands and writes nothing to it. A run that holds the ledger is no error.
	Status(ctx context.Context, call Call) (*status.Status, error)
	// DryRun tells what Ingest would read and why; it writes nothing.
	DryRun(ctx context.Context, call Call) (*ingest.Plan, error)
	// Explain tells of one thing what the published snapshot knows. Errors: *explain.ManyError, *explain.NothingError, *explain.DayError.
	Explain(ctx context.Context, call Call, q explain.Question) (*explain.Answer, error)
	// Verify lists what a tracking id deployed. Errors: *explain.VerifyError when it deployed nothing.
	Verify(ctx context.Context, call Call, c explain.Check) (*explain.Verification, error)
	// Lint checks the registrations file, and what the published snapshot tells about it, without touching the ledger.
	Lint(ctx context.Context, call Call) ([]Finding, error)
	// Export writes a backup of the ledger into a folder that is not there yet.
	Export(ctx context.Context, call Call, dir string) (*ledger.Backup, error)
	// Check reads every file of the ledger and of its snapshots, and writes nothing.
	Check(ctx context.Context, call Call) (*ledger.Checked, error)
	// Import makes a ledger, where none is yet, from a backup.
	Import(ctx context.Context, call Call, dir string) (*ledger.Backup, error)
	// Close is called once, after the last call, and frees what they kept: the ledger may stay open between Ingest and Report. The
	// ledger remembers how the run ended, one of ingest's results, if a run began.
	Close(result string) error
}

// Call is what every method of App gets.
type Call struct {
	Config   config.Config
	Progress ledger.Progress
	Log      *slog.Logger
	Now      func() time.Time
	Version  string
	Rebuild  bool   // judge every month anew, also where nothing has changed
	RunID    string // of this call, if it begins a run
	Command  string // without the name of the program, such as `run`
}

// LedgerOptions are what a ledger is opened with under that configuration.
func (c Call) LedgerOptions() ledger.Options {
	return ledger.Options{
		Folder: c.Config.Ledger, Memory: c.Config.Limits.Memory, Threads: c.Config.Limits.Threads,
		Progress: c.Progress, Now: c.Now, Version: c.Version, RunID: c.RunID, Command: c.Command,
	}
}

// Sources are the sources of that configuration.
func (c Call) Sources() discover.Sources {
	return discover.Sources{Base: c.Config.Base(), List: c.Config.Sources}
}

// IngestOptions are the options of an ingest run with that configuration.
func (c Call) IngestOptions() ingest.Options {
	return ingest.Options{
		Sources: c.Sources(), Registry: c.Config.Registry, Exclusions: c.Config.Exclusions, Customers: c.Config.Customers,
		MaxRejectRatio: c.Config.Limits.MaxRejectRatio, Threads: c.Config.Limits.Threads, Progress: c.Progress, Now: c.Now,
	}
}

// ReportOptions are the options of Publish with that configuration.
func (c Call) ReportOptions(run spec.Run) report.Options {
	return report.Options{
		Dir: c.Config.Report.Dir, Formats: c.Config.Report.Formats, Detail: c.Config.Report.AttributedUsage, Run: run, Watch: changes.Watch{AlertShare: c.Config.Report.AlertShare},
		Threads:   c.Config.Limits.Threads,
		Started:   func(string) { c.Progress.Add(1, 0) },
		Snapshots: report.Snapshots{Folder: c.snapshots(), Keep: c.Config.Report.Snapshots, Tables: queries.SnapshotTables},
	}
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

// snapshots is the folder of the snapshots for ad-hoc SQL.
func (c Call) snapshots() string { return filepath.Join(c.Config.Ledger, "snapshots") }

package night

import (
	"log/slog"
	"path/filepath"
	"time"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/terminal"
	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/ingest/blob"
	"github.com/pidledger/pidledger/ingest/discover"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/chain"
	"github.com/pidledger/pidledger/report"
	"github.com/pidledger/pidledger/report/changes"
	"github.com/pidledger/pidledger/report/spec"
	"github.com/pidledger/pidledger/report/summary"
	"github.com/pidledger/pidledger/report/targets"
)

// Options control a night, or other work on the ledger.
type Options struct {
	Config   config.Config
	Progress ledger.Progress
	Log      *slog.Logger
	Events   *terminal.Log // of the run; nil: no log was asked for
	Now      func() time.Time
	Version  string
	Getenv   func(string) string // the environment
	Spark    Cluster             // what runs statements on Spark; nil: the client that is built in
	Rebuild  bool                // judge every month again, even if nothing has changed
	RunID    string              // of this call, if it begins a run
	Command  string              // without the name of the program, such as `run`
	Again    summary.Commands    // how to call pidledger again with the same configuration
}

// LedgerOptions are the options for opening the ledger.
func (o Options) LedgerOptions() ledger.Options {
	return ledger.Options{
		Folder: o.Config.Ledger, Memory: o.Config.Limits.Memory, Threads: o.Config.Limits.Threads,
		Progress: o.Progress, Now: o.Now, Version: o.Version, RunID: o.RunID, Command: o.Command,
	}
}

// Sources are where exports are. Their Blobs are to be closed.
func (o Options) Sources() discover.Sources {
	s := discover.Sources{Base: o.Config.Base(), List: o.Config.Sources}
	if o.Config.HasBlobs() {
		s.Blobs = &discover.Blobs{Access: o.Access(), Folder: o.Config.Cache.Dir, Max: o.Config.Cache.Max}
	}
	return s
}

// Access is how Blob Storage is reached.
func (o Options) Access() blob.Access {
	return blob.Access{Credentials: o.Config.Azure.Credentials, Getenv: o.Getenv}
}

// IngestOptions are the options for reading the sources.
func (o Options) IngestOptions() ingest.Options {
	return ingest.Options{
		Sources: o.Sources(), Registry: o.Config.Registry, Exclusions: o.Config.Exclusions, Customers: o.Config.Customers,
		MaxRejectRatio: o.Config.Limits.MaxRejectRatio, Threads: o.Config.Limits.Threads, Progress: o.Progress, Now: o.Now, Version: o.Version,
	}
}

// ReportOptions are the options for publishing the reports of a run.
func (o Options) ReportOptions(run spec.Run) report.Options {
	return report.Options{
		Dir: o.Config.Report.Dir, Formats: o.Config.Report.Formats, Detail: o.Config.Report.AttributedUsage, Focus: o.Config.Report.Focus, Run: run, Watch: changes.Watch{AlertShare: o.Config.Report.AlertShare},
		Threads:   o.Config.Limits.Threads,
		Targets:   targets.Files{Targets: o.Config.Targets, Rates: o.Config.Rates},
		Started:   func(string) { o.Progress.Add(1, 0) },
		Snapshots: report.Snapshots{Folder: o.Snapshots(), Keep: o.Config.Report.Snapshots, Tables: queries.SnapshotTables},
	}
}

// Snapshots is the folder of the snapshots for ad-hoc SQL.
func (o Options) Snapshots() string { return filepath.Join(o.Config.Ledger, "snapshots") }

// attribution are the rules of the attribution.
func (o Options) attribution() chain.Attribution {
	c := o.Config
	return chain.Attribution{
		Owner: c.Attribution.Owner, Credit: c.Attribution.Credit, Retroactive: c.Attribution.Retroactive,
		InheritChildren: c.Attribution.InheritChildren, InheritManagedGroups: c.Attribution.InheritManagedGroups,
		SharedCorrelation: c.Attribution.SharedCorrelation, SystemIDs: c.Attribution.SystemIDs, CostBasis: c.Report.CostBasis,
	}
}

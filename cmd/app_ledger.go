package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/ingest/forget"
	"github.com/pidledger/pidledger/ingest/judge"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/ingest/status"
	"github.com/pidledger/pidledger/queries/chain"
	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/report"
	"github.com/pidledger/pidledger/report/changes"
	"github.com/pidledger/pidledger/report/spec"
	"github.com/pidledger/pidledger/report/summary"
)

// newApp gives the App of the program.
func newApp() App { return &app{} }

// app wires the commands to the packages that work. It keeps the ledger open between the steps of a run.
type app struct {
	ledger *ledger.Ledger
	result *ingest.Result // of the ingest of this run, if there was one
}

func (a *app) open(ctx context.Context, call Call) error {
	if a.ledger != nil {
		return nil
	}
	l, err := ledger.Open(ctx, call.LedgerOptions())
	if err != nil {
		return err
	}
	a.ledger = l
	return nil
}

// Close writes down how the run ended and gives the ledger free.
func (a *app) Close(result string) error {
	if a.ledger == nil {
		return nil
	}
	err := a.ledger.End(context.Background(), result)
	err = errors.Join(err, a.ledger.Close())
	a.ledger = nil
	return err
}

func (a *app) Ingest(ctx context.Context, call Call) (_ *ingest.Result, err error) {
	defer func() { err = ledger.NameDamage(call.Config.Ledger, err) }()
	if err := a.open(ctx, call); err != nil {
		return nil, err
	}
	result, err := ingest.Run(ctx, a.ledger, call.IngestOptions())
	a.result = result
	return result, err
}

func (a *app) Report(ctx context.Context, call Call) (_ *report.Published, err error) {
	defer func() { err = ledger.NameDamage(call.Config.Ledger, err) }()
	if err := a.open(ctx, call); err != nil {
		return nil, err
	}
	begun, err := a.ledger.Begin(ctx)
	if err != nil {
		return nil, err
	}
	state, err := a.state(ctx, call)
	if err != nil {
		return nil, err
	}
	if published, err := a.unchanged(call, state); !call.Rebuild && (published != nil || err != nil) {
		return a.withLate(ctx, call, published, err)
	}
	debug.FreeOSMemory() // what reading the files took goes to the engine now
	run := spec.Run{ID: begun.ID, Started: begun.Started, Version: call.Version}
	settings := attribution(call.Config)
	settings.RunID = run.ID
	call.Progress.Stage("attribute", "steps")
	judging := &judge.Judge{Ledger: a.ledger, Progress: call.Progress, Log: call.Log, Version: call.Version}
	judgement, err := judging.Attribute(ctx, settings, call.Rebuild, a.result != nil)
	if err != nil {
		return nil, err
	}
	if run.DataThrough, err = judge.DataThrough(ctx, a.ledger.DB); err != nil {
		return nil, err
	}
	if run.OnlyUsage, err = judge.OnlyUsage(ctx, a.ledger.DB); err != nil {
		return nil, err
	}
	if slices.Contains(call.Config.Report.Formats, spec.HTML) {
		freshness, err := status.Freshness(ctx, a.ledger, run.Started)
		if err != nil {
			return nil, err
		}
		run.Sources = sources(freshness)
	}
	call.Progress.Stage("write the reports", "reports")
	call.Progress.Total(int64(len(spec.Reports)), 0)
	options := call.ReportOptions(run)
	if options.Watch.Hidden, err = judge.HiddenIDs(ctx, a.ledger.DB); err != nil {
		return nil, err
	}
	if options.Watch.NewIDs, err = judge.UnseenIDs(ctx, a.ledger.DB); err != nil {
		return nil, err
	}
	if options.Watch.LateExports, err = status.LateExports(ctx, a.ledger, call.Now()); err != nil {
		return nil, err
	}
	published, err := report.Publish(ctx, reportEngine{a.ledger.DB, judgement.Months}, options)
	if err != nil {
		return nil, err
	}
	call.Progress.Rows(published.Summary.Reports.Rows)
	published.Summary.Months, published.Summary.Judged = len(judgement.All), judgement.Judged
	resources, deployments, name, err := judge.Doubts(ctx, a.ledger.DB)
	if err != nil {
		return nil, err
	}
	if resources > 0 {
		published.Summary.Notes = append(published.Summary.Notes, summary.DoubtfulRuns(resources, deployments, name))
	}
	texts, passed, err := judge.CrowdedTexts(ctx, a.ledger.DB)
	if err != nil {
		return nil, err
	}
	if texts > 0 {
		published.Summary.Notes = append(published.Summary.Notes, summary.CrowdedTexts(texts, passed))
	}
	if err := judging.Keep(ctx, judgement); err != nil {
		return nil, err
	}
	if published.Summary.LostDays, err = judge.LostDays(ctx, a.ledger.DB); err != nil {
		return nil, err
	}
	if published.Summary.NewIDs, err = judge.NewIDs(ctx, a.ledger.DB, run.ID); err != nil {
		return nil, err
	}
	if a.result != nil {
		a.result.NewIDs = published.Summary.NewIDs
	}
	summary, err := json.Marshal(published.Summary)
	if err != nil {
		return nil, err
	}
	return a.withOverdue(ctx, call, published, a.ledger.SetPublished(ledger.Published{State: state, RunID: run.ID, Summary: summary}))
}

// withLate adds to the changes how many exports are late: of reports that stand, too, for it depends on when it is asked. Their names, which may
// be those of customers, are for status to tell.
func (a *app) withLate(ctx context.Context, call Call, published *report.Published, err error) (*report.Published, error) {
	if err != nil {
		return published, err
	}
	late, err := status.LateExports(ctx, a.ledger, call.Now())
	if err == nil && late > 0 {
		published.Summary.Changes = append(published.Summary.Changes, changes.Late(late))
	}
	return a.withOverdue(ctx, call, published, err)
}

// withOverdue adds to the notes which runs wait too long. They are not kept, for they depend on when it is asked, too.
func (a *app) withOverdue(ctx context.Context, call Call, published *report.Published, err error) (*report.Published, error) {
	if err != nil {
		return published, err
	}
	overdue, err := status.OverdueRuns(ctx, a.ledger, call.Now())
	published.Summary.Notes = append(published.Summary.Notes, overdue...)
	return published, err
}

// state is a digest over everything that the reports are made from.
func (a *app) state(ctx context.Context, call Call) (string, error) {
	settings, err := json.Marshal([]any{attribution(call.Config), call.Config.Report, call.Version})
	if err != nil {
		return "", err
	}
	return a.ledger.State(ctx, string(settings))
}

// unchanged returns the reports that are there already, when they were made from the same state; nil when they must be written.
func (a *app) unchanged(call Call, state string) (*report.Published, error) {
	last, err := a.ledger.Published()
	if err != nil || last == nil || last.State != state {
		return nil, err
	}
	manifest, missing := report.Missing(call.Config.Report.Dir)
	if missing != "" {
		call.Progress.Note(fmt.Sprintf("the reports of run %s are not whole, for %s: they are written again", last.RunID, missing))
		return nil, nil //nolint:nilnil // written anew
	}
	if manifest.RunID != last.RunID {
		return nil, nil //nolint:nilnil // another run's
	}
	var summary summary.Summary
	if err := json.Unmarshal(last.Summary, &summary); err != nil {
		return nil, nil //nolint:nilerr,nilnil // a damaged note only costs writing the reports once more
	}
	summary.NewIDs, summary.Restated, summary.Judged, summary.Next, summary.Changes, summary.Notes = nil, nil, nil, nil, nil, []string{"nothing new: the reports of run " + last.RunID + " stand"}
	return &report.Published{Dir: call.Config.Report.Dir, Manifest: *manifest, Summary: &summary}, nil
}

func (a *app) Files(ctx context.Context, call Call) (_ []ledger.FileRecord, err error) {
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
func publishedFiles(ctx context.Context, call Call) (files []ledger.FileRecord, err error) {
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

func (a *app) Forget(ctx context.Context, call Call, what forget.What, yes bool) (*forget.Forgotten, error) {
	f, err := forget.From(ctx, call.LedgerOptions(), call.Sources(), what, yes)
	return f, ledger.NameDamage(call.Config.Ledger, err)
}

func (a *app) Status(ctx context.Context, call Call) (*status.Status, error) {
	st, err := status.Read(ctx, call.LedgerOptions())
	return st, ledger.NameDamage(call.Config.Ledger, err)
}

func (a *app) DryRun(ctx context.Context, call Call) (_ *ingest.Plan, err error) {
	defer func() { err = ledger.NameDamage(call.Config.Ledger, err) }()
	l, err := ledger.Look(ctx, call.LedgerOptions())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	return ingest.DryRun(ctx, l, call.IngestOptions())
}

func (a *app) Export(ctx context.Context, call Call, dir string) (*ledger.Backup, error) {
	b, err := ledger.Export(ctx, call.LedgerOptions(), dir)
	return b, ledger.NameDamage(call.Config.Ledger, err)
}

func (a *app) Check(ctx context.Context, call Call) (*ledger.Checked, error) {
	c, err := ledger.Check(ctx, call.LedgerOptions())
	if err != nil {
		return nil, err
	}
	damaged, files, size, err := report.CheckSnapshots(ctx, call.snapshots())
	for _, d := range damaged {
		c.Damaged = append(c.Damaged, ledger.DamagedFile{Path: d.File, Why: d.Why, Try: d.Try()})
	}
	c.Files += files
	c.Bytes += size
	return c, err
}

func (a *app) Import(ctx context.Context, call Call, dir string) (*ledger.Backup, error) {
	return ledger.Import(ctx, call.LedgerOptions(), dir)
}

func (a *app) Lint(ctx context.Context, call Call) ([]Finding, error) {
	return lintRegistry(ctx, call)
}

// attribution gives the settings that the engine needs.
func attribution(c config.Config) chain.Attribution {
	return chain.Attribution{
		Owner: c.Attribution.Owner, Credit: c.Attribution.Credit, Retroactive: c.Attribution.Retroactive,
		InheritChildren: c.Attribution.InheritChildren, InheritManagedGroups: c.Attribution.InheritManagedGroups,
		SharedCorrelation: c.Attribution.SharedCorrelation, SystemIDs: c.Attribution.SystemIDs, CostBasis: c.Report.CostBasis,
	}
}

// reportEngine gives the reports what they need of the database.
type reportEngine struct {
	db     engine.Engine
	months *chain.Months
}

func (e reportEngine) Fetch(ctx context.Context, name string) (engine.Rows, error) {
	spec, ok := spec.Find(name)
	if !ok {
		return nil, fmt.Errorf("no report %s", name)
	}
	return chain.Report(ctx, e.db, name, spec.Key())
}

func (e reportEngine) Parts(ctx context.Context, name string) (map[string][]string, int64, error) {
	files, err := e.months.DetailFiles(name)
	if err != nil {
		return nil, 0, err
	}
	rows, err := e.db.Count(ctx, "select cast(count(*) as bigint) from "+name)
	return files, rows, err
}

func (e reportEngine) CopyTable(ctx context.Context, table, path string) (int64, error) {
	return chain.Publish(ctx, e.db, table, path)
}

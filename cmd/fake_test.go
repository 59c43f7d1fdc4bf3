package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/night"
	"github.com/pidledger/pidledger/cmd/registry"
	"github.com/pidledger/pidledger/cmd/terminal"
	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/ingest/collect"
	"github.com/pidledger/pidledger/ingest/forget"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/ingest/status"
	"github.com/pidledger/pidledger/queries/engine/spark"
	"github.com/pidledger/pidledger/queries/engine/spark/connect"
	"github.com/pidledger/pidledger/report"
	"github.com/pidledger/pidledger/report/explain"
	"github.com/pidledger/pidledger/report/summary"
)

// fakeApp is an App without a database. mode chooses what happens.
type fakeApp struct {
	mode  string
	calls []string
	call  night.Options // of the last method
}

var fakeStart = time.Date(2026, 5, 1, 2, 0, 0, 0, time.UTC)

func (a *fakeApp) begin(ctx context.Context, method string, call night.Options) error {
	a.calls = append(a.calls, method)
	a.call = call
	switch a.mode {
	case "inuse":
		return fmt.Errorf("%w: run 20260501T020000Z of process 4711 on night holds it", ledger.ErrInUse)
	case "fail":
		return errors.New("write ledger.duckdb: no space left on device")
	case "signal":
		// A person presses Ctrl-C; what runs in the engine then breaks in its own words.
		if p, err := os.FindProcess(os.Getpid()); err != nil || p.Signal(syscall.SIGTERM) != nil {
			return errors.New("no signal")
		}
		<-ctx.Done()
		return errors.New("INTERRUPT Error: Interrupted!")
	}
	return nil
}

func (a *fakeApp) Ingest(ctx context.Context, call night.Options) (*ingest.Result, error) {
	if err := a.begin(ctx, "ingest", call); err != nil {
		return nil, err
	}
	call.Progress.Stage("load", "files")
	call.Progress.Total(2, 2000)
	call.Progress.Add(2, 2000)
	call.Progress.Note("exports/late: nothing new for 12 days")
	call.Log.Warn("a warning", "file", "a.csv")
	res := &ingest.Result{
		RunID: "20260501T020000Z", Started: fakeStart, Rows: 120, NewIDs: []string{"11111111-2222-4333-8444-555555555555"},
		Files:  []ledger.FileRecord{{Path: "exports/a.csv", Status: ledger.StatusLoaded, Format: "ea", Size: 2000, Rows: 120, Loaded: 120}},
		Counts: map[string]int64{ledger.StatusLoaded: 1, ledger.StatusUnchanged: 1339},
	}
	switch a.mode {
	case "partial":
		res.Rejected = 3
		res.Files[0].Rejected, res.Files[0].Loaded = 3, 117
		res.Files = append(res.Files, ledger.FileRecord{Path: "exports/b.gz", Status: ledger.StatusFailed, Reason: "unexpected end of the gzip stream"})
		res.Counts[ledger.StatusFailed] = 1
		res.Rejects = []ledger.RejectRecord{
			{Path: "exports/a.csv", Record: 17, Line: 19, Column: "Quantity", Value: "1,5", Reason: `quantity "1,5" is not a decimal number`},
			{Path: "exports/a.csv", Record: 18, Line: 20, Column: "Quantity", Value: "1,6", Reason: `quantity "1,6" is not a decimal number`},
		}
	case "check":
		return res, &ledger.CheckError{Check: "dataRowCount", Detail: "exports/run/manifest.json says 10 rows, 9 were read", Hint: "deliver the run again"}
	case "badcheck":
		return nil, &ledger.CheckError{Check: "ledger", Detail: "the catalog names a file that is not there"}
	}
	return res, nil
}

func (a *fakeApp) Report(ctx context.Context, call night.Options) (*report.Published, error) {
	if err := a.begin(ctx, "report", call); err != nil {
		return nil, err
	}
	if a.mode == "reportfail" {
		return nil, &report.ForeignError{Dir: call.Config.Report.Dir, Files: []string{"thesis.doc"}}
	}
	figure := summary.Figure{EffectiveCost: "1234.5", BilledCost: "1234.5", Share: "1.000000", UsageRows: 120}
	share := summary.Share{Name: "attributed", Latest: figure, All: figure}
	usage, total := share, share
	usage.Name, total.Name = "usage", "total"
	return &report.Published{
		Dir: call.Config.Report.Dir,
		Summary: &summary.Summary{
			RunID: "20260501T020000Z", Version: "test", Started: fakeStart, DataThrough: "2026-04-30", LatestMonth: "2026-04",
			Short:   []summary.Short{{Currency: "EUR", Month: "2026-04", Sentences: []string{"All attributed usage in 2026-04, 1,234.50 EUR, came through github."}}},
			Money:   []summary.Money{{Currency: "EUR", Statuses: []summary.Share{share}, Usage: usage, Total: total}},
			Reports: &summary.Folder{Dir: "/srv/reports", Formats: call.Config.Report.Formats, Reports: 12, Rows: 99, Files: 25, Bytes: 12345},
		},
	}, nil
}

func (a *fakeApp) Files(ctx context.Context, call night.Options) ([]ledger.FileRecord, error) {
	if err := a.begin(ctx, "files", call); err != nil {
		return nil, err
	}
	return []ledger.FileRecord{
		{Path: "exports/a.csv", Status: ledger.StatusLoaded, Format: "ea 2024-08-01", Reason: "rule 5", Size: 2000, Rows: 1234, Loaded: 1231, Rejected: 3},
		{Path: "exports/activity.json", Status: ledger.StatusLoaded, Format: "activity.resourcelog", Size: 99, Rows: 12, Loaded: 2, Kinds: map[string]int64{"activity.read": 10, "activity.write": 2}},
		{Path: "exports/b.gz", Status: ledger.StatusFailed, Reason: "unexpected end of the gzip stream", Size: 7},
	}, nil
}

func (a *fakeApp) Forget(ctx context.Context, call night.Options, what forget.What, yes bool) (*forget.Forgotten, error) {
	if err := a.begin(ctx, "forget", call); err != nil {
		return nil, err
	}
	if slices.Contains(what.Files, "exports/typo.csv") {
		return nil, &forget.NotKnownError{What: `file "exports/typo.csv"`}
	}
	if len(what.Subscriptions)+len(what.Tenants) > 0 {
		return &forget.Forgotten{
			Done: yes, Files: []string{}, Slices: 3, Subscriptions: 2, UsageRows: 4321, Rejects: 1, Months: []string{"2026-03", "2026-04"},
			Evidence: map[string]int64{"deployments": 12, "operations": 345, "activity": 6789, "changes": 0, "requests": 0},
		}, nil
	}
	return &forget.Forgotten{
		Done: yes, Files: []string{"exports/activity.json", "exports/daily/2222/manifest.json", "exports/daily/2222/part.csv"}, Slices: 1, UsageRows: 1234,
		Months: []string{"2026-04"}, ReadAgain: 7, NotThere: 2,
		Evidence: map[string]int64{"deployments": 0, "operations": 0, "activity": 15, "changes": 0, "requests": 0},
	}, nil
}

func (a *fakeApp) Status(ctx context.Context, call night.Options) (*status.Status, error) {
	if a.mode == "inuse" {
		a.calls = append(a.calls, "status")
		return &status.Status{
			Ledger: "/srv/ledger", Now: fakeStart, Running: &ledger.Holder{Host: "night", PID: 4711, Started: fakeStart.Add(-90 * time.Second), RunID: "20260501T015830Z", Command: "run"},
			Reports: &status.ReportsStatus{RunID: "20260430T020000Z", DataThrough: "2026-04-29"}, Size: ledger.Size{Database: 1_200_000, Usage: 345_000_000},
		}, nil
	}
	if err := a.begin(ctx, "status", call); err != nil {
		return nil, err
	}
	st := &status.Status{Ledger: "/srv/ledger", Now: fakeStart, Files: map[string]int64{}}
	if a.mode == "empty" {
		return st, nil
	}
	fresh, old, seen := fakeStart.Add(-20*time.Hour), fakeStart.Add(-13*24*time.Hour), fakeStart.Add(-time.Hour)
	st.LastRun = &status.RunRecord{ID: "20260501T010000Z", Command: "run", Started: fakeStart.Add(-time.Hour), Ended: fakeStart.Add(-3588 * time.Second), Result: "done", RowsRead: 120000, FilesRead: 7}
	st.LastDone = st.LastRun
	if a.mode == "killed" {
		st.LastRun = &status.RunRecord{ID: "20260501T013000Z", Command: "run", Started: fakeStart.Add(-30 * time.Minute), Result: ledger.ResultKilled}
	}
	st.Reports = &status.ReportsStatus{RunID: "20260501T010000Z", DataThrough: "2026-04-30", NeverSeen: 3}
	st.Exports = []status.ExportStatus{
		{Name: "", CostBasis: "actual", Newest: &old, FirstDay: "2026-01-01", LastDay: "2026-01-31"},
		{Name: "daily-focus", Scope: "/providers/microsoft.billing/billingaccounts/1", CostBasis: "focus", Newest: &fresh, FirstDay: "2025-11-01", LastDay: "2026-04-30",
			MissingMonths: []string{"2026-01"}, MissingDays: []status.DaySpan{{From: "2026-03-03", To: "2026-03-05"}, {From: "2026-04-07", To: "2026-04-07"}}, Runs: 140, Cadence: 86400},
	}
	if a.mode == "late" {
		st.Exports = append(st.Exports, status.ExportStatus{Name: "late", Scope: "/subscriptions/s", CostBasis: "actual", Newest: &old, Runs: 9, Cadence: 86400, Stale: true})
	}
	st.Evidence = []status.EvidenceStatus{{Kind: "deployments", Records: 1234, Subscriptions: 7, Newest: &seen}, {Kind: "requests"}}
	st.Files = map[string]int64{ledger.StatusLoaded: 1339, ledger.StatusWaiting: 2}
	st.Waiting = []status.WaitingRun{{Folder: "exports/daily-focus/20260501-20260531/1111", Files: 2, Since: fakeStart.Add(-26 * time.Hour), Reason: "no manifest yet"}}
	st.Size = ledger.Size{Database: 1_200_000, Usage: 345_000_000, Other: 77_000}
	return st, nil
}

func (a *fakeApp) ReadAhead(ctx context.Context, call night.Options, _ []string) (*ingest.Ahead, error) {
	if err := a.begin(ctx, "read ahead", call); err != nil {
		return nil, err
	}
	switch a.mode {
	case "empty":
		return &ingest.Ahead{Before: 2, Failed: []ingest.AheadFailed{}}, nil
	case "partial":
		return &ingest.Ahead{Failed: []ingest.AheadFailed{{Path: "exports/b.gz", Reason: "unexpected end of the gzip stream"}}}, nil
	}
	return &ingest.Ahead{Runs: 2, Files: 1, Rows: 1_234_567, Rejected: 12, Bytes: 402_000_000, Before: 1, Waiting: 1, Other: 40, Failed: []ingest.AheadFailed{}}, nil
}

func (a *fakeApp) DryRun(ctx context.Context, call night.Options) (*ingest.Plan, error) {
	if err := a.begin(ctx, "dryrun", call); err != nil {
		return nil, err
	}
	if a.mode == "empty" {
		return &ingest.Plan{Items: []ingest.Planned{}, Unchanged: 1339, Notes: []string{}}, nil
	}
	return &ingest.Plan{
		Items: []ingest.Planned{
			{Action: ingest.ActionLoad, Path: "exports/daily/20260401-20260430/2222/manifest.json", Export: "daily", Month: "2026-04", RunID: "2222", Files: 3, Bytes: 45_000_000, Why: "new, submitted 2026-05-01 01:10 UTC"},
			{Action: ingest.ActionRead, Path: "exports/activity/backfill.json", Files: 1, Bytes: 1234, Why: "changed since 2026-04-30 02:00:00 UTC"},
			{Action: ingest.ActionReplace, Path: "exports/daily/20260401-20260430/1111/manifest.json", Export: "daily", Month: "2026-04", RunID: "1111", Files: 3, Bytes: 44_000_000, Why: "replaced by run 2222"},
			{Action: ingest.ActionWait, Path: "exports/daily/20260501-20260531/3333", Export: "daily", RunID: "3333", Files: 1, Bytes: 10, Why: "no manifest yet"},
		},
		Unchanged: 1339, Ignored: 1, Notes: []string{"source exports/late holds no files; what was read before stays"},
	}, nil
}

func (a *fakeApp) Export(ctx context.Context, call night.Options, dir string) (*ledger.Backup, error) {
	return a.backup(ctx, "export", call, dir)
}

func (a *fakeApp) Check(ctx context.Context, call night.Options) (*ledger.Checked, error) {
	if err := a.begin(ctx, "check", call); err != nil {
		return nil, err
	}
	c := &ledger.Checked{Ledger: call.Config.Ledger, Files: 1234, Bytes: 345_000_000, Damaged: []ledger.DamagedFile{}}
	if a.mode == "damaged" {
		c.Damaged = append(c.Damaged, ledger.DamagedFile{Path: "/srv/ledger/usage/1/part-0001.parquet", Why: "it has 7 bytes, not 8", Holds: "export daily, run 2222, days 2026-04-01 to 2026-04-30", Try: "restore it"})
	}
	return c, nil
}

func (a *fakeApp) Script(ctx context.Context, call night.Options, lake spark.Lake, _ *connect.Remote) (*night.Scripted, error) {
	if err := a.begin(ctx, "script", call); err != nil {
		return nil, err
	}
	return &night.Scripted{
		RunID: "20260501T010000Z", File: lake.Folder + "/pidledger.sql", Results: lake.URI + "/runs/20260501T010000Z", Published: lake.URI + "/published", Statements: 150,
	}, nil
}

func (a *fakeApp) Import(ctx context.Context, call night.Options, dir string) (*ledger.Backup, error) {
	return a.backup(ctx, "import", call, dir)
}

func (a *fakeApp) backup(ctx context.Context, method string, call night.Options, dir string) (*ledger.Backup, error) {
	if err := a.begin(ctx, method, call); err != nil {
		return nil, err
	}
	if a.mode == "taken" {
		return nil, &ledger.FolderError{Folder: dir, Reason: "is not empty", Hint: "name another"}
	}
	call.Progress.Stage("copy the tables", "tables")
	call.Progress.Add(2, 2000)
	return &ledger.Backup{
		Dir: dir, Ledger: call.Config.Ledger, Version: "v1", SchemaVersion: 1, Created: fakeStart, Tables: 19, TableRows: 12345, Slices: 7, UsageRows: 2_000_000, Files: 28, Bytes: 45_000_000,
	}, nil
}

func (a *fakeApp) Lint(ctx context.Context, call night.Options) ([]registry.Finding, error) {
	if err := a.begin(ctx, "lint", call); err != nil {
		return nil, err
	}
	warning := registry.Finding{Code: "missing_value", Severity: registry.SeverityWarning, File: "registry.csv", Line: 3, Column: "channel", Message: "is empty"}
	switch a.mode {
	case "clean":
		return nil, nil
	case "warning":
		return []registry.Finding{warning}, nil
	}
	return []registry.Finding{warning, {Code: "duplicate", Severity: registry.SeverityError, File: "registry.csv", Record: 4, Message: "the id is there twice", Hint: "first in line 2"}}, nil
}

func (a *fakeApp) Explain(ctx context.Context, call night.Options, q explain.Question) (*explain.Answer, error) {
	if err := a.begin(ctx, "explain", call); err != nil {
		return nil, err
	}
	switch a.mode {
	case "nothing":
		return nil, &explain.NothingError{Asked: q.Text, Near: []explain.Candidate{{Kind: explain.KindTrackingID, ID: "pid-11111111-2222-4333-8444-555555555555"}}}
	case "many":
		return nil, &explain.ManyError{Asked: q.Text, Candidates: []explain.Candidate{{Kind: explain.KindDeployment, ID: "/a/main", Label: "deployment"}, {Kind: explain.KindResource, ID: "/b/main"}}}
	case "day":
		return nil, &explain.DayError{Asked: q.Text, Kind: explain.KindSubscription}
	}
	place := explain.Place{Evidence: "activity", File: "exports/activity/x.json", Record: 17}
	return &explain.Answer{
		Asked: q.Text, Kind: explain.KindResource, ID: "/subscriptions/s/resourcegroups/rg/providers/p/t/vm", Conclusion: "vm is not yours: its first write on 2026-03-04 carried no tracking id.",
		Notes: []string{"A deletion failed."}, RunID: "20260501T020000Z", DataThrough: "2026-04-30",
		Resource: &explain.Resource{
			ID: "/subscriptions/s/resourcegroups/rg/providers/p/t/vm", JudgedBy: "/subscriptions/s/resourcegroups/rg/providers/p/t/vm", FirstUsage: "2026-03-04", Day: q.Day,
			Spans:     []explain.Span{{From: "0001-01-01", To: "9999-12-31", Status: "unattributed", Reason: "untagged", Rule: "first_write_untagged"}},
			Lifetimes: []explain.Lifetime{{Writes: []explain.Write{{CorrelationID: "c1", Time: "2026-03-04T10:11:12.5Z", Position: 1, Place: place}}}},
			Money:     []explain.Money{{Month: "2026-03", Status: "unattributed", Reason: "untagged", Currency: "EUR", Rows: 31, Effective: "12.5", FirstUsage: "2026-03-04", LastUsage: "2026-03-31"}},
		},
		Missing: []explain.Missing{{Link: "the User-Agent of its first write", Have: "no request logs were delivered", Get: "deliver them"}},
	}, nil
}

func (a *fakeApp) Verify(ctx context.Context, call night.Options, c explain.Check) (*explain.Verification, error) {
	if err := a.begin(ctx, "verify", call); err != nil {
		return nil, err
	}
	v := &explain.Verification{TrackingID: "11111111-2222-4333-8444-555555555555", Result: explain.FoundNothing, Conclusion: "pid-11111111-2222-4333-8444-555555555555 was never seen.", RunID: "20260501T020000Z", Carriers: []explain.Carrier{}, Resources: []explain.Created{}}
	if a.mode == "nothing" {
		return nil, &explain.VerifyError{Of: v}
	}
	v.Result, v.Conclusion = explain.FoundDeployed, "pid-11111111-2222-4333-8444-555555555555 was carried by 1 deployment."
	v.Carriers = []explain.Carrier{{Source: "deployment_name", ID: "/subscriptions/s/resourcegroups/rg/providers/microsoft.resources/deployments/pid-1", CorrelationID: "c1", Time: "2026-03-04T10:11:12Z", State: "Succeeded", Recorded: true, Standing: "in_force"}}
	v.Resources = []explain.Created{{ResourceID: "/subscriptions/s/resourcegroups/" + c.ResourceGroup, CorrelationID: "c1", Time: "2026-03-04T10:11:12Z", IsFirst: true, IsPrimary: true}}
	return v, nil
}

// steps are the night of the fake.
func (a *fakeApp) steps() []night.Step {
	return []night.Step{
		{Part: night.Reading, Do: func(n *night.Night, ctx context.Context) error { return n.Took(a.Ingest(ctx, n.Options)) }},
		{Part: night.Reporting, Do: func(n *night.Night, ctx context.Context) (err error) {
			n.Published, err = a.Report(ctx, n.Options)
			return err
		}},
	}
}

// outcome is what a command line did.
type outcome struct {
	code     int
	out, err string
	app      *fakeApp
}

// workIn makes a fresh folder with some files the current one.
func workIn(t *testing.T, files map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
}

// tryRun runs a command line in a fresh folder with a fake App. files are written into the folder first.
func tryRun(t *testing.T, mode string, files map[string]string, environ []string, args ...string) outcome {
	t.Helper()
	workIn(t, files)
	var out, errw bytes.Buffer
	app := &fakeApp{mode: mode}
	p := newProgram(terminal.Streams{In: &bytes.Buffer{}, Out: &out, Err: &errw, Environ: environ}, func() time.Time { return fakeStart }, app, app.steps())
	code := p.run(t.Context(), args)
	return outcome{code, out.String(), errw.String(), app}
}

// runWith runs a command line in this process with further environment variables: t.Setenv is not for parallel tests.
func runWith(t *testing.T, environ []string, args ...string) (code int, out, errs string) {
	t.Helper()
	var outw, errw bytes.Buffer
	p := newProgram(terminal.Streams{In: &bytes.Buffer{}, Out: &outw, Err: &errw, Environ: append(os.Environ(), environ...)}, time.Now, app{}, night.Steps)
	code = p.run(t.Context(), args)
	return code, outw.String(), errw.String()
}

// mustRun is runWith for what has to be done, be it in part; it returns what was written.
func mustRun(t *testing.T, environ []string, args ...string) (out string) {
	t.Helper()
	code, out, errs := runWith(t, environ, args...)
	if code != exit.Done && code != exit.Partial {
		t.Fatalf("%s: exit code %d\n%s", strings.Join(args, " "), code, errs)
	}
	return out
}

func (a *fakeApp) Collect(ctx context.Context, call night.Options) (*collect.Result, error) {
	if a.mode == "inuse" {
		return nil, &collect.InUseError{Folder: call.Config.Collect.Dir}
	}
	if err := a.begin(ctx, "collect", call); err != nil {
		return nil, err
	}
	r := &collect.Result{
		Dir: call.Config.Collect.Dir, Subscriptions: 12, Requests: 1234, NotRead: []*collect.Error{}, Gaps: []collect.Gap{},
		Kinds: []collect.Count{{Kind: collect.Deployments, Records: 341, Files: 28, Bytes: 2 << 20}, {Kind: collect.Activity, Records: 10_000, Files: 91, Bytes: 35 << 20}},
		Unseen: []*collect.Error{{
			What: "the deployments of the tenant", Scope: "/", Reason: "the identity that this runs as may not read it (AuthorizationFailed)", Role: "Reader", Hint: "give it the role Reader on /",
		}},
	}
	if a.mode == "partial" {
		r.NotRead = append(r.NotRead, &collect.Error{
			What: "subscription 11111111-2222-4333-8444-555555555555", Scope: "/subscriptions/11111111-2222-4333-8444-555555555555",
			Reason: "the identity that this runs as may not read it (AuthorizationFailed)", Role: "Reader", Hint: "give it the role Reader on /subscriptions/11111111-2222-4333-8444-555555555555",
		})
		r.Gaps = append(r.Gaps, collect.Gap{Kind: collect.Changes, Scope: "/subscriptions/22222222-2222-4333-8444-555555555555", From: fakeStart.AddDate(0, 0, -20), To: fakeStart.AddDate(0, 0, -14)})
	}
	return r, nil
}

package night

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"

	"github.com/pidledger/pidledger/cmd/upload"
	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/ingest/blob"
	"github.com/pidledger/pidledger/ingest/digest"
	"github.com/pidledger/pidledger/ingest/judge"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/ingest/status"
	"github.com/pidledger/pidledger/report"
	"github.com/pidledger/pidledger/report/changes"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/spec"
	"github.com/pidledger/pidledger/report/summary"
	"github.com/pidledger/pidledger/report/targets"
)

func (n *Night) open(ctx context.Context) (err error) {
	if n.ledger, err = ledger.Open(ctx, n.LedgerOptions()); err != nil {
		return err
	}
	begun, err := n.ledger.Begin(ctx)
	if err != nil {
		return err
	}
	n.run = spec.Run{ID: begun.ID, Started: begun.Started, Version: n.Version}
	options := n.IngestOptions()
	n.blobs = options.Sources.Blobs
	n.ingest = ingest.Prepare(n.ledger, begun, options)
	return nil
}

func (n *Night) take(ctx context.Context) error { return n.Took(n.ingest.Result(ctx)) }

// Took notes what was read. A failed check is not a failure of the night when there is a result beside it: something that was delivered does
// not add up and does not count, and the ledger is sound without it.
func (n *Night) Took(read *ingest.Result, err error) error {
	if err != nil && (read == nil || !errors.As(err, new(*ledger.CheckError))) {
		return err
	}
	n.Read, n.checked = read, err
	n.logRead()
	return nil
}

// contentOf tells one content of a file from another. What cannot be read is noted when the reports are written.
func contentOf(ctx context.Context, path string) string {
	_, hash, err := digest.File(ctx, path)
	if err != nil {
		return ""
	}
	return hash
}

// compare finds out whether the reports that are there were made from the same ledger, settings and program.
func (n *Night) compare(ctx context.Context) error {
	settings, err := json.Marshal([]any{n.attribution(), n.Config.Report, n.Version, n.Config.Engine, contentOf(ctx, n.Config.Targets), contentOf(ctx, n.Config.Rates)})
	if err != nil {
		return err
	}
	if n.state, err = n.ledger.State(ctx, string(settings)); err != nil {
		return err
	}
	last, err := n.ledger.Published()
	if err != nil || last == nil {
		return err
	}
	if n.last = last.RunID; n.Rebuild || last.State != n.state {
		return nil
	}
	manifest, missing := report.Missing(n.Config.Report.Dir)
	if missing != "" {
		n.Progress.Note(fmt.Sprintf("the reports of run %s are not whole, for %s: they are written again", last.RunID, missing))
		return nil
	}
	if manifest.RunID != last.RunID {
		return nil
	}
	var s summary.Summary
	if err := json.Unmarshal(last.Summary, &s); err != nil {
		return nil //nolint:nilerr // a damaged note only costs writing the reports once more
	}
	s.NewIDs, s.Restated, s.Judged, s.Next, s.Changes, s.Notes = nil, nil, nil, nil, nil, targets.Files{Targets: n.Config.Targets, Rates: n.Config.Rates}.Mistakes()
	s.LastRun, s.Unchanged = last.RunID, true
	n.Published = &report.Published{Dir: n.Config.Report.Dir, Manifest: *manifest, Summary: &s}
	n.stands = true
	return nil
}

func (n *Night) attribute(ctx context.Context) (err error) {
	debug.FreeOSMemory() // what reading the files took goes to the engine now
	rules := n.attribution()
	rules.RunID = n.run.ID
	n.judge = &judge.Judge{Ledger: n.ledger, Progress: n.Progress, Log: n.Log, Version: n.Version}
	if n.onSpark != nil {
		return n.attributeOnSpark(ctx, rules)
	}
	n.judgement, err = n.judge.Attribute(ctx, rules, n.Rebuild, n.Read != nil)
	return err
}

func (n *Night) publish(ctx context.Context) (err error) {
	db := n.ledger.DB
	if n.run.DataThrough, err = judge.DataThrough(ctx, db); err != nil {
		return err
	}
	if n.run.OnlyUsage, err = judge.OnlyUsage(ctx, db); err != nil {
		return err
	}
	if slices.Contains(n.Config.Report.Formats, spec.HTML) {
		freshness, err := status.Freshness(ctx, n.ledger, n.run.Started)
		if err != nil {
			return err
		}
		n.run.Sources = sources(freshness)
	}
	n.Progress.Total(int64(len(spec.Reports)), 0)
	options := n.ReportOptions(n.run)
	if options.Watch.Hidden, err = judge.HiddenIDs(ctx, db); err != nil {
		return err
	}
	if options.Watch.NewIDs, err = judge.NewIDs(ctx, db); err != nil {
		return err
	}
	if options.Watch.LateExports, err = status.LateExports(ctx, n.ledger, n.Now()); err != nil {
		return err
	}
	var from report.Engine = reportEngine{db, n.judgement.Months}
	if n.onSpark != nil {
		from, options.Elsewhere = lakeEngine{db, n.judgement}, n.judgement.ReportsURI()
	}
	if n.Published, err = report.Publish(ctx, from, options); err != nil {
		return err
	}
	s := n.Published.Summary
	n.Progress.Rows(s.Reports.Rows)
	s.LastRun, s.Months, s.Judged = n.last, len(n.judgement.All), n.judgement.Judged
	resources, deployments, name, err := judge.Doubts(ctx, db)
	if err != nil {
		return err
	}
	if resources > 0 {
		s.Notes = append(s.Notes, summary.DoubtfulRuns(resources, deployments, name))
	}
	texts, passed, err := judge.CrowdedTexts(ctx, db)
	if err == nil && texts > 0 {
		s.Notes = append(s.Notes, summary.CrowdedTexts(texts, passed))
	}
	return err
}

func (n *Night) keep(ctx context.Context) (err error) {
	if err := n.judge.Keep(ctx, n.judgement); err != nil {
		return err
	}
	if n.onSpark != nil {
		if err := n.publishOnSpark(ctx); err != nil {
			return err
		}
	}
	s := n.Published.Summary
	if s.LostDays, err = judge.LostDays(ctx, n.ledger.DB); err != nil {
		return err
	}
	if err := judge.KeepNewIDs(ctx, n.ledger.DB, n.run.ID); err != nil {
		return err
	}
	if n.Read != nil {
		n.Read.NewIDs = s.NewIDs
	}
	told, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return n.ledger.SetPublished(ledger.Published{State: n.state, RunID: n.run.ID, Summary: told})
}

// upload publishes the reports that stand to Blob Storage, unless they are there.
func (n *Night) upload(ctx context.Context) error {
	if n.Config.Report.Publish == "" {
		return nil
	}
	at, err := blob.Parse(n.Config.Report.Publish)
	if err != nil {
		return err
	}
	kept, err := report.FindSnapshots(n.Config.Report.Dir)
	if err != nil {
		return err
	}
	o := upload.Options{
		At: at, RunID: n.Published.Manifest.RunID, DataThrough: kept.Newest.DataThrough, Reports: n.Published.Dir, Snapshot: kept.Newest.Dir, Progress: n.Progress,
	}
	for _, s := range kept.All {
		o.Keep = append(o.Keep, s.ID)
	}
	done, err := upload.Publish(ctx, n.Access(), o)
	if err != nil || done == nil {
		return err
	}
	s := n.Published.Summary
	s.Notes = append(s.Notes, fmt.Sprintf("published to %s/%s: %s files sent, %s unchanged", at, o.RunID, human.Thousands(int64(done.Written)), human.Thousands(int64(done.Copied+done.Stood))))
	return nil
}

// notify adds what depends on when it is asked, and is therefore not kept: runs that wait too long, and to reports that stand, how many exports
// are late by now. Their names may be those of customers, and are for pidledger status to tell.
func (n *Night) notify(ctx context.Context) error {
	s := n.Published.Summary
	if n.stands {
		late, err := status.LateExports(ctx, n.ledger, n.Now())
		if err != nil {
			return err
		}
		if late > 0 {
			s.Changes = append(s.Changes, changes.Late(late))
		}
	}
	overdue, err := status.OverdueRuns(ctx, n.ledger, n.Now())
	s.Notes = append(s.Notes, overdue...)
	return err
}

// Package ingest brings export files into the ledger: one run, from the listing of the sources to the commit.
//
// The path of a record:
//
//	discover   list the sources, open nothing                                      inventory.go, package discover
//	settle     registry, exclusions, customers; which export runs count            settings.go, plan.go, exportruns.go, package export
//	usage      runs that count and are not loaded yet -> usage/<slice>/*.parquet   load_usage.go, packages read and usage
//	evidence   new deployment, operation, activity, change and request files       load_evidence.go, packages read and evidence
//	commit     what replaced what, one transaction                                 commit.go
//
// Files are recognised by content (package identify), cut into records by package source, and normalised by package usage or evidence into
// typed Parquet (package columnar). Only then does the database see them, through the SQL in queries/load. Every record is loaded,
// rejected with its place and reason, or counted by kind as no evidence; every file has a row in `files`. What a run says of them is in its
// journal; what it keeps, in package ledger.
package ingest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/pidledger/pidledger/ingest/discover"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/ingest/read"
	"github.com/pidledger/pidledger/queries/columnar"
)

// Options is what one ingest run works with. Paths are absolute.
type Options struct {
	Sources        discover.Sources
	Registry       string  // registrations file; empty: none
	Exclusions     string  // exclusions file; empty: none
	Customers      string  // customers file; empty: none
	MaxRejectRatio float64 // a file with a larger share of rejects fails whole (SPEC 3.1)
	Threads        int     // 0: all processors
	Progress       ledger.Progress
	Now            func() time.Time
	Version        string // of the program: what another version has read ahead is read again
}

// session is one ingest run: what its stages hand to each other.
type session struct {
	ledger  *ledger.Ledger
	opts    Options
	runID   string
	started time.Time

	input  *inventory
	files  *read.Reader
	loader *loader
	log    *journal
	runs   *exportRuns

	plain    []discover.File            // what is new and belongs to no export run
	own      []*slice                   // plain usage files loaded in this run
	sliceOf  map[string]string          // slice of a usage file, by name
	hashes   map[string]string          // content hash of a plain usage file, by name
	unplaced []unplacedFile             // whose deployments lack their subscription
	tables   map[string]*columnar.Batch // what settings read
}

// newSession prepares a run, or a dry one.
func newSession(l *ledger.Ledger, o Options) *session {
	engine := read.NewEngine(l.DB)
	files := &read.Reader{Engine: engine, Threads: cmp.Or(o.Threads, runtime.GOMAXPROCS(0)), Progress: o.Progress}
	log := newJournal()
	input := &inventory{ledger: l, sources: o.Sources, byName: map[string]discover.File{}}
	return &session{
		ledger: l, opts: o, input: input, files: files, log: log,
		loader: &loader{
			ledger: l, engine: engine, files: files, log: log, input: input, ratio: o.MaxRejectRatio, progress: o.Progress,
			staging: l.Path(ledger.StagingFolder), version: o.Version,
		},
		runs:    &exportRuns{ledger: l, files: files, input: input},
		sliceOf: map[string]string{}, hashes: map[string]string{},
	}
}

// Stage is a part of an ingest run.
type Stage struct {
	Name string
	do   func(*session, context.Context) error
}

// The stages of a run, in order.
var (
	List         = Stage{"list the sources", (*session).discover}
	Settle       = Stage{"read registry, exclusions and customers", (*session).settings}
	Choose       = Stage{"decide which export runs count", (*session).plan}
	LoadUsage    = Stage{"load usage", (*session).loadUsage}
	LoadEvidence = Stage{"load evidence", (*session).loadEvidence}
	Commit       = Stage{"commit", (*session).commit}
)

// Work is an ingest run whose stages are done one by one.
type Work struct{ session *session }

// Prepare begins the work of a run that the ledger has begun.
func Prepare(l *ledger.Ledger, run ledger.Run, o Options) *Work {
	s := newSession(l, o)
	o.Sources.Blobs.Tell(func(bytes int64) { o.Progress.Add(0, bytes) })
	s.runID, s.started, s.loader.runID = run.ID, run.Started, run.ID
	return &Work{s}
}

// Do does a stage. All stages before it must be done.
func (w *Work) Do(ctx context.Context, stage Stage) error {
	s := w.session
	before := s.log.rowsRead()
	if err := stage.do(s, ctx); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return fmt.Errorf("%s: %w", stage.Name, err)
	}
	s.opts.Progress.Rows(s.log.rowsRead() - before)
	return nil
}

// Result tells what came of a run whose stages are all done: a file that cannot be used is recorded there. The error is a
// *ledger.CheckError, next to a valid result, when a check failed.
func (w *Work) Result(ctx context.Context) (*Result, error) {
	s := w.session
	result := s.result()
	if err := result.hide(ctx, s.ledger); err != nil {
		return nil, err
	}
	return result, errors.Join(s.log.checks...)
}

func (s *session) discover(ctx context.Context) error {
	empty, err := s.input.read(ctx, s.opts.Now())
	if err != nil {
		return err
	}
	s.log.gone = s.input.gone
	for _, path := range empty {
		if len(s.input.known) == 0 { // the job would report on nothing
			return &discover.SourceError{Path: path, Reason: "holds no files"}
		}
		s.log.note("source %s holds no files; what was read before stays", s.opts.Sources.Spell(path))
	}
	return nil
}

// mark records a file that is not read.
func (s *session) mark(name, status, reason string) {
	f, ok := s.input.byName[name]
	if !ok {
		return
	}
	if k, known := s.input.known[name]; known && s.input.isSame(f, k) && (k.status == ledger.StatusForgotten || k.status == status && k.record.Reason == reason) {
		s.log.stands(name, k.record)
		return
	}
	r := s.log.record(f)
	r.Status, r.Reason = status, reason
}

// Package ingest brings export files into the ledger.
//
// The path of a record:
//
//	discover   list the sources, open nothing                                      discover.go
//	settle     registry, exclusions, customers; which export runs count            plan.go, package export
//	usage      runs that count and are not loaded yet -> usage/<slice>/*.parquet   load_usage.go, package usage
//	evidence   new deployment, operation, activity, change and request files       load_evidence.go, package evidence
//	commit     what replaced what, one transaction                                 commit.go
//
// Files are recognised by content (formats.go), cut into records by package source, and normalised by package usage or evidence into
// typed Parquet (package columnar). Only then does the database see them, through the SQL in queries/load. Every record is loaded,
// rejected with its place and reason, or counted by kind as no evidence; every file has a row in `files`.
package ingest

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pidledger/pidledger/ingest/export"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/columnar"
)

// session is the state of one ingest run.
type session struct {
	*Ledger
	runID   string
	started time.Time
	known   map[string]knownFile // files of earlier runs, by name
	gone    forgottenIDs         // customers whose rows are not kept

	forgotSince   bool                         // something was forgotten since the last run
	damaged       map[string]*DamagedFileError // slices of which a file is not as it was written
	unread        bool                         // of loaded runs it is not known what their rows say: an older pidledger loaded them
	sliceOfLoaded map[string]string            // slice of an export run of an earlier run, by key and token
	files         []found                      // what the sources hold now
	byName        map[string]found

	mu      sync.Mutex // guards the rest
	records map[string]*FileRecord
	touched map[string]bool   // names of records that this run writes to the ledger
	sliceOf map[string]string // slice of a usage file, by name
	hashes  map[string]string // content hash of a plain usage file, by name
	rejects []RejectRecord
	notes   []string
	noted   map[string]bool // the same
	checks  []error         // failed checks (exit code 4)
	dbMu    sync.Mutex

	runs           []export.Run // complete export runs of the listing
	plain          []found      // everything else that is new
	standings      []export.Standing
	unplaced       []unplacedFile             // whose deployments lack their subscription
	contents       map[string]export.Content  // what the rows of export runs say, by contentID
	contentsAsRead int                        // how many of them are written down; -1: something was learned since
	own            []*slice                   // plain usage files loaded in this run
	tables         map[string]*columnar.Batch // what settings read
}

// knownFile is what the ledger knows of a file.
type knownFile struct {
	size     int64
	modified time.Time
	readAs   string
	status   string
	sliceID  string
	hash     string
	record   FileRecord
}

// stage is one step of an ingest run.
type stage struct {
	name string
	run  func(*session, context.Context) error
}

// stages is the ingest run, in order.
var stages = []stage{
	{"list the sources", (*session).discover},
	{"read registry, exclusions and customers", (*session).settings},
	{"decide which export runs count", (*session).plan},
	{"load usage", (*session).loadUsage},
	{"load evidence", (*session).loadEvidence},
	{"commit", (*session).commit},
}

// Ingest reads what is new in the sources into the ledger. A file that cannot be used is recorded and the run goes on; the result
// tells. The error is a *CheckError, next to a valid result, when a check failed.
func (l *Ledger) Ingest(ctx context.Context) (*Result, error) {
	run, err := l.Begin(ctx)
	if err != nil {
		return nil, err
	}
	s := &session{
		Ledger: l, runID: run.ID, started: run.Started,
		records: map[string]*FileRecord{}, touched: map[string]bool{}, byName: map[string]found{}, sliceOf: map[string]string{}, hashes: map[string]string{},
	}
	for _, st := range stages {
		l.opts.Progress.Stage(st.name, "files")
		before := s.rowsRead()
		if err := st.run(s, ctx); err != nil {
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			return nil, fmt.Errorf("%s: %w", st.name, err)
		}
		l.opts.Progress.Rows(s.rowsRead() - before)
	}
	result := s.result()
	if err := l.hideInResult(ctx, result); err != nil {
		return nil, err
	}
	return result, errors.Join(s.checks...)
}

// rowsRead is how many rows the run has read so far.
func (s *session) rowsRead() (rows int64) {
	for name := range s.touched {
		rows += s.records[name].Rows
	}
	return rows
}

func (s *session) discover(ctx context.Context) error {
	files, empty, err := discover(s.opts.Base, s.opts.Sources)
	if err != nil {
		return err
	}
	if err := s.readForgotten(ctx); err != nil {
		return err
	}
	s.files = files
	for i := range files {
		files[i].Name = s.gone.neutral(files[i].Name)
		s.byName[files[i].Name] = files[i]
	}
	if s.known, err = s.knownFiles(ctx); err != nil {
		return err
	}
	if s.damaged, err = s.verifyUsage(ctx); err != nil {
		return err
	}
	for _, path := range empty {
		if len(s.known) == 0 { // the job would report on nothing
			return &SourceError{Path: path, Reason: "holds no files"}
		}
		s.note("source %s holds no files; what was read before stays", spell(s.opts.Base, path))
	}
	return nil
}

// readForgotten finds out what was forgotten.
func (s *session) readForgotten(ctx context.Context) (err error) {
	if s.gone, err = s.forgottenIDs(ctx); err != nil {
		return err
	}
	unread, err := s.DB.Count(ctx, queries.Text("ledger/unread_runs.sql"))
	if err != nil {
		return err
	}
	s.unread = unread > 0
	since, err := s.DB.Count(ctx, queries.Text("ledger/forgotten_since.sql"), s.opts.Now().UTC())
	s.forgotSince = since > 0
	if err != nil || len(s.gone) == 0 {
		return err
	}
	return s.gone.teach(ctx, s.DB)
}

// threads is how many goroutines work on files at once.
func (l *Ledger) threads() int {
	if l.opts.Threads > 0 {
		return l.opts.Threads
	}
	return runtime.GOMAXPROCS(0)
}

// record returns the record of a file, to be changed by the one goroutine that works on the file.
func (s *session) record(f found) *FileRecord {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.touched[f.Name] = true
	r := s.records[f.Name]
	if r == nil {
		r = &FileRecord{Path: f.Name, Size: f.Size}
		s.records[f.Name] = r
	}
	return r
}

// mark records a file that is not read.
func (s *session) mark(name, status, reason string) {
	f, ok := s.byName[name]
	if !ok {
		return
	}
	if k, known := s.known[name]; known && s.isSame(f, k) && (k.status == StatusForgotten || k.status == status && k.record.Reason == reason) {
		s.mu.Lock()
		defer s.mu.Unlock()
		r := k.record
		s.records[name] = &r
		return
	}
	r := s.record(f)
	r.Status, r.Reason = status, reason
}

// isSame tells whether a file is as an earlier run read it, without opening it. What was forgotten stays so under other settings.
func (s *session) isSame(f found, k knownFile) bool {
	return k.size == f.Size && k.modified.Equal(f.Modified) && (k.readAs == f.Source.digest() || k.status == StatusForgotten)
}

// keepRejects remembers the rejects of a file.
func (s *session) keepRejects(f found, o *outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rejects = slices.DeleteFunc(s.rejects, func(r RejectRecord) bool { return r.Path == f.Name })
	for _, r := range o.rejects {
		s.rejects = append(s.rejects, RejectRecord{Path: f.Name, Record: r.Record, Line: r.Line, Column: r.Column, Value: s.gone.neutral(r.Value), Reason: s.gone.neutral(r.Reason)})
	}
}

func (s *session) note(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := fmt.Sprintf(format, args...)
	if s.noted == nil {
		s.noted = map[string]bool{}
	}
	if !s.noted[n] {
		s.noted[n] = true
		s.notes = append(s.notes, n)
	}
}

func (s *session) check(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.checks = append(s.checks, err)
}

// digest tells apart the settings under which the files of a source are read.
func (s *Source) digest() string {
	if s.Format == "" && len(s.Columns) == 0 && s.Subscription == "" && s.CostBasis == "" {
		return ""
	}
	keys := make([]string, 0, len(s.Columns))
	for k, v := range s.Columns {
		keys = append(keys, k+"="+v)
	}
	slices.Sort(keys)
	return digest(append(keys, s.Format, s.Subscription, s.CostBasis)...)[:16]
}

// digest is a hash over texts that keeps them apart.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// internalError marks what is no fault of an input file: the disk, the database, the program. It ends the run.
type internalError struct{ err error }

func (e *internalError) Error() string { return e.err.Error() }
func (e *internalError) Unwrap() error { return e.err }

func internal(err error) error {
	if err == nil {
		return nil
	}
	return &internalError{err}
}

func isInternal(err error) bool {
	var e *internalError
	return errors.As(err, &e)
}

// UnknownFormatError says that no format claims a file.
type UnknownFormatError struct{ Path, Reason string }

func (e *UnknownFormatError) Error() string { return "no known format: " + e.Reason }

// result sums up the run.
func (s *session) result() *Result {
	r := &Result{RunID: s.runID, Started: s.started, Counts: map[string]int64{}, Notes: s.notes}
	for _, u := range s.unplaced {
		r.Unplaced = append(r.Unplaced, u.name)
	}
	for _, f := range s.files {
		rec := s.records[f.Name]
		if rec == nil {
			k := s.known[f.Name].record
			rec = &k
		}
		shown := *rec
		if !s.touched[f.Name] && rec.Status != StatusFailed && rec.Status != StatusUnknown && rec.Status != StatusWaiting && rec.Status != StatusForgotten {
			shown.Status = StatusUnchanged
		}
		r.Files = append(r.Files, shown)
		r.Counts[shown.Status]++
		if s.touched[f.Name] {
			r.Rows += rec.Rows
			r.Rejected += rec.Rejected
		}
	}
	r.RejectedBefore = s.rejectedBefore()
	slices.SortFunc(s.rejects, func(a, b RejectRecord) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), cmp.Compare(a.Record, b.Record))
	})
	perReason := map[string]int{}
	for _, x := range s.rejects {
		key := x.Column + "|" + strings.SplitN(x.Reason, `"`, 2)[0]
		if perReason[key]++; perReason[key] <= 20 {
			r.Rejects = append(r.Rejects, x)
		}
	}
	return r
}

// rejectedBefore lists the files of earlier runs that count, also those that are no longer in the sources, with rows that could not be used: these
// are missing in every report for as long.
func (s *session) rejectedBefore() (out []FileRecord) {
	for name, k := range s.known {
		rec := &k.record
		if r := s.records[name]; r != nil {
			rec = r
		}
		if !s.touched[name] && rec.Status == StatusLoaded && rec.Rejected > 0 {
			out = append(out, *rec)
		}
	}
	slices.SortFunc(out, func(a, b FileRecord) int {
		return cmp.Or(cmp.Compare(b.Rejected, a.Rejected), strings.Compare(a.Path, b.Path))
	})
	return out
}

// knownFiles reads what the ledger knows of files.
func (s *session) knownFiles(ctx context.Context) (map[string]knownFile, error) {
	rows, err := s.DB.Query(ctx, `select path, size, modified_at, read_as, status, slice_id, content_hash, format, reason,
		rows_read, rows_loaded, rows_rejected from files`)
	if err != nil {
		return nil, err
	}
	out := map[string]knownFile{}
	for rows.Next() {
		v := rows.Values()
		out[v[0].S] = knownFile{
			size: v[1].I, modified: time.UnixMicro(v[2].I).UTC(), readAs: v[3].S, status: v[4].S, sliceID: v[5].S, hash: v[6].S,
			record: FileRecord{Path: v[0].S, Status: v[4].S, Format: v[7].S, Reason: v[8].S, Size: v[1].I, Rows: v[9].I, Loaded: v[10].I, Rejected: v[11].I},
		}
	}
	return out, errors.Join(rows.Err(), rows.Close())
}

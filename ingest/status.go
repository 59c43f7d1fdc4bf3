package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/pidledger/pidledger/ingest/export"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/engine"
)

// Status is how a ledger stands. While a run holds it, or an older pidledger wrote it last, only that, Reports and Size are known. Times are UTC, days YYYY-MM-DD.
type Status struct {
	Ledger   string           `json:"ledger"`
	Now      time.Time        `json:"now"`
	Running  *Holder          `json:"running,omitempty"`      // nil: no run holds the ledger
	Older    int64            `json:"older_schema,omitempty"` // schema version of a ledger that the next run must bring up to date; 0: it is
	LastRun  *RunRecord       `json:"last_run,omitempty"`     // nil: there was none, Running, or Older
	LastDone *RunRecord       `json:"last_done,omitempty"`    // the last whose result is done or partial; nil: none, Running, or Older
	Reports  *ReportsStatus   `json:"reports,omitempty"`      // nil: none were written
	Exports  []ExportStatus   `json:"exports"`
	Evidence []EvidenceStatus `json:"evidence"`
	Files    map[string]int64 `json:"files"`   // files by status of their last reading
	Rejects  []RejectedRows   `json:"rejects"` // of the files that count, most first
	Waiting  []WaitingRun     `json:"waiting"`
	Size     LedgerSize       `json:"size"`
}

// RunRecord is one row of the table runs.
type RunRecord struct {
	ID           string    `json:"run_id"`
	Command      string    `json:"command"`
	Started      time.Time `json:"started"`
	Ended        time.Time `json:"ended,omitzero"` // zero: not known
	Result       string    `json:"result"`         // one of Result*
	Version      string    `json:"version"`
	FilesRead    int64     `json:"files_read"`
	RowsRead     int64     `json:"rows_read"`
	RowsRejected int64     `json:"rows_rejected"`
}

// ReportsStatus is what the newest reports said.
type ReportsStatus struct {
	RunID       string `json:"run_id"`
	DataThrough string `json:"data_through"` // last usage day that counts; empty: no usage
	NeverSeen   int    `json:"never_seen"`   // registered ids without any sighting; the report tracking_ids names them
}

// EvidenceStatus is how fresh one kind of evidence is.
type EvidenceStatus struct {
	Kind          string     `json:"kind"`
	Records       int64      `json:"records"`
	Subscriptions int64      `json:"subscriptions"` // that the records are of
	Newest        *time.Time `json:"newest"`        // time of the newest record; nil: none
}

// RejectedRows is how many rows of a file could not be used: they are missing in every report as long as the file counts.
type RejectedRows struct {
	Path string `json:"path"`
	Rows int64  `json:"rows"`
}

// WaitingRun is an export run that is not complete.
type WaitingRun struct {
	Folder string    `json:"folder"`
	Files  int64     `json:"files"`
	Since  time.Time `json:"since"`  // when its first file was written
	Newest time.Time `json:"newest"` // when its newest file was written
	Reason string    `json:"reason"`
}

// LedgerSize is what a ledger takes on disk, in bytes.
type LedgerSize struct {
	Database int64 `json:"database"` // with its write-ahead log
	Usage    int64 `json:"usage"`    // slices
	Other    int64 `json:"other"`    // what can be made anew from these two, and what a run is working on
}

// ReadStatus tells how a ledger stands and writes nothing to it. A run that holds the ledger is no error.
func ReadStatus(ctx context.Context, o Options) (_ *Status, err error) {
	st := &Status{
		Ledger: o.Ledger, Now: o.Now().UTC(), Exports: []ExportStatus{}, Evidence: []EvidenceStatus{}, Files: map[string]int64{}, Rejects: []RejectedRows{}, Waiting: []WaitingRun{},
	}
	l, err := Look(ctx, o)
	if errors.Is(err, ErrInUse) {
		l = &Ledger{folder: o.Ledger, opts: o}
		if st.Running = l.holder(); st.Running == nil {
			st.Running = &Holder{} // the file does not tell
		}
		err = nil
	}
	var older *OlderLedgerError
	if errors.As(err, &older) {
		l = &Ledger{folder: o.Ledger, opts: o}
		st.Older, err = older.Version, nil
	}
	if err != nil {
		return nil, err
	}
	isOpen := st.Running == nil && st.Older == 0
	if isOpen {
		defer func() { err = errors.Join(err, l.Close()) }()
	}
	if err := l.readReports(st); err != nil {
		return nil, err
	}
	if st.Size, err = l.size(); err != nil {
		return nil, err
	}
	if !isOpen {
		return st, nil
	}
	for _, read := range []func(context.Context, *Status) error{l.readRuns, l.readExports, l.readEvidence, l.readFiles, l.readRejects, l.readWaiting, l.hideExcluded} {
		if err := read(ctx, st); err != nil {
			return nil, err
		}
	}
	return st, nil
}

// readReports reads the few facts of the summary that matter here.
func (l *Ledger) readReports(st *Status) error {
	p, err := l.Published()
	if err != nil || p == nil {
		return err
	}
	var summary struct {
		DataThrough string   `json:"data_through"`
		NeverSeen   []string `json:"never_seen"`
	}
	if err := json.Unmarshal(p.Summary, &summary); err != nil {
		return nil //nolint:nilerr // a damaged note only costs writing the reports once more
	}
	st.Reports = &ReportsStatus{RunID: p.RunID, DataThrough: summary.DataThrough, NeverSeen: len(summary.NeverSeen)}
	return nil
}

// size adds up the files of the ledger. One that a run removes meanwhile does not count.
func (l *Ledger) size() (LedgerSize, error) {
	var s LedgerSize
	err := filepath.WalkDir(l.folder, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		name, err := filepath.Rel(l.folder, path)
		if err != nil {
			return err
		}
		switch top, _, _ := strings.Cut(filepath.ToSlash(name), "/"); top {
		case databaseFile, databaseFile + ".wal":
			s.Database += info.Size()
		case usageFolder:
			s.Usage += info.Size()
		default:
			s.Other += info.Size()
		}
		return nil
	})
	return s, err
}

// each runs a SELECT and hands over its rows.
func (l *Ledger) each(ctx context.Context, statement string, row func(v []engine.Value), args ...any) error {
	rows, err := l.DB.Query(ctx, statement, args...)
	if err != nil {
		return err
	}
	for rows.Next() {
		row(rows.Values())
	}
	return errors.Join(rows.Err(), rows.Close())
}

// readRuns reads the last run and the last one that did its work. A run that says it is running, while nobody holds the ledger, was killed.
func (l *Ledger) readRuns(ctx context.Context, st *Status) error {
	return l.each(ctx, queries.Text("ledger/status_runs.sql"), func(v []engine.Value) {
		r := &RunRecord{
			ID: v[0].S, Command: v[1].S, Started: microTime(v[2]), Ended: microTime(v[3]), Result: v[4].S, Version: v[5].S,
			FilesRead: v[6].I, RowsRead: v[7].I, RowsRejected: v[8].I,
		}
		if r.Result == ResultRunning {
			r.Result = ResultKilled
		}
		if st.LastRun == nil {
			st.LastRun = r
		}
		if r.Result == ResultDone || r.Result == ResultPartial {
			st.LastDone = r
		}
	})
}

func (l *Ledger) readEvidence(ctx context.Context, st *Status) error {
	return l.each(ctx, queries.Text("ledger/status_evidence.sql"), func(v []engine.Value) {
		e := EvidenceStatus{Kind: v[0].S, Records: v[1].I, Subscriptions: v[2].I}
		if newest := microTime(v[3]); !newest.IsZero() {
			e.Newest = &newest
		}
		st.Evidence = append(st.Evidence, e)
	})
}

func (l *Ledger) readFiles(ctx context.Context, st *Status) error {
	return l.each(ctx, "select status, count(*) from files group by status", func(v []engine.Value) { st.Files[v[0].S] = v[1].I })
}

func (l *Ledger) readRejects(ctx context.Context, st *Status) error {
	return l.each(ctx, queries.Text("ledger/status_rejects.sql"), func(v []engine.Value) {
		st.Rejects = append(st.Rejects, RejectedRows{Path: v[0].S, Rows: v[1].I})
	})
}

// readWaiting groups the files that wait by the folder of their run.
func (l *Ledger) readWaiting(ctx context.Context, st *Status) error {
	at := map[string]int{}
	return l.each(ctx, "select path, modified_at, reason from files where status = 'waiting' order by path", func(v []engine.Value) {
		folder := firstText(export.PathFacts(v[0].S).RunFolder, folderOf(v[0].S))
		i, known := at[folder]
		if !known {
			i = len(st.Waiting)
			at[folder] = i
			st.Waiting = append(st.Waiting, WaitingRun{Folder: folder, Since: microTime(v[1])})
		}
		w := &st.Waiting[i]
		w.Files++
		if t := microTime(v[1]); t.Before(w.Since) {
			w.Since = t
		}
		if t := microTime(v[1]); t.After(w.Newest) {
			w.Newest = t
		}
		w.Reason = firstText(w.Reason, v[2].S)
	})
}

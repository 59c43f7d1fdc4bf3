// Package status reports the state of a ledger: its runs, how fresh and complete exports and evidence are, what waits and what was rejected.
package status

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"path"
	"strings"
	"time"

	"github.com/pidledger/pidledger/ingest/export"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/engine"
)

// Status is the state of a ledger. While a run holds it, or if an older pidledger wrote it last, only that, Reports and Size are known. Times are
// UTC, days YYYY-MM-DD.
type Status struct {
	Ledger   string           `json:"ledger"`
	Now      time.Time        `json:"now"`
	Running  *ledger.Holder   `json:"running,omitempty"`      // nil: no run holds the ledger
	Older    int64            `json:"older_schema,omitempty"` // schema version of a ledger that the next run must bring up to date; 0: it is up to date
	LastRun  *RunRecord       `json:"last_run,omitempty"`     // nil: there was none, Running, or Older
	LastDone *RunRecord       `json:"last_done,omitempty"`    // the last whose result is done or partial; nil: none, Running, or Older
	Reports  *ReportsStatus   `json:"reports,omitempty"`      // nil: none were written
	Exports  []ExportStatus   `json:"exports"`
	Evidence []EvidenceStatus `json:"evidence"`
	Files    map[string]int64 `json:"files"`   // files by status of their last reading
	Rejects  []RejectedRows   `json:"rejects"` // of the files that count, most first
	Waiting  []WaitingRun     `json:"waiting"`
	Size     ledger.Size      `json:"size"`
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
	Subscriptions int64      `json:"subscriptions"` // that the records belong to
	Newest        *time.Time `json:"newest"`        // time of the newest record; nil: none
}

// RejectedRows is how many rows of a file were rejected: they are missing in every report as long as the file counts.
type RejectedRows struct {
	Path string `json:"path"`
	Rows int64  `json:"rows"`
}

// WaitingRun is an incomplete export run.
type WaitingRun struct {
	Folder string    `json:"folder"`
	Files  int64     `json:"files"`
	Since  time.Time `json:"since"`  // when its first file was written
	Newest time.Time `json:"newest"` // when its newest file was written
	Reason string    `json:"reason"`
}

// Read returns the state of a ledger and writes nothing to it. A run that holds the ledger is not an error.
func Read(ctx context.Context, o ledger.Options) (_ *Status, err error) {
	st := &Status{
		Ledger: o.Folder, Now: o.Now().UTC(), Exports: []ExportStatus{}, Evidence: []EvidenceStatus{}, Files: map[string]int64{}, Rejects: []RejectedRows{}, Waiting: []WaitingRun{},
	}
	l, err := ledger.Look(ctx, o)
	if errors.Is(err, ledger.ErrInUse) {
		if st.Running = ledger.ReadHolder(o.Folder); st.Running == nil {
			st.Running = &ledger.Holder{} // the file does not tell
		}
		err = nil
	}
	var older *ledger.OlderLedgerError
	if errors.As(err, &older) {
		st.Older, err = older.Version, nil
	}
	if err != nil {
		return nil, err
	}
	isOpen := st.Running == nil && st.Older == 0
	if isOpen {
		defer func() { err = errors.Join(err, l.Close()) }()
	}
	if err := readReports(o.Folder, st); err != nil {
		return nil, err
	}
	if st.Size, err = ledger.SizeOf(o.Folder); err != nil {
		return nil, err
	}
	if !isOpen {
		return st, nil
	}
	for _, read := range []func(context.Context, *ledger.Ledger, *Status) error{readRuns, readExports, readEvidence, readFiles, readRejects, readWaiting, hideExcluded} {
		if err := read(ctx, l, st); err != nil {
			return nil, err
		}
	}
	return st, nil
}

// readReports reads the few facts of the summary that matter here.
func readReports(folder string, st *Status) error {
	p, err := ledger.ReadPublished(folder)
	if err != nil || p == nil {
		return err
	}
	var summary struct {
		DataThrough string   `json:"data_through"`
		NeverSeen   []string `json:"never_seen"`
	}
	if err := json.Unmarshal(p.Summary, &summary); err != nil {
		return nil //nolint:nilerr // a damaged note only means that the reports are written again
	}
	st.Reports = &ReportsStatus{RunID: p.RunID, DataThrough: summary.DataThrough, NeverSeen: len(summary.NeverSeen)}
	return nil
}

// readRuns reads the last run and the last one that finished its work. A run entered as running while nobody holds the ledger was killed.
func readRuns(ctx context.Context, l *ledger.Ledger, st *Status) error {
	rows, err := engine.Ask[struct {
		RunID, Command                    string
		StartedAt, EndedAt                time.Time
		Result, Version                   string
		FilesRead, RowsRead, RowsRejected int64
		Entered                           int64
	}](ctx, l.DB, queries.Text("ledger/status_runs.sql"))
	for _, row := range rows {
		r := &RunRecord{
			ID: row.RunID, Command: row.Command, Started: row.StartedAt, Ended: row.EndedAt, Result: row.Result, Version: row.Version,
			FilesRead: row.FilesRead, RowsRead: row.RowsRead, RowsRejected: row.RowsRejected,
		}
		if r.Result == ledger.ResultRunning {
			r.Result = ledger.ResultKilled
		}
		if st.LastRun == nil {
			st.LastRun = r
		}
		if r.Result == ledger.ResultDone || r.Result == ledger.ResultPartial {
			st.LastDone = r
		}
	}
	return err
}

func readEvidence(ctx context.Context, l *ledger.Ledger, st *Status) (err error) {
	st.Evidence, err = engine.Ask[EvidenceStatus](ctx, l.DB, queries.Text("ledger/status_evidence.sql"))
	return err
}

func readFiles(ctx context.Context, l *ledger.Ledger, st *Status) error {
	rows, err := engine.Ask[struct {
		Status string
		Files  int64
	}](ctx, l.DB, queries.Text("ledger/status_files.sql"))
	for _, row := range rows {
		st.Files[row.Status] = row.Files
	}
	return err
}

func readRejects(ctx context.Context, l *ledger.Ledger, st *Status) error {
	rows, err := engine.Ask[struct {
		Path         string
		RowsRejected int64
	}](ctx, l.DB, queries.Text("ledger/status_rejects.sql"))
	for _, row := range rows {
		st.Rejects = append(st.Rejects, RejectedRows{Path: row.Path, Rows: row.RowsRejected})
	}
	return err
}

// readWaiting groups the files that wait by the folder of their run.
func readWaiting(ctx context.Context, l *ledger.Ledger, st *Status) error {
	files, err := engine.Ask[struct {
		Path       string
		ModifiedAt time.Time
		Reason     string
	}](ctx, l.DB, queries.Text("ledger/status_waiting.sql"))
	at := map[string]int{}
	for _, f := range files {
		folder, _ := path.Split(f.Path) // which leaves the two slashes of a location in Blob Storage as they are
		folder = cmp.Or(export.PathFacts(f.Path).RunFolder, strings.TrimSuffix(folder, "/"), ".")
		i, known := at[folder]
		if !known {
			i = len(st.Waiting)
			at[folder] = i
			st.Waiting = append(st.Waiting, WaitingRun{Folder: folder, Since: f.ModifiedAt})
		}
		w := &st.Waiting[i]
		w.Files++
		if f.ModifiedAt.Before(w.Since) {
			w.Since = f.ModifiedAt
		}
		if f.ModifiedAt.After(w.Newest) {
			w.Newest = f.ModifiedAt
		}
		w.Reason = cmp.Or(w.Reason, f.Reason)
	}
	return err
}

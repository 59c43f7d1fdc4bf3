package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/engine"
)

// FileRow is a row of the table files.
type FileRow struct {
	Path         string
	Size         int64
	ModifiedAt   time.Time
	ETag         string `sql:"etag"` // of a blob
	ContentHash  string // of a plain usage file
	ReadAs       string // a digest of the settings of its source
	Status       string
	Format       string
	Reason       string
	SliceID      string
	RowsRead     int64
	RowsLoaded   int64
	RowsRejected int64
	Kinds        string // records by kind, as JSON
	RunID        string // of the run that read it
}

// FileRows reads the table files, by path.
func FileRows(ctx context.Context, db *engine.DB) ([]FileRow, error) {
	return engine.Ask[FileRow](ctx, db, queries.Text("ledger/files.sql"))
}

// Record returns what the row says about its file.
func (f *FileRow) Record() (FileRecord, error) {
	r := FileRecord{Path: f.Path, Status: f.Status, Format: f.Format, Reason: f.Reason, Size: f.Size, Rows: f.RowsRead, Loaded: f.RowsLoaded, Rejected: f.RowsRejected}
	if f.Kinds == "" {
		return r, nil
	}
	if err := json.Unmarshal([]byte(f.Kinds), &r.Kinds); err != nil {
		return r, fmt.Errorf("kinds of %s: %w", f.Path, err)
	}
	return r, nil
}

// Files lists every file that the ledger knows, by path.
func (l *Ledger) Files(ctx context.Context) ([]FileRecord, error) {
	rows, err := FileRows(ctx, l.DB)
	if err != nil {
		return nil, err
	}
	var out []FileRecord
	for _, row := range rows {
		r, err := row.Record()
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	hidden, err := FindHidden(ctx, l.DB)
	if err != nil {
		return nil, err
	}
	for i := range out {
		hidden.File(&out[i])
	}
	return out, nil
}

// The statuses of a file (FileRecord.Status).
const (
	StatusLoaded     = "loaded"     // read in this run; its rows count
	StatusUnchanged  = "unchanged"  // known from an earlier run, not read again
	StatusDuplicate  = "duplicate"  // same content as another file
	StatusSuperseded = "superseded" // part of an export run that a newer one replaced
	StatusWaiting    = "waiting"    // part of an export run that is not complete yet; not an error
	StatusEmpty      = "empty"      // no rows
	StatusIgnored    = "ignored"    // recognised, but holds nothing that pidledger uses
	StatusForgotten  = "forgotten"  // taken back by pidledger forget; read again only when its size or time changes
	StatusFailed     = "failed"     // could not be read; see Reason
	StatusUnknown    = "unknown"    // no known format
)

// Statuses lists every status once, in the order in which they are shown.
var Statuses = []string{StatusLoaded, StatusUnchanged, StatusDuplicate, StatusSuperseded, StatusWaiting, StatusEmpty, StatusIgnored, StatusForgotten, StatusFailed, StatusUnknown}

// FileRecord says what became of one file.
type FileRecord struct {
	Path     string           `json:"path"`
	Status   string           `json:"status"` // one of Statuses
	Format   string           `json:"format,omitempty"`
	Reason   string           `json:"reason,omitempty"` // why it has this status or was taken for this format
	Size     int64            `json:"size"`             // bytes
	Rows     int64            `json:"rows"`             // records read: Loaded, Rejected and those that are not evidence (Kinds)
	Loaded   int64            `json:"loaded"`
	Rejected int64            `json:"rejected"`
	Kinds    map[string]int64 `json:"kinds,omitempty"` // records by kind; "forgotten": those of forgotten customers
}

// RejectRecord is one rejected input row (SPEC 3.1).
type RejectRecord struct {
	Path   string `json:"path"`
	Record int64  `json:"record,omitempty"` // 1-based data record; 0: not known
	Line   int64  `json:"line,omitempty"`   // 1-based physical line; 0: not known
	Column string `json:"column,omitempty"`
	Value  string `json:"value,omitempty"` // cut to 200 bytes
	Reason string `json:"reason"`
}

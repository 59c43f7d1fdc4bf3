package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// Files lists every file that the ledger knows, by path.
func (l *Ledger) Files(ctx context.Context) ([]FileRecord, error) {
	rows, err := l.DB.Query(ctx, `select path, status, format, reason, size, rows_read, rows_loaded, rows_rejected, kinds from files order by path`)
	if err != nil {
		return nil, err
	}
	var out []FileRecord
	for rows.Next() {
		v := rows.Values()
		r := FileRecord{Path: v[0].S, Status: v[1].S, Format: v[2].S, Reason: v[3].S, Size: v[4].I, Rows: v[5].I, Loaded: v[6].I, Rejected: v[7].I}
		if !v[8].Null {
			if err := json.Unmarshal([]byte(v[8].S), &r.Kinds); err != nil {
				return nil, errors.Join(fmt.Errorf("kinds of %s: %w", r.Path, err), rows.Close())
			}
		}
		out = append(out, r)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
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
	StatusWaiting    = "waiting"    // part of an export run that is not complete yet; no error
	StatusEmpty      = "empty"      // no rows
	StatusIgnored    = "ignored"    // recognised, and holds nothing that pidledger uses
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
	Rows     int64            `json:"rows"`             // records read: Loaded, Rejected and those that are no evidence (Kinds)
	Loaded   int64            `json:"loaded"`
	Rejected int64            `json:"rejected"`
	Kinds    map[string]int64 `json:"kinds,omitempty"` // records by kind; "forgotten" those of customers that were forgotten
}

// RejectRecord is one input row that could not be used (SPEC 3.1).
type RejectRecord struct {
	Path   string `json:"path"`
	Record int64  `json:"record,omitempty"` // 1-based data record; 0: not known
	Line   int64  `json:"line,omitempty"`   // 1-based physical line; 0: not known
	Column string `json:"column,omitempty"`
	Value  string `json:"value,omitempty"` // cut to 200 bytes
	Reason string `json:"reason"`
}

package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/pidledger/pidledger/queries"
)

// RunID names a run by the time it began.
func RunID(started time.Time) string {
	return started.UTC().Format("20060102T150405") + "-" + digest(started.UTC().Format(time.RFC3339Nano))[:6]
}

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
	hidden, err := l.findHidden(ctx)
	if err != nil {
		return nil, err
	}
	for i := range out {
		hidden.file(&out[i])
	}
	return out, nil
}

// DataThrough returns the last usage date that counts, YYYY-MM-DD, or "" when there is no usage. Call it after the attribution.
func (l *Ledger) DataThrough(ctx context.Context) (string, error) {
	return l.text(ctx, "select cast(max(usage_date) as varchar) from counted_days")
}

// OnlyUsage tells whether nothing was ever delivered that could carry a tracking id, so that nothing can be attributed.
func (l *Ledger) OnlyUsage(ctx context.Context) (bool, error) {
	n, err := l.DB.Count(ctx, queries.Text("ledger/witnesses.sql"))
	return n == 0, err
}

// NewIDs returns the tracking ids that no earlier run had seen, and remembers them. Call it after the attribution.
func (l *Ledger) NewIDs(ctx context.Context, runID string) ([]string, error) {
	if err := l.DB.Exec(ctx, "insert into seen_ids select tracking_id, ? from ("+queries.Text("ledger/new_ids.sql")+")", runID); err != nil {
		return nil, err
	}
	return l.texts(ctx, "select tracking_id from seen_ids where run_id = ? order by tracking_id", runID)
}

// text runs a statement that returns one text.
func (l *Ledger) text(ctx context.Context, statement string) (string, error) {
	rows, err := l.DB.Query(ctx, statement)
	if err != nil {
		return "", err
	}
	out := ""
	if rows.Next() && !rows.Values()[0].Null {
		out = rows.Values()[0].S
	}
	return out, errors.Join(rows.Err(), rows.Close())
}

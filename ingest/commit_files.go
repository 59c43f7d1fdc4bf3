package ingest

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/columnar"
)

var fileColumns = columnar.Schema{
	{Name: "path", Type: columnar.String}, {Name: "size", Type: columnar.Int}, {Name: "modified_at", Type: columnar.Timestamp},
	{Name: "content_hash", Type: columnar.String}, {Name: "read_as", Type: columnar.String}, {Name: "status", Type: columnar.String},
	{Name: "format", Type: columnar.String}, {Name: "reason", Type: columnar.String}, {Name: "slice_id", Type: columnar.String},
	{Name: "rows_read", Type: columnar.Int}, {Name: "rows_loaded", Type: columnar.Int}, {Name: "rows_rejected", Type: columnar.Int},
	{Name: "kinds", Type: columnar.String}, {Name: "run_id", Type: columnar.String}, {Name: "etag", Type: columnar.String},
}

var rejectColumns = columnar.Schema{
	{Name: "path", Type: columnar.String}, {Name: "record", Type: columnar.Int}, {Name: "line", Type: columnar.Int},
	{Name: "column_name", Type: columnar.String}, {Name: "value", Type: columnar.String}, {Name: "reason", Type: columnar.String},
	{Name: "run_id", Type: columnar.String},
}

// writeFiles puts the records of the files that this run touched, and their rejects, in place of older ones.
func (s *session) writeFiles(ctx context.Context) error {
	names := make([]string, 0, len(s.log.touched))
	for name := range s.log.touched {
		names = append(names, name)
	}
	return s.writeRecords(ctx, names, s.goneFailed())
}

// writeRecords puts the records of some files that this run touched, and their rejects, in place of older ones, and takes out those of
// files that are gone.
func (s *session) writeRecords(ctx context.Context, names, gone []string) error {
	if len(names)+len(gone) == 0 {
		return nil
	}
	slices.Sort(names)
	files := columnar.NewBatch(fileColumns)
	for _, name := range names {
		r, f := s.log.records[name], s.input.byName[name]
		files.Str(0, name)
		files.Int(1, f.Size)
		files.Time(2, f.Modified.UnixMicro())
		optional(files, 3, s.hashes[name])
		files.Str(4, f.Source.Digest())
		files.Str(5, r.Status)
		optional(files, 6, r.Format)
		optional(files, 7, r.Reason)
		optional(files, 8, s.sliceOf[name])
		files.Int(9, r.Rows)
		files.Int(10, r.Loaded)
		files.Int(11, r.Rejected)
		if len(r.Kinds) > 0 {
			kinds, err := json.Marshal(r.Kinds)
			if err != nil {
				return err
			}
			files.String(12, kinds)
		}
		files.Str(13, s.runID)
		optional(files, 14, f.ETag)
		files.EndRow()
	}
	rejects := columnar.NewBatch(rejectColumns)
	for _, x := range s.log.rejects {
		if _, ours := slices.BinarySearch(names, x.Path); !ours {
			continue
		}
		rejects.Str(0, x.Path)
		rejects.Int(1, x.Record)
		rejects.Int(2, x.Line)
		optional(rejects, 3, x.Column)
		optional(rejects, 4, x.Value)
		optional(rejects, 5, x.Reason)
		rejects.Str(6, s.runID)
		rejects.EndRow()
	}
	if err := s.tempPaths(ctx, "touched_files", append(names, gone...)); err != nil {
		return err
	}
	if err := s.ledger.DB.Exec(ctx, queries.Text("ledger/clear_files.sql")); err != nil {
		return err
	}
	if err := s.ledger.Batches.Insert(ctx, "files", files); err != nil {
		return err
	}
	return s.ledger.Batches.Insert(ctx, "rejects", rejects)
}

// tempPaths makes a temporary table with the column path.
func (s *session) tempPaths(ctx context.Context, table string, paths []string) error {
	b := columnar.NewBatch(columnar.Schema{{Name: "path", Type: columnar.String}})
	for _, p := range paths {
		b.Str(0, p)
		b.EndRow()
	}
	return s.ledger.Batches.Temp(ctx, table, b)
}

// goneFailed lists what could not be read once and is not there any longer: there is nothing left to fix.
func (s *session) goneFailed() []string {
	var out []string
	for name, k := range s.input.known {
		if _, listed := s.input.byName[name]; !listed && k.status == ledger.StatusFailed && k.sliceID == "" {
			out = append(out, name)
		}
	}
	return out
}

// optional writes a text, NULL when it is empty. A message may name a path that is not UTF-8, which a table cannot hold.
func optional(b *columnar.Batch, column int, text string) {
	if text != "" {
		b.Str(column, strings.ToValidUTF8(text, "\ufffd"))
	}
}

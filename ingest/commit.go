package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/ingest/export"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/columnar"
)

// addSlice enters a loaded slice into the catalog. Its rows do not count before commit says so; r is nil for a plain usage file.
func (s *session) addSlice(ctx context.Context, sl *slice, r *export.Run) error {
	paths := make([]any, len(sl.Files))
	for i, f := range sl.Files {
		paths[i] = f.Name
	}
	key, group, token, manifest, exportType, frame := "file|"+sl.ID, "file|"+sl.ID, sl.ID, "", "", ""
	var month, from, to any
	whole, rank := true, export.ScopeRank(sl.Meta.Scope)
	if r != nil {
		key, group, token, manifest, exportType, frame = r.Key, r.Group, r.Token, r.Manifest, r.Type, r.TimeFrame
		month, from, to, whole = r.Month.Time(), r.Start.Time(), r.End.Time(), r.Whole
	}
	return s.DB.InTx(ctx, func() error {
		if err := s.DB.Exec(ctx, "delete from slices where slice_id = ?", sl.ID); err != nil {
			return err
		}
		return s.DB.Exec(ctx, queries.Text("ledger/new_slice.sql"),
			sl.ID, key, group, manifest, exportType, sl.Meta.Scope, sl.Meta.CostBasis, sl.Meta.ExportName, sl.Meta.RunID, zeroTime(sl.Meta.SubmittedAt), frame, whole,
			month, from, to, rank, token, sl.kind, sl.version, sl.usageRows, sl.rejected, paths, s.runID)
	})
}

// commit makes the new state the state of the ledger, in one transaction: which slices count and on which days, what became of every
// file, and what the run read.
func (s *session) commit(ctx context.Context) error {
	err := s.DB.InTx(ctx, func() error {
		if s.standings != nil {
			if err := s.commitStandings(ctx); err != nil {
				return err
			}
		}
		if err := s.commitPlain(ctx); err != nil {
			return err
		}
		if err := s.commitTables(ctx); err != nil {
			return err
		}
		if err := s.writeFiles(ctx); err != nil {
			return err
		}
		if err := s.noteUnplaced(ctx); err != nil {
			return err
		}
		var rejected int64
		for name := range s.touched {
			rejected += s.records[name].Rejected
		}
		return s.DB.Exec(ctx, "update runs set files_read = ?, rows_read = ?, rows_rejected = ? where run_id = ?", len(s.touched), s.rowsRead(), rejected, s.runID)
	})
	if err != nil {
		return err
	}
	if err := s.sweep(ctx); err != nil {
		return err
	}
	return s.Checkpoint(ctx)
}

// commitStandings writes down which export runs count, and forgets those that have no day left.
func (s *session) commitStandings(ctx context.Context) error {
	for _, t := range []string{"standings (slice_id varchar)", "new_masks (slice_id varchar, date_from date, date_to date)"} {
		if err := s.DB.Exec(ctx, "create or replace temp table "+t); err != nil {
			return err
		}
	}
	for _, st := range s.standings {
		if st.Status != export.Counts {
			continue
		}
		id := s.sliceID(st.Run)
		if err := s.DB.Exec(ctx, "insert into standings values (?)", id); err != nil {
			return err
		}
		for _, m := range st.Masked {
			if err := s.DB.Exec(ctx, "insert into new_masks values (?, ?::date, ?::date)", id, sqlDay(m.From), sqlDay(m.To)); err != nil {
				return err
			}
		}
	}
	if err := s.DB.Exec(ctx, queries.Text("ledger/replaced_months.sql"), s.started); err != nil {
		return err
	}
	if err := s.DB.Exec(ctx, "delete from masked_days; insert into masked_days from new_masks"); err != nil {
		return err
	}
	if err := s.DB.Exec(ctx, "delete from slices where month_start is not null and slice_id not in (select slice_id from standings)"); err != nil {
		return err
	}
	return s.DB.Exec(ctx, "update slices set is_live = true where month_start is not null and not is_live")
}

// commitTables puts the registrations, exclusions and customers in the place of the old ones.
func (s *session) commitTables(ctx context.Context) error {
	for table, batch := range s.tables {
		if err := s.DB.Exec(ctx, "delete from "+table); err != nil {
			return err
		}
		if err := s.insert(ctx, table, batch); err != nil {
			return err
		}
	}
	return nil
}

// insert adds the rows of a batch to a table of the ledger.
func (s *session) insert(ctx context.Context, table string, batch *columnar.Batch) error {
	path := s.path(stagingFolder, table+".parquet")
	if err := writeBatch(path, batch); err != nil {
		return err
	}
	if err := s.DB.Exec(ctx, "insert into "+table+" by name select * from "+queries.ParquetSource([]string{path})); err != nil {
		return err
	}
	return os.Remove(path)
}

// sqlDay writes a day of a closed span within the range that DATE and the 9999-12-31 of open ends have.
func sqlDay(d export.Day) string {
	switch {
	case d <= export.MinDay:
		return "0001-01-01"
	case d >= export.MaxDay:
		return "9999-12-31"
	}
	return d.String()
}

// commitPlain makes plain usage files count. A file whose content was replaced in place takes back its old rows, unless another
// file still holds them.
func (s *session) commitPlain(ctx context.Context) error {
	for _, sl := range s.own {
		if err := s.DB.Exec(ctx, "update slices set is_live = true where slice_id = ?", sl.ID); err != nil {
			return err
		}
	}
	for name, k := range s.known {
		now, changed := s.sliceOf[name]
		if !s.touched[name] || k.sliceID == "" || (changed && now == k.sliceID) {
			continue
		}
		if rec := s.records[name]; rec.Status != StatusLoaded && rec.Status != StatusEmpty && rec.Status != StatusDuplicate {
			s.sliceOf[name] = k.sliceID // the file is damaged now: what it held stays
			continue
		}
		if s.holdsElsewhere(k.sliceID, name) {
			continue
		}
		if err := s.DB.Exec(ctx, "delete from slices where slice_id = ? and month_start is null", k.sliceID); err != nil {
			return err
		}
	}
	return nil
}

// holdsElsewhere tells whether a file other than name holds the content of a slice.
func (s *session) holdsElsewhere(sliceID, name string) bool {
	for other, id := range s.sliceOf {
		if other != name && id == sliceID {
			return true
		}
	}
	for other, k := range s.known {
		if other != name && k.sliceID == sliceID {
			if _, replaced := s.sliceOf[other]; !replaced {
				return true
			}
		}
	}
	return false
}

var fileColumns = columnar.Schema{
	{Name: "path", Type: columnar.String}, {Name: "size", Type: columnar.Int}, {Name: "modified_at", Type: columnar.Timestamp},
	{Name: "content_hash", Type: columnar.String}, {Name: "read_as", Type: columnar.String}, {Name: "status", Type: columnar.String},
	{Name: "format", Type: columnar.String}, {Name: "reason", Type: columnar.String}, {Name: "slice_id", Type: columnar.String},
	{Name: "rows_read", Type: columnar.Int}, {Name: "rows_loaded", Type: columnar.Int}, {Name: "rows_rejected", Type: columnar.Int},
	{Name: "kinds", Type: columnar.String}, {Name: "run_id", Type: columnar.String},
}

var rejectColumns = columnar.Schema{
	{Name: "path", Type: columnar.String}, {Name: "record", Type: columnar.Int}, {Name: "line", Type: columnar.Int},
	{Name: "column_name", Type: columnar.String}, {Name: "value", Type: columnar.String}, {Name: "reason", Type: columnar.String},
	{Name: "run_id", Type: columnar.String},
}

// writeFiles puts the records of the files that this run touched, and their rejects, in the place of older ones.
func (s *session) writeFiles(ctx context.Context) error {
	gone := s.goneFailed()
	if len(s.touched)+len(gone) == 0 {
		return nil
	}
	names := make([]string, 0, len(s.touched))
	for name := range s.touched {
		names = append(names, name)
	}
	slices.Sort(names)
	files := columnar.NewBatch(fileColumns)
	for _, name := range names {
		r, f := s.records[name], s.byName[name]
		files.Str(0, name)
		files.Int(1, f.Size)
		files.Time(2, f.Modified.UnixMicro())
		optional(files, 3, s.hashes[name])
		files.Str(4, f.Source.digest())
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
		files.EndRow()
	}
	rejects := columnar.NewBatch(rejectColumns)
	for _, x := range s.rejects {
		rejects.Str(0, x.Path)
		rejects.Int(1, x.Record)
		rejects.Int(2, x.Line)
		optional(rejects, 3, x.Column)
		optional(rejects, 4, x.Value)
		optional(rejects, 5, x.Reason)
		rejects.Str(6, s.runID)
		rejects.EndRow()
	}
	if err := s.DB.Exec(ctx, "create or replace temp table touched_files (path varchar)"); err != nil {
		return err
	}
	touched := columnar.NewBatch(columnar.Schema{{Name: "path", Type: columnar.String}})
	for _, name := range append(names, gone...) {
		touched.Str(0, name)
		touched.EndRow()
	}
	if err := s.insert(ctx, "temp.touched_files", touched); err != nil {
		return err
	}
	for _, table := range []string{"files", "rejects"} {
		if err := s.DB.Exec(ctx, "delete from "+table+" where path in (select path from temp.touched_files)"); err != nil {
			return err
		}
	}
	if err := s.insert(ctx, "files", files); err != nil {
		return err
	}
	return s.insert(ctx, "rejects", rejects)
}

// goneFailed lists what could not be read once and is not there any longer: there is nothing left to mend.
func (s *session) goneFailed() []string {
	var out []string
	for name, k := range s.known {
		if _, listed := s.byName[name]; !listed && k.status == StatusFailed && k.sliceID == "" {
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

// writeBatch writes one batch to a Parquet file of its own.
func writeBatch(path string, b *columnar.Batch) error {
	w, err := columnar.Create(path, b.Schema(), columnar.Options{})
	if err != nil {
		return err
	}
	if err := w.Write(b); err != nil {
		return errors.Join(err, w.Abort())
	}
	return w.Close()
}

package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/ingest/export"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/queries/engine"
)

var sliceColumns = columnar.Schema{
	{Name: "slice_id", Type: columnar.String}, {Name: "run_key", Type: columnar.String}, {Name: "export_group", Type: columnar.String},
	{Name: "manifest_path", Type: columnar.String}, {Name: "export_type", Type: columnar.String}, {Name: "scope", Type: columnar.String},
	{Name: "cost_basis", Type: columnar.String}, {Name: "export_name", Type: columnar.String}, {Name: "run_id", Type: columnar.String},
	{Name: "submitted_at", Type: columnar.Timestamp}, {Name: "time_frame", Type: columnar.String}, {Name: "is_whole", Type: columnar.Bool},
	{Name: "month_start", Type: columnar.Date}, {Name: "range_start", Type: columnar.Date}, {Name: "range_end", Type: columnar.Date},
	{Name: "scope_rank", Type: columnar.Int}, {Name: "change_token", Type: columnar.String}, {Name: "source_kind", Type: columnar.String},
	{Name: "schema_version", Type: columnar.String}, {Name: "usage_rows", Type: columnar.Int}, {Name: "rows_rejected", Type: columnar.Int},
	{Name: "is_live", Type: columnar.Bool}, {Name: "source_paths", Type: columnar.StringList}, {Name: "loaded_in", Type: columnar.String},
}

var packColumns = columnar.Schema{{Name: "slice_id", Type: columnar.String}, {Name: "pack", Type: columnar.String}}

// addSlices enters loaded slices into the catalog, all at once. Their rows do not count before commit says so. What became of the files of an
// export run is written with it: a run that is in the catalog is not read again, also when this one is killed before its commit.
func (s *session) addSlices(ctx context.Context, loaded []*slice) error {
	if len(loaded) == 0 {
		return nil
	}
	b, packs := columnar.NewBatch(sliceColumns), columnar.NewBatch(packColumns)
	var files []string
	folders := map[string]string{}
	for _, sl := range loaded {
		if sl.staged != "" {
			folders[firstText(sl.pack, sl.ID)] = sl.staged
		}
		b.Str(0, sl.ID)
		if r := sl.run; r != nil {
			for _, f := range sl.Files {
				s.sliceOf[f.Name] = sl.ID
				files = append(files, f.Name)
			}
			b.Str(1, r.Key)
			b.Str(2, r.Group)
			optional(b, 3, r.Manifest)
			b.Str(4, r.Type)
			b.Str(10, r.TimeFrame)
			b.Bool(11, r.Whole)
			b.Date(12, int32(r.Month))
			b.Date(13, int32(r.Start))
			b.Date(14, int32(r.End))
			b.Str(16, r.Token)
		} else {
			b.Str(1, "file|"+sl.ID)
			b.Str(2, "file|"+sl.ID)
			b.Str(4, "")
			b.Str(10, "")
			b.Bool(11, true)
			b.Str(16, sl.ID)
		}
		b.Str(5, sl.Meta.Scope)
		b.Str(6, sl.Meta.CostBasis)
		b.Str(7, sl.Meta.ExportName)
		b.Str(8, sl.Meta.RunID)
		if !sl.Meta.SubmittedAt.IsZero() {
			b.Time(9, sl.Meta.SubmittedAt.UnixMicro())
		}
		b.Int(15, int64(azure.ScopeRank(sl.Meta.Scope)))
		b.Str(17, sl.kind)
		b.Str(18, sl.version)
		b.Int(19, sl.usageRows)
		b.Int(20, sl.rejected)
		b.Bool(21, false)
		paths := make([]string, len(sl.Files))
		for i, f := range sl.Files {
			paths[i] = f.Name
		}
		b.Strings(22, paths)
		b.Str(23, s.runID)
		b.EndRow()
		if sl.pack != "" {
			packs.Str(0, sl.ID)
			packs.Str(1, sl.pack)
			packs.EndRow()
		}
	}
	if err := s.moveIn(ctx, folders); err != nil {
		return err
	}
	if err := s.enterSlices(ctx, b, packs, files); err != nil {
		return err
	}
	for _, sl := range loaded {
		if d := s.damaged[sl.ID]; d != nil {
			s.note("%s was damaged (%s); its usage was read again", d.File, d.Why)
			delete(s.damaged, sl.ID)
		}
	}
	return nil
}

// enterSlices is the transaction of addSlices.
func (s *session) enterSlices(ctx context.Context, b, packs *columnar.Batch, files []string) error {
	return s.DB.InTx(ctx, func() error {
		if err := s.DB.Exec(ctx, "create or replace temp table new_slices as from slices limit 0"); err != nil {
			return err
		}
		if err := s.insert(ctx, "temp.new_slices", b); err != nil {
			return err
		}
		if err := s.DB.Exec(ctx, queries.Text("ledger/keep_standing.sql")); err != nil {
			return err
		}
		for _, table := range []string{"slices", "slice_days"} {
			if err := s.DB.Exec(ctx, "delete from "+table+" where slice_id in (select slice_id from temp.new_slices)"); err != nil {
				return err
			}
		}
		if err := s.DB.Exec(ctx, "insert into slices by name from temp.new_slices"); err != nil {
			return err
		}
		if err := s.DB.Exec(ctx, "delete from slice_packs where slice_id in (select slice_id from temp.new_slices)"); err != nil {
			return err
		}
		if packs.Rows() > 0 {
			if err := s.insert(ctx, "slice_packs", packs); err != nil {
				return err
			}
		}
		return s.writeRecords(ctx, files, nil)
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
	if err := s.noteDamaged(ctx); err != nil {
		return err
	}
	return s.Checkpoint(ctx)
}

var (
	standingColumns = columnar.Schema{
		{Name: "slice_id", Type: columnar.String}, {Name: "export_group", Type: columnar.String}, {Name: "time_frame", Type: columnar.String},
		{Name: "is_whole", Type: columnar.Bool}, {Name: "scope_rank", Type: columnar.Int}, {Name: "days_from", Type: columnar.Date}, {Name: "days_to", Type: columnar.Date},
	}
	maskColumns = columnar.Schema{
		{Name: "slice_id", Type: columnar.String}, {Name: "date_from", Type: columnar.Date}, {Name: "date_to", Type: columnar.Date},
	}
)

// commitStandings writes down which export runs count, and forgets those that have no day left.
func (s *session) commitStandings(ctx context.Context) error {
	standings, masks := columnar.NewBatch(standingColumns), columnar.NewBatch(maskColumns)
	for _, st := range s.standings {
		if st.Status != export.Counts {
			continue
		}
		id, own := s.sliceID(st.Run), st.Run.Own()
		standings.Str(0, id)
		standings.Str(1, st.Run.Group)
		standings.Str(2, st.Run.TimeFrame)
		standings.Bool(3, st.Run.Whole)
		standings.Int(4, int64(azure.ScopeRank(st.Run.Scope)))
		standings.Date(5, sqlDay(own.From))
		standings.Date(6, sqlDay(own.To))
		standings.EndRow()
		for _, m := range st.Masked {
			masks.Str(0, id)
			masks.Date(1, sqlDay(m.From))
			masks.Date(2, sqlDay(m.To))
			masks.EndRow()
		}
	}
	for table, batch := range map[string]*columnar.Batch{"standings": standings, "new_masks": masks} {
		if err := s.temp(ctx, table, batch); err != nil {
			return err
		}
	}
	if err := s.DB.Exec(ctx, queries.Text("ledger/replaced_months.sql"), s.started); err != nil {
		return err
	}
	for _, statement := range []string{
		"delete from masked_days; insert into masked_days from new_masks",
		"delete from slices where month_start is not null and slice_id not in (select slice_id from standings)",
		queries.Text("ledger/update_slices.sql"),
	} {
		if err := s.DB.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return s.keepContents(ctx)
}

// temp makes a temporary table of a batch.
func (l *Ledger) temp(ctx context.Context, table string, batch *columnar.Batch) error {
	return l.staged(table, batch, func(source string) error { return l.DB.Table(ctx, table, "from "+source) })
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
func (l *Ledger) insert(ctx context.Context, table string, batch *columnar.Batch) error {
	return l.staged(table, batch, func(source string) error {
		return l.DB.Exec(ctx, "insert into "+table+" by name select * from "+source)
	})
}

// staged hands the rows of a batch to the engine, as a Parquet file that lies in the staging folder for as long.
func (l *Ledger) staged(name string, batch *columnar.Batch, use func(source string) error) error {
	path := l.path(stagingFolder, name+".parquet")
	if err := writeBatch(path, batch); err != nil {
		return err
	}
	if err := use(engine.ParquetSource([]string{path})); err != nil {
		return err
	}
	return os.Remove(path)
}

// sqlDay keeps a day of a closed span within the range that DATE and the 9999-12-31 of open ends have.
func sqlDay(d export.Day) int32 { return int32(min(max(d, export.MinDay), export.MaxDay)) }

// commitPlain makes plain usage files count. A file whose content was replaced in place takes back its old rows, unless another
// file still holds them.
func (s *session) commitPlain(ctx context.Context) error {
	holders := map[string]int{} // how many files hold a slice now
	for name, k := range s.known {
		if _, replaced := s.sliceOf[name]; !replaced && k.sliceID != "" {
			holders[k.sliceID]++
		}
	}
	for _, id := range s.sliceOf {
		holders[id]++
	}
	gone := columnar.NewBatch(columnar.Schema{{Name: "slice_id", Type: columnar.String}})
	for name, k := range s.known {
		now, changed := s.sliceOf[name]
		if !s.touched[name] || k.sliceID == "" || (changed && now == k.sliceID) {
			continue
		}
		if rec := s.records[name]; rec.Status != StatusLoaded && rec.Status != StatusEmpty && rec.Status != StatusDuplicate {
			s.sliceOf[name] = k.sliceID // the file is damaged now: what it held stays
			continue
		}
		held := holders[k.sliceID]
		if !changed {
			held-- // by the file itself, as it was
		}
		if held > 0 {
			continue
		}
		gone.Str(0, k.sliceID)
		gone.EndRow()
	}
	if gone.Rows() > 0 {
		if err := s.temp(ctx, "gone_slices", gone); err != nil {
			return err
		}
		if err := s.DB.Exec(ctx, "delete from slices where month_start is null and slice_id in (select slice_id from gone_slices)"); err != nil {
			return err
		}
	}
	if len(s.own) == 0 {
		return nil
	}
	own := columnar.NewBatch(columnar.Schema{{Name: "slice_id", Type: columnar.String}})
	for _, sl := range s.own {
		own.Str(0, sl.ID)
		own.EndRow()
	}
	if err := s.temp(ctx, "own_slices", own); err != nil {
		return err
	}
	return s.DB.Exec(ctx, "update slices set is_live = true where slice_id in (select slice_id from own_slices)")
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
	names := make([]string, 0, len(s.touched))
	for name := range s.touched {
		names = append(names, name)
	}
	return s.writeRecords(ctx, names, s.goneFailed())
}

// writeRecords puts the records of some files that this run touched, and their rejects, in the place of older ones, and takes out those of
// files that are gone.
func (s *session) writeRecords(ctx context.Context, names, gone []string) error {
	if len(names)+len(gone) == 0 {
		return nil
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

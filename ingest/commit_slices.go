package ingest

import (
	"cmp"
	"context"

	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/columnar"
)

var sliceColumns = columnar.Schema{
	{Name: "slice_id", Type: columnar.String}, {Name: "run_key", Type: columnar.String}, {Name: "export_group", Type: columnar.String},
	{Name: "manifest_path", Type: columnar.String}, {Name: "export_type", Type: columnar.String}, {Name: "scope", Type: columnar.String},
	{Name: "cost_basis", Type: columnar.String}, {Name: "export_name", Type: columnar.String}, {Name: "export_run_id", Type: columnar.String},
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
			folders[cmp.Or(sl.pack, sl.ID)] = sl.staged
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
	if err := s.ledger.Store.MoveIn(ctx, folders); err != nil {
		return err
	}
	if err := s.enterSlices(ctx, b, packs, files); err != nil {
		return err
	}
	for _, sl := range loaded {
		if d := s.input.damaged[sl.ID]; d != nil {
			s.log.note("%s was damaged (%s); its usage was read again", d.File, d.Why)
			delete(s.input.damaged, sl.ID)
		}
	}
	return nil
}

// enterSlices is the transaction of addSlices.
func (s *session) enterSlices(ctx context.Context, b, packs *columnar.Batch, files []string) error {
	return s.ledger.DB.InTx(ctx, func() error {
		if err := s.ledger.DB.Table(ctx, "new_slices", "from slices limit 0"); err != nil {
			return err
		}
		if err := s.ledger.Batches.Insert(ctx, "temp.new_slices", b); err != nil {
			return err
		}
		if err := s.ledger.DB.Exec(ctx, queries.Text("ledger/keep_standing.sql")); err != nil {
			return err
		}
		if err := s.ledger.DB.Exec(ctx, queries.Text("ledger/clear_slices.sql")); err != nil {
			return err
		}
		if err := s.ledger.DB.Exec(ctx, "insert into slices by name from temp.new_slices"); err != nil {
			return err
		}
		if packs.Rows() > 0 {
			if err := s.ledger.Batches.Insert(ctx, "slice_packs", packs); err != nil {
				return err
			}
		}
		return s.writeRecords(ctx, files, nil)
	})
}

package ingest

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/pidledger/pidledger/ingest/ahead"
	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/ingest/export"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/columnar"
)

// commit makes the new state the state of the ledger, in one transaction: which slices count and on which days, what became of every
// file, and what the run read.
func (s *session) commit(ctx context.Context) error {
	err := s.ledger.DB.InTx(ctx, func() error {
		if s.runs.standings != nil {
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
		for name := range s.log.touched {
			rejected += s.log.records[name].Rejected
		}
		return s.ledger.DB.Exec(ctx, queries.Text("ledger/count_run.sql"), len(s.log.touched), s.log.rowsRead(), rejected, s.runID)
	})
	if err != nil {
		return err
	}
	if err := s.ledger.Sweep(ctx); err != nil {
		return err
	}
	if err := ahead.Of(s.ledger.Path()).Sweep(); err != nil {
		return err
	}
	if err := s.noteDamaged(ctx); err != nil {
		return err
	}
	return s.ledger.Checkpoint(ctx)
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
	for _, st := range s.runs.standings {
		if st.Status != export.Counts {
			continue
		}
		id, own := s.runs.sliceID(st.Run), st.Run.Own()
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
		if err := s.ledger.Batches.Temp(ctx, table, batch); err != nil {
			return err
		}
	}
	if err := s.ledger.DB.Exec(ctx, queries.Text("ledger/replaced_months.sql"), s.started); err != nil {
		return err
	}
	for _, statement := range []string{
		queries.Text("ledger/replace_masks.sql"),
		queries.Text("ledger/drop_replaced_runs.sql"),
		queries.Text("ledger/update_slices.sql"),
	} {
		if err := s.ledger.DB.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return s.runs.keepContents(ctx)
}

// commitTables puts the registrations, exclusions and customers in place of the old ones.
func (s *session) commitTables(ctx context.Context) error {
	for table, batch := range s.tables {
		if err := s.ledger.DB.Exec(ctx, "delete from "+table); err != nil {
			return err
		}
		if err := s.ledger.Batches.Insert(ctx, table, batch); err != nil {
			return err
		}
	}
	return nil
}

// sqlDay keeps a day of a closed span within the range that DATE and the 9999-12-31 of open ends have.
func sqlDay(d export.Day) int32 { return int32(min(max(d, export.MinDay), export.MaxDay)) }

// commitPlain makes plain usage files count. A file whose content was replaced in place takes back its old rows, unless another
// file still holds them.
func (s *session) commitPlain(ctx context.Context) error {
	holders := map[string]int{} // how many files hold a slice now
	for name, k := range s.input.known {
		if _, replaced := s.sliceOf[name]; !replaced && k.sliceID != "" {
			holders[k.sliceID]++
		}
	}
	for _, id := range s.sliceOf {
		holders[id]++
	}
	gone := columnar.NewBatch(columnar.Schema{{Name: "slice_id", Type: columnar.String}})
	for name, k := range s.input.known {
		now, changed := s.sliceOf[name]
		if !s.log.touched[name] || k.sliceID == "" || (changed && now == k.sliceID) {
			continue
		}
		if rec := s.log.records[name]; rec.Status != ledger.StatusLoaded && rec.Status != ledger.StatusEmpty && rec.Status != ledger.StatusDuplicate {
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
		if err := s.ledger.Batches.Temp(ctx, "gone_slices", gone); err != nil {
			return err
		}
		if err := s.ledger.DB.Exec(ctx, queries.Text("ledger/drop_gone_files.sql")); err != nil {
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
	if err := s.ledger.Batches.Temp(ctx, "own_slices", own); err != nil {
		return err
	}
	return s.ledger.DB.Exec(ctx, queries.Text("ledger/count_plain_files.sql"))
}

// noteDamaged says which usage cannot be read any more and is not there to be read again. Nothing needs it tonight, else the run stops when it does.
func (s *session) noteDamaged(ctx context.Context) error {
	for _, id := range slices.Sorted(maps.Keys(s.input.damaged)) {
		e := s.input.damaged[id]
		if err := s.ledger.Store.Describe(ctx, e); !errors.Is(err, e) {
			return err
		}
		s.log.note("%s: %s", e.Error(), e.Try())
	}
	return nil
}

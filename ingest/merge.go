package ingest

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/engine"
)

// merge ends the staged files and runs the merge statement of every table that has any, in one transaction.
func (s *session) merge(ctx context.Context, g *group) error {
	staged, err := g.staging.Close()
	if err != nil {
		return err
	}
	if len(staged) > 0 {
		debug.FreeOSMemory() // what the readers held goes to the engine now
		s.opts.Progress.Note("merging evidence")
		if err := s.tempPaths(ctx, "failed_files", g.failed); err != nil {
			return err
		}
		err := s.ledger.DB.InTx(ctx, func() error {
			for _, table := range queries.Evidence {
				if len(staged[table]) == 0 {
					continue
				}
				if err := s.mergeTable(ctx, table, staged[table]); err != nil {
					return fmt.Errorf("merge %s: %w", table, err)
				}
			}
			return s.ledger.DB.Exec(ctx, queries.Text("ledger/next_generation.sql"))
		})
		if err != nil {
			return err
		}
	}
	return g.staging.Remove()
}

// mergeTable adds staged rows to an evidence table. Keys that occur once and are new are just inserted, which is most of a night; only of
// the others the record that stays is chosen, and written when it is not what is there (a MERGE of all took twice as long).
func (s *session) mergeTable(ctx context.Context, table string, files []string) error {
	if len(s.input.gone) > 0 {
		if err := s.dropEvidence(ctx, table, files); err != nil {
			return err
		}
	} else if err := s.ledger.DB.Input(ctx, "staged_files", engine.Files{Paths: files}); err != nil {
		return err
	}
	if err := s.ledger.DB.View(ctx, "staged", queries.Text("load/"+table+"_staged.sql")); err != nil {
		return err
	}
	if err := s.ledger.DB.View(ctx, "held", "from "+table); err != nil {
		return err
	}
	if err := s.ledger.DB.Table(ctx, "contested", queries.Text("ledger/contested.sql")); err != nil {
		return err
	}
	n, err := s.ledger.DB.Count(ctx, "select count(*) from contested")
	if err != nil {
		return err
	}
	if n > 0 {
		for _, name := range []string{"present", "candidates"} {
			if err := s.ledger.DB.Table(ctx, name, queries.Text("ledger/"+name+".sql")); err != nil {
				return err
			}
		}
		if err := s.ledger.DB.Table(ctx, "changed", queries.Text("load/"+table+"_winners.sql")+" except from present"); err != nil {
			return err
		}
		if err := s.ledger.DB.Exec(ctx, "delete from "+table+" where dedupe_key in (select dedupe_key from changed)"); err != nil {
			return err
		}
	}
	err = s.ledger.DB.WithOneThread(ctx, func() error {
		return s.ledger.DB.Exec(ctx, "insert into "+table+" by name "+queries.Text("ledger/uncontested.sql"))
	})
	if err != nil || n == 0 {
		return err
	}
	return s.ledger.DB.Exec(ctx, "insert into "+table+" by name from changed")
}

// dropEvidence puts the staged rows of a table that are not forgotten customer's into `staged_files`, and counts the others for each file.
func (s *session) dropEvidence(ctx context.Context, table string, files []string) error {
	if err := s.ledger.DB.Input(ctx, "unmarked", engine.Files{Paths: files}); err != nil {
		return err
	}
	if err := s.ledger.DB.Table(ctx, "marked_rows", queries.Text("ledger/marked_"+table+".sql")); err != nil {
		return err
	}
	gone, err := engine.Ask[struct {
		SrcFile, Kind string
		Records       int64
	}](ctx, s.ledger.DB, queries.Text("ledger/gone_records.sql"))
	if err != nil {
		return fmt.Errorf("count the records of forgotten customers: %w", err)
	}
	for _, g := range gone {
		rec := s.log.records[g.SrcFile]
		if rec == nil || rec.Status == ledger.StatusFailed {
			continue
		}
		rec.Loaded -= g.Records
		rec.Kinds[g.Kind] -= g.Records
		rec.Kinds[ledger.KindForgotten] += g.Records
		if rec.Kinds[g.Kind] == 0 {
			delete(rec.Kinds, g.Kind)
		}
	}
	return s.ledger.DB.View(ctx, "staged_files", queries.Text("ledger/staying_records.sql"))
}

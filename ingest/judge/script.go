package judge

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/chain"
	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/queries/engine/spark"
)

// Folders of a lake.
const (
	lakeInputs = "inputs" // one folder for each run: the canonical tables
	lakeUsage  = "usage"  // one folder for each slice, as in the ledger
	lakeRuns   = "runs"   // one folder for each run: reports, tables, and the steps between
)

// LakeFolders are the folders that a lake can have.
var LakeFolders = []string{lakeInputs, lakeUsage, lakeRuns, spark.Pointers}

// SweepLake removes what Spark read for other runs than this one: a customer who was forgotten since may be in it.
func SweepLake(lake spark.Lake, runID string) error {
	entries, err := os.ReadDir(filepath.Join(lake.Folder, lakeInputs))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() != runID {
			err = errors.Join(err, os.RemoveAll(filepath.Join(lake.Folder, lakeInputs, e.Name())))
		}
	}
	return err
}

// Script fills a lake with what Spark reads of a ledger, and returns the statements with which Spark decides whose the usage is, in every month, and
// writes the reports and the tables of the snapshot. Its last statement publishes. Nothing of it comes back into the ledger: what the reports last said of a month, and so
// what the report restatements compares with, is still what a run on this machine said.
func (w *Judge) Script(ctx context.Context, a chain.Attribution, lake spark.Lake) (_ []spark.Statement, err error) {
	defer func() { err = w.Ledger.NameDamage(ctx, err) }()
	if _, err := w.compareInputs(ctx, a); err != nil {
		return nil, err
	}
	months, err := engine.Ask[string](ctx, w.Ledger.DB, queries.Text("ledger/delivered_months.sql"))
	if err != nil {
		return nil, err
	}
	inputs, usage := filepath.Join(lake.Folder, lakeInputs, a.RunID), filepath.Join(lake.Folder, lakeUsage)
	w.Progress.Stage("fill the lake", "files")
	if err := w.Ledger.WriteTables(ctx, chain.Inputs, inputs); err != nil {
		return nil, err
	}
	shown, err := w.Ledger.ShowUsage(ctx, usage)
	if err != nil {
		return nil, err
	}
	w.Progress.Add(int64(len(chain.Inputs))+shown, 0)

	results := filepath.Join(lake.Folder, lakeRuns, a.RunID)
	s, err := spark.NewScript(ctx, lake, filepath.Join(results, "steps"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for _, table := range chain.Inputs {
		if err := s.Input(ctx, table, engine.Files{Paths: []string{filepath.Join(inputs, table+".parquet")}}); err != nil {
			return nil, fmt.Errorf("table %s: %w", table, err)
		}
	}
	if err := s.Input(ctx, "usage", engine.Files{Paths: []string{usage}, Columns: queries.NoUsage()}); err != nil {
		return nil, err
	}
	m := &chain.Months{
		Folder: filepath.Join(results, "reports"), Possible: append([]string{}, months...),
		Usage:   func(context.Context) error { return nil },
		Compare: func(ctx context.Context) error { return comparePairs(ctx, s) },
	}
	if err := chain.Attribute(ctx, s, a, azure.Regions(), m, func(string, int, int) {}); err != nil {
		return nil, err
	}
	s.Check("coverage", queries.Text("ledger/coverage_check.sql"), []string{"usage_rows", "billed_cost", "effective_cost"},
		"the usage that was judged is not the usage that counts: this is a bug in pidledger, please report it; nothing was published")
	if err := chain.WriteReports(ctx, s, m.Folder); err != nil {
		return nil, err
	}
	for _, table := range queries.SnapshotTables {
		if _, err := chain.Publish(ctx, s, table, filepath.Join(results, "tables", table)); err != nil {
			return nil, fmt.Errorf("table %s: %w", table, err)
		}
	}
	return append(s.Statements(), lake.Publish(a.RunID, results)), nil
}

// comparePairs has an engine compare all pairs of slices that are in question.
func comparePairs(ctx context.Context, e engine.Engine) error {
	if err := e.Table(ctx, "asked_days", queries.Text("ledger/all_pairs.sql")); err != nil {
		return err
	}
	return e.Table(ctx, "pair_days", queries.Text("attribute/pair_days.sql"))
}

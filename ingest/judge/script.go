package judge

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/chain"
	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/queries/engine/spark"
)

// Script fills a lake with what Spark reads of a ledger, and returns the statements with which Spark decides whose the usage is, in every month, and
// writes the reports and the tables of the snapshot. Its last statement publishes. Nothing of it comes back into the ledger: what the reports last
// said of a month, and so what the report restatements compares with, is still what a run said that published reports here.
func (w *Judge) Script(ctx context.Context, a chain.Attribution, lake spark.Lake) (_ []spark.Statement, err error) {
	defer func() { err = w.Ledger.NameDamage(ctx, err) }()
	if _, err := w.compareInputs(ctx, a); err != nil {
		return nil, err
	}
	statements, _, err := w.script(ctx, a, lake, nil)
	if err != nil {
		return nil, err
	}
	return lake.Publish(statements, a.RunID, resultsOf(lake, a.RunID)), nil
}

// resultsOf is the folder of what Spark makes in a run.
func resultsOf(lake spark.Lake, runID string) string {
	return filepath.Join(lake.Folder, lakeRuns, runID)
}

// script fills a lake and returns the statements up to the pointer, and the folders of the tables that are wanted afterwards. The inputs have been
// compared.
func (w *Judge) script(ctx context.Context, a chain.Attribution, lake spark.Lake, wanted []string) (_ []spark.Statement, folders map[string]string, err error) {
	months, err := engine.Ask[string](ctx, w.Ledger.DB, queries.Text("ledger/delivered_months.sql"))
	if err != nil {
		return nil, nil, err
	}
	inputs, usage := filepath.Join(lake.Folder, lakeInputs, a.RunID), filepath.Join(lake.Folder, lakeUsage)
	w.Progress.Stage("fill the lake", "files")
	if err := w.Ledger.WriteTables(ctx, chain.Inputs, inputs); err != nil {
		return nil, nil, err
	}
	shown, err := w.Ledger.ShowUsage(ctx, usage)
	if err != nil {
		return nil, nil, err
	}
	w.Progress.Add(int64(len(chain.Inputs))+shown, 0)

	results := resultsOf(lake, a.RunID)
	rows, err := w.Ledger.DB.Count(ctx, queries.Text("ledger/rows_to_judge.sql"))
	if err != nil {
		return nil, nil, err
	}
	s, err := spark.NewScript(ctx, spark.Options{Lake: lake, Steps: filepath.Join(results, lakeSteps), Wanted: wanted, Small: rows <= spark.SmallRows})
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for _, table := range chain.Inputs {
		if err := s.Input(ctx, table, engine.Files{Paths: []string{filepath.Join(inputs, table+".parquet")}}); err != nil {
			return nil, nil, fmt.Errorf("table %s: %w", table, err)
		}
	}
	if err := s.Input(ctx, "usage", engine.Files{Paths: []string{usage}, Columns: queries.NoUsage()}); err != nil {
		return nil, nil, err
	}
	m := &chain.Months{
		Folder: filepath.Join(results, lakeReports), Possible: append([]string{}, months...),
		Usage:   func(context.Context) error { return nil },
		Compare: func(ctx context.Context) error { return comparePairs(ctx, s) },
	}
	if err := chain.Attribute(ctx, s, a, azure.Regions(), m, func(string, int, int) {}); err != nil {
		return nil, nil, err
	}
	s.Check("coverage", queries.Text("ledger/coverage_check.sql"), []string{"usage_rows", "billed_cost", "effective_cost"},
		"the usage that was judged is not the usage that counts: this is a bug in pidledger, please report it; nothing was published")
	if err := chain.WriteReports(ctx, s, m.Folder); err != nil {
		return nil, nil, err
	}
	if err := chain.PublishAll(ctx, s, queries.SnapshotTables, filepath.Join(results, lakeTables)); err != nil {
		return nil, nil, err
	}
	return s.Statements(), s.Wanted(), nil
}

// comparePairs has an engine compare all pairs of slices that are in question.
func comparePairs(ctx context.Context, e engine.Engine) error {
	if err := e.Table(ctx, "asked_days", queries.Text("ledger/all_pairs.sql")); err != nil {
		return err
	}
	return e.Table(ctx, "pair_days", queries.Text("attribute/pair_days.sql"))
}

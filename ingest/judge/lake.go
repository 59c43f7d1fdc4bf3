package judge

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/ingest/digest"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/chain"
	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/queries/engine/spark"
)

// Folders of a lake.
const (
	lakeInputs = "inputs" // one folder for each run: the canonical tables
	lakeUsage  = "usage"  // one folder for each slice, as in the ledger
	lakeRuns   = "runs"   // one folder for each run, with the three below

	lakeReports = "reports" // one folder for each report
	lakeTables  = "tables"  // one folder for each table of the snapshot
	lakeSteps   = "steps"   // what the steps hand to each other
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

// RetireLake removes the results of all runs before the newest published ones, of which keep stay, with their pointers; and of those that stay, but not
// of the newest, what their steps handed to each other. What a run wrote that failed, or is not done, goes when it is older than what stays.
func RetireLake(lake spark.Lake, keep int) error {
	published, err := namesIn(filepath.Join(lake.Folder, spark.Pointers))
	if err != nil {
		return err
	}
	published = slices.DeleteFunc(published, func(run string) bool { // one whose writing was stopped points nowhere
		_, err := lakeFiles(filepath.Join(lake.Folder, spark.Pointers, run))
		return err != nil
	})
	runs, err := namesIn(filepath.Join(lake.Folder, lakeRuns))
	if err != nil {
		return err
	}
	oldest := ""
	if n := len(published) - max(keep, 1); n > 0 {
		oldest = published[n]
	}
	for _, run := range published {
		if run < oldest { // the pointer goes first: none may point to what is not there
			err = errors.Join(err, os.RemoveAll(filepath.Join(lake.Folder, spark.Pointers, run)))
		}
	}
	for _, run := range runs {
		switch {
		case err != nil:
		case run < oldest:
			err = os.RemoveAll(resultsOf(lake, run))
		case slices.Contains(published, run) && run != published[len(published)-1]: // the newest is still read
			err = os.RemoveAll(filepath.Join(resultsOf(lake, run), lakeSteps))
		}
	}
	return err
}

// namesIn lists a folder in the order of the names; one that is missing is empty.
func namesIn(folder string) (names []string, err error) {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, err
}

// asked are the tables of the chain that a night asks for after the attribution.
var asked = []string{
	"counted_days", "coverage_sums", "new_restatements", "hidden_ids", "hidden_slices", "sightings", "token_texts",
	"deployment_records", "doubtful_writes", "lifetime_writes", "request_tags",
}

// OnSpark has a cluster decide whose the usage is, in every month, as Attribute does it here: it fills the lake, calls run with the statements, and
// makes the tables that are asked for afterwards tables of the ledger's database. Reports and snapshot tables stay in the lake until Publish points to
// them. A judgement of Spark is kept without its months, so that the next one made here judges all.
func (w *Judge) OnSpark(ctx context.Context, a chain.Attribution, lake spark.Lake, replace bool, run func(context.Context, []spark.Statement) error) (_ *Judgement, err error) {
	defer func() { err = w.Ledger.NameDamage(ctx, err) }()
	settings, err := w.compareInputs(ctx, a)
	if err != nil {
		return nil, err
	}
	j := &Judgement{runID: a.RunID, madeWith: digest.Of(settings, w.Version), lake: &lake}
	_, held, err := w.held(ctx)
	if err != nil {
		return nil, err
	}
	j.isKept = replace || held == "" || held == j.madeWith
	statements, folders, err := w.script(ctx, a, lake, asked)
	if err != nil {
		return nil, err
	}
	if err := SweepLake(lake, a.RunID); err != nil {
		return nil, err
	}
	if err := run(ctx, statements); err != nil {
		return nil, err
	}
	for _, table := range asked {
		files, err := lakeFiles(folders[table])
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(chain.OptOuts, func(s chain.Step) bool { return s.Name == table }) { // which the ledger makes as tables, too
			err = w.Ledger.DB.Table(ctx, table, "select * from "+engine.ParquetSource(files))
		} else {
			err = w.Ledger.DB.Input(ctx, table, engine.Files{Paths: files})
		}
		if err != nil {
			return nil, fmt.Errorf("table %s of the lake: %w", table, err)
		}
	}
	if err := chain.Parameters(ctx, w.Ledger.DB, a, azure.Regions()); err != nil {
		return nil, err
	}
	j.Months = &chain.Months{}
	if j.All, err = engine.Ask[string](ctx, w.Ledger.DB, queries.Text("ledger/counted_months.sql")); err != nil {
		return nil, err
	}
	j.Judged = j.All
	w.Log.Info("attributed on Spark", "months", len(j.All), "statements", len(statements))
	return j, nil
}

// lakeFiles lists the Parquet files of a table in the lake.
func lakeFiles(folder string) (files []string, err error) {
	names, err := namesIn(folder)
	for _, name := range names {
		if filepath.Ext(name) == ".parquet" {
			files = append(files, filepath.Join(folder, name))
		}
	}
	if err == nil && len(files) == 0 {
		err = &LakeError{Folder: folder}
	}
	return files, err
}

// LakeError says that what Spark wrote is not there.
type LakeError struct{ Folder string }

func (e *LakeError) Error() string {
	return "Spark says that it has written " + e.Folder + ", but there are no Parquet files in it"
}

// Try returns the way out.
func (e *LakeError) Try() string {
	return "spark.folder and spark.lake must be the same folder, as this machine and as the cluster see it"
}

// LakeFiles lists the Parquet files of a report or, with isTable, of a table of the snapshot that Spark wrote.
func (j *Judgement) LakeFiles(name string, isTable bool) ([]string, error) {
	part := lakeReports
	if isTable {
		part = lakeTables
	}
	return lakeFiles(filepath.Join(resultsOf(*j.lake, j.runID), part, name))
}

// ReportsURI is the folder of the reports in the lake, as Spark sees it.
func (j *Judgement) ReportsURI() string {
	return j.lake.At(filepath.Join(resultsOf(*j.lake, j.runID), lakeReports))
}

// Publish writes the pointer to the results in the lake, after which they are the newest.
func (w *Judge) Publish(ctx context.Context, j *Judgement) error {
	folder := filepath.Join(j.lake.Folder, spark.Pointers, j.runID)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	text := "select " + engine.Literal(j.runID) + " as run_id, " + engine.Literal(j.lake.At(resultsOf(*j.lake, j.runID))) + " as folder"
	unfinished := filepath.Join(folder, ".pointer")
	if _, err := w.Ledger.DB.Write(ctx, text, unfinished, ""); err != nil {
		return err
	}
	return os.Rename(unfinished, filepath.Join(folder, "pointer.parquet"))
}

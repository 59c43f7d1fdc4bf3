// Package judge decides who owns the usage of a ledger (SPEC 5), for the months in which something changed, and keeps the result for each month.
// The SQL and the order of its steps are in package chain.
package judge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/ingest/digest"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/chain"
	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/queries/engine/spark"
)

// Judgement is the result of one attribution. Keep makes it, beside those of earlier runs, the ledger's.
type Judgement struct {
	*chain.Months
	runID    string
	madeWith string
	files    map[string]ledger.FileState // what was written
	isKept   bool                        // it replaces the judgement that the ledger holds
	lake     *spark.Lake                 // where Spark made it; nil: it was made here
}

// Judge decides who owns the usage of a ledger.
type Judge struct {
	Ledger   *ledger.Ledger
	Progress ledger.Progress
	Log      *slog.Logger
	Version  string // of the program: results of another version are made again
}

// Attribute decides who owns the usage, from the canonical tables to the reports (SPEC 5). It judges the months in which something has changed
// since the ledger's judgement; all of them with rebuild, or if that judgement was made with other settings or by another version of the program.
// With replace, the result also replaces a judgement with other settings.
func (w *Judge) Attribute(ctx context.Context, a chain.Attribution, rebuild, replace bool) (_ *Judgement, err error) {
	defer func() {
		var large *TooLargeError
		if !errors.As(err, &large) {
			err = w.Ledger.NameDamage(ctx, err)
		}
	}()
	settings, err := w.compareInputs(ctx, a)
	if err != nil {
		return nil, err
	}
	j := &Judgement{runID: a.RunID, madeWith: digest.Of(settings, w.Version)}
	j.Months = &chain.Months{Folder: w.Ledger.Path(ledger.JudgedFolder, a.RunID), Usage: w.usage, Compare: w.comparePairs}
	if err := os.RemoveAll(j.Folder); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(j.Folder, 0o700); err != nil {
		return nil, err
	}
	_, held, err := w.held(ctx)
	if err != nil {
		return nil, err
	}
	j.isKept = replace || held == "" || held == j.madeWith
	if !rebuild && held == j.madeWith {
		if err := w.findJudged(ctx, j); err != nil {
			return nil, err
		}
	}
	err = w.judge(ctx, a, j)
	var damaged *ledger.DamagedFileError
	if err != nil && j.Before != "" && ctx.Err() == nil && !errors.As(err, &damaged) && !engine.IsDamage(err) { // results of earlier runs may be damaged; they can be made again
		w.Log.Warn("the results of earlier runs cannot be used; every month is judged again", "error", err.Error())
		if err := errors.Join(os.RemoveAll(j.Folder), os.MkdirAll(j.Folder, 0o700)); err != nil {
			return nil, err
		}
		j.Months = &chain.Months{Folder: j.Folder, Usage: w.usage, Compare: w.comparePairs}
		err = w.judge(ctx, a, j)
	}
	if err != nil {
		return nil, w.tooLarge(ctx, err)
	}
	found, err := w.Ledger.Store.StatesBelow(ctx, j.Folder)
	if err != nil {
		return nil, err
	}
	j.files = map[string]ledger.FileState{}
	for rel, s := range found {
		j.files[path.Join(ledger.JudgedFolder, a.RunID, rel)] = s
	}
	w.Log.Info("attributed", "months", len(j.All), "judged", len(j.Judged))
	return j, nil
}

// TooLargeError says that a sum is larger than a DECIMAL(38,18), and which files cause it.
type TooLargeError struct {
	Files []string // those with most of the rows beyond 10^12 first
	err   error
}

func (e *TooLargeError) Error() string {
	const shown = 3
	more := ""
	if n := len(e.Files) - shown; n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	return fmt.Sprintf("the amounts of the usage are too large to be added up exactly: rows beyond 10^12 are in %s%s: %v",
		strings.Join(e.Files[:min(shown, len(e.Files))], ", "), more, e.err)
}

func (e *TooLargeError) Unwrap() error { return e.err }

// Try returns the way out.
func (e *TooLargeError) Try() string {
	return "take back what no export can have delivered, with pidledger forget --file FILE, and run again; until then the reports of the last run stay"
}

// tooLarge names the files in an error from a sum that is too large; it returns every other error unchanged. One file alone cannot cause it: see
// usage.Weights.
func (w *Judge) tooLarge(ctx context.Context, err error) error {
	if ctx.Err() != nil || !strings.Contains(err.Error(), "Out of Range") { // the engine returns only text
		return err
	}
	files, failed := engine.Ask[string](ctx, w.Ledger.DB, queries.Text("ledger/huge_files.sql"))
	h, unknown := ledger.FindHidden(ctx, w.Ledger.DB)
	if failed != nil || unknown != nil || len(files) == 0 {
		return err
	}
	e := &TooLargeError{err: err}
	for _, path := range files {
		if h.Names(path) {
			path = chain.HiddenPath
		}
		e.Files = append(e.Files, path)
	}
	return e
}

// judge judges the months that need it, and proves that nothing was lost on the way.
func (w *Judge) judge(ctx context.Context, a chain.Attribution, j *Judgement) error {
	w.Progress.Total(int64(len(chain.Steps())), 0)
	if err := chain.Attribute(ctx, w.Ledger.DB, a, azure.Regions(), j.Months, func(string, int, int) { w.Progress.Add(1, 0) }); err != nil {
		return err
	}
	return w.checkCoverage(ctx)
}

// compareInputs counts the days of new usage, and makes the tables of delivered usage and its slices, and of what changed since the reports
// were last published. It returns what the settings are compared by.
func (w *Judge) compareInputs(ctx context.Context, a chain.Attribution) (settings string, err error) {
	if err := w.Ledger.Usage.CountDays(ctx); err != nil {
		return "", err
	}
	text, err := json.Marshal(a)
	if err != nil {
		return "", err
	}
	settings = string(text)
	for name, value := range map[string]string{
		"settings": digest.Of(settings), "program": digest.Of(w.Version), "run_started": w.Ledger.Run().Started.Format("2006-01-02 15:04:05.999999"),
	} {
		if err := w.Ledger.DB.SetText(ctx, name, value); err != nil {
			return "", err
		}
	}
	for _, table := range []string{"usage_days", "slice_facts", "inputs_now", "delivered_usage", "changed_inputs"} {
		if err := w.Ledger.DB.Table(ctx, table, queries.Text("ledger/"+table+".sql")); err != nil {
			return "", fmt.Errorf("find out what changed, %s: %w", table, err)
		}
	}
	return settings, nil
}

// comparePairs reads the usage rows of pairs of slices for which only the rows can tell whether they deliver the same, and keeps the answers,
// because slices never change.
func (w *Judge) comparePairs(ctx context.Context) error {
	if err := w.Ledger.DB.Exec(ctx, queries.Text("ledger/forget_pairs.sql")); err != nil {
		return err
	}
	if err := w.Ledger.DB.Table(ctx, "asked_days", queries.Text("ledger/new_pairs.sql")); err != nil {
		return err
	}
	ids, err := engine.Ask[string](ctx, w.Ledger.DB, queries.Text("ledger/asked_ids.sql"))
	if err != nil {
		return err
	}
	if len(ids) > 0 {
		if err := w.Ledger.Usage.Hold(ctx, ids); err != nil {
			return err
		}
		if err := w.Ledger.DB.Exec(ctx, "insert into slice_pairs by name "+queries.Text("attribute/pair_days.sql")); err != nil {
			return err
		}
	}
	return w.Ledger.DB.View(ctx, "pair_days", "from slice_pairs")
}

// usage makes the view `usage` of the slices that hold rows of the months at work.
func (w *Judge) usage(ctx context.Context) error {
	ids, err := engine.Ask[string](ctx, w.Ledger.DB, queries.Text("ledger/slices_at_work.sql"))
	if err != nil {
		return err
	}
	return w.Ledger.Usage.Hold(ctx, ids)
}

// held is the ledger's judgement: the run that made it and a digest of its settings and program; empty if there is none.
func (w *Judge) held(ctx context.Context) (run, madeWith string, err error) {
	held, err := engine.AskOne[struct{ RunID, MadeWith string }](ctx, w.Ledger.DB, queries.Text("ledger/judgement.sql"))
	if err != nil || held == nil {
		return "", "", err
	}
	return held.RunID, held.MadeWith, nil
}

// findJudged gives a judgement the intact results of earlier ones. A month with a damaged file is judged again; if the tables for the comparison
// are damaged, every month is.
func (w *Judge) findJudged(ctx context.Context, j *Judgement) error {
	before, _, err := w.held(ctx)
	if err != nil {
		return err
	}
	months, err := engine.Ask[struct{ Month, RunID string }](ctx, w.Ledger.DB, queries.Text("ledger/judged_months.sql"))
	if err != nil {
		return err
	}
	runs := map[string]string{} // by month
	for _, m := range months {
		runs[m.Month] = m.RunID
	}
	if len(runs) == 0 {
		return nil
	}
	c, err := w.Ledger.Store.Judged(ctx)
	if err != nil {
		return err
	}
	damaged, err := c.First(ctx, before, chain.ComparedFiles(), nil)
	if err != nil {
		return err
	}
	if damaged != "" {
		w.Log.Warn("the tables that months are compared with are damaged; every month is judged again", "damage", damaged)
		return nil
	}
	kept := map[string]string{}
	for _, month := range slices.Sorted(maps.Keys(runs)) {
		files, folders := chain.KeptFiles(month)
		damaged, err := c.First(ctx, runs[month], files, folders)
		if err != nil {
			return err
		}
		if damaged != "" {
			w.Log.Warn("the results of a month are damaged; the month is judged again", "month", month, "damage", damaged)
			continue
		}
		kept[month] = w.Ledger.Path(ledger.JudgedFolder, runs[month])
	}
	j.Before, j.Kept = w.Ledger.Path(ledger.JudgedFolder, before), kept
	return nil
}

// Keep makes a judgement the ledger's, and stores what the reports just published say and what changed in months reported before. Call it after
// publishing: if a run is stopped before that, the next one judges and publishes the same. Trial reports, made with other settings than the
// ledger's judgement, leave no trace.
func (w *Judge) Keep(ctx context.Context, j *Judgement) error {
	if !j.isKept {
		return w.Ledger.SweepJudged(ctx)
	}
	err := w.Ledger.DB.InTx(ctx, func() error {
		if err := w.Ledger.DB.Exec(ctx, queries.Text("ledger/keep_restatements.sql")); err != nil {
			return err
		}
		if err := w.Ledger.Store.Enter(ctx, j.files); err != nil {
			return err
		}
		if err := w.Ledger.DB.Exec(ctx, queries.Text("ledger/drop_judgement.sql")); err != nil {
			return err
		}
		if err := w.Ledger.DB.Exec(ctx, "insert into judgement values (?, ?)", j.runID, j.madeWith); err != nil {
			return err
		}
		if j.lake != nil { // a judgement without months: the next one made here judges all
			return nil
		}
		for _, month := range j.All {
			run := j.runID
			if kept := j.Kept[month]; kept != "" {
				run = filepath.Base(kept)
			}
			if err := w.Ledger.DB.Exec(ctx, "insert into judged_months values (?, ?)", month, run); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return w.Ledger.SweepJudged(ctx)
}

// checkCoverage proves that every counted usage row has exactly one status and that no amount was lost on the way (SPEC 6), in all months, whether
// just judged or reused. The error is a *CheckError.
func (w *Judge) checkCoverage(ctx context.Context) error {
	rows, err := engine.Ask[struct {
		What                      string
		UsageRows                 int64
		BilledCost, EffectiveCost string
	}](ctx, w.Ledger.DB, queries.Text("ledger/coverage_check.sql"))
	if err != nil {
		return err
	}
	var sums []string
	for _, r := range rows {
		sums = append(sums, fmt.Sprintf("%d rows, billed %s, effective %s", r.UsageRows, r.BilledCost, r.EffectiveCost))
	}
	if sums[0] != sums[1] {
		return &ledger.CheckError{
			Check: "coverage", Detail: fmt.Sprintf("the input has %s; the reports would have %s", sums[0], sums[1]),
			Hint: "this is a bug in pidledger: please report it; pidledger run --rebuild judges every month again; until then the reports of the last run stay",
		}
	}
	return nil
}

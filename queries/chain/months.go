package chain

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/queries/engine"
)

// Months decides which months are judged again, and keeps the results of all. A run judges a month when its usage changed, a resource in it changed
// its owner, or the credit of an owner changed; for the other months it reuses the rows of earlier runs. The result is the same as judging every
// month: a test delivers random nights and compares.
type Months struct {
	Folder string            // an empty folder for the results of this run
	Before string            // folder of the previous run, which the new tables are compared with; empty: every month is judged
	Kept   map[string]string // month, YYYY-MM -> folder with its rows; empty without Before
	// Compare fills the table pair_days with the answers that met_days asks for.
	Compare func(context.Context) error
	// Usage makes the view `usage` of at least the rows of the months at work (work_months).
	Usage func(context.Context) error

	// Possible are the months that usage may belong to, sorted, for an engine that cannot be queried for those that count: all are judged, and
	// nothing is kept for another run. If empty, the engine is queried.
	Possible []string

	All    []string // every month with usage that counts, sorted; set by Attribute, like Judged
	Judged []string // the months that this run judged
}

// compared are the tables that decide how a month is judged. They are written beside the rows of the months, for the next run to compare with.
var compared = []string{"counted_days", "resource_spans", "credits", "excluded_subscriptions", "excluded_tenures", "exclusions", "customers"}

// monthsFolder is the folder with the Parquet files of one month of a Detail step.
func monthsFolder(folder string, s Step, month string) string {
	return filepath.Join(folder, s.Name, s.Month+"="+month)
}

// compare finds the answers that only usage rows can give.
func (m *Months) compare(ctx context.Context, _ engine.Engine) error { return m.Compare(ctx) }

// count finds the months whose counted usage changed, and starts to work on them.
func (m *Months) count(ctx context.Context, e engine.Engine) error {
	if m.Possible != nil {
		m.All, m.Before, m.Kept = m.Possible, "", nil
		return m.work(ctx, e, slices.Clone(m.All))
	}
	var err error
	if m.All, err = monthsOf(ctx, e, "select distinct usage_date as month_start from counted_days"); err != nil {
		return err
	}
	if m.Before == "" {
		m.Kept = nil
		return m.work(ctx, e, m.All)
	}
	for _, table := range compared {
		if err := e.Input(ctx, table+"_before", engine.Files{Paths: []string{filepath.Join(m.Before, table+".parquet")}}); err != nil {
			return fmt.Errorf("read what was attributed before: %w", err)
		}
	}
	changed, err := monthsOf(ctx, e, queries.Text("months/changed_usage.sql"))
	if err != nil {
		return err
	}
	for _, month := range m.All {
		if m.Kept[month] == "" {
			changed = append(changed, month)
		}
	}
	return m.work(ctx, e, changed)
}

// judge finds the months that must be judged again, and works on those.
func (m *Months) judge(ctx context.Context, e engine.Engine) error {
	if m.Before == "" {
		return nil
	}
	differ, err := e.Count(ctx, queries.Text("months/changed_customers.sql"))
	if err != nil {
		return err
	}
	if differ > 0 {
		return m.work(ctx, e, m.All)
	}
	changed, err := monthsOf(ctx, e, queries.Text("months/changed_judgement.sql"))
	if err != nil {
		return err
	}
	return m.work(ctx, e, append(changed, m.Judged...))
}

// work selects the months at work: from here on, the views counted_usage and judged_usage hold only their rows.
func (m *Months) work(ctx context.Context, e engine.Engine, months []string) error {
	slices.Sort(months)
	m.Judged = slices.DeleteFunc(slices.Compact(months), func(month string) bool { return !slices.Contains(m.All, month) })
	for _, month := range m.Judged {
		delete(m.Kept, month)
	}
	maps.DeleteFunc(m.Kept, func(month, _ string) bool { return !slices.Contains(m.All, month) })
	rows := make([][]any, len(m.Judged))
	for i, month := range m.Judged {
		rows[i] = []any{month + "-01"}
	}
	if err := e.Values(ctx, "work_months", columnar.Schema{{Name: "month_start", Type: columnar.Date}}, rows); err != nil {
		return err
	}
	for _, s := range Steps() {
		if s.Kind == Working {
			if err := e.Table(ctx, s.Name, queries.Text(s.file())); err != nil {
				return fmt.Errorf("step %s: %w", s.Name, err)
			}
		}
	}
	return m.Usage(ctx)
}

// makeMonthly makes the table of a Monthly step: new rows for the months at work, the rows of earlier runs for the others.
func (m *Months) makeMonthly(ctx context.Context, e engine.Engine, s Step, text string) error {
	kept := m.byFolder()
	if len(kept) == 0 {
		return e.Table(ctx, s.table(), text)
	}
	columns, err := columnsOf(ctx, e, text)
	if err != nil {
		return err
	}
	list := strings.Join(columns, ", ")
	text = "select " + list + " from (" + text + "\n) s"
	for i, folder := range slices.Sorted(maps.Keys(kept)) {
		before, months := fmt.Sprintf("%s_kept_%d", s.table(), i), fmt.Sprintf("kept_months_%d", i)
		if err := e.Input(ctx, before, engine.Files{Paths: []string{filepath.Join(folder, s.table()+".parquet")}}); err != nil {
			return fmt.Errorf("take the rows of %s: %w", strings.Join(kept[folder], ", "), err)
		}
		rows := make([][]any, len(kept[folder]))
		for j, month := range kept[folder] {
			rows[j] = []any{month}
		}
		if err := e.Values(ctx, months, columnar.Schema{{Name: "month", Type: columnar.String}}, rows); err != nil {
			return err
		}
		text += " union all select " + list + " from " + before + " where " + s.monthText() + " in (select month from " + months + ")"
	}
	return e.Table(ctx, s.table(), text)
}

// columnsOf lists the columns of a SELECT in its order.
func columnsOf(ctx context.Context, e engine.Engine, text string) ([]string, error) {
	rows, err := e.Query(ctx, "select * from ("+text+"\n) q limit 0")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, c := range rows.Schema() {
		names = append(names, c.Name)
	}
	return names, rows.Close()
}

// monthText gives the month of a row as YYYY-MM.
func (s Step) monthText() string {
	return "substring(cast(" + s.Month + " as string), 1, 7)"
}

// byFolder groups the reused months by the folder of their rows.
func (m *Months) byFolder() map[string][]string {
	out := map[string][]string{}
	for _, month := range slices.Sorted(maps.Keys(m.Kept)) {
		out[m.Kept[month]] = append(out[m.Kept[month]], month)
	}
	return out
}

// makeDetail writes the rows of the months at work to Parquet, and makes a table of those files.
func (m *Months) makeDetail(ctx context.Context, e engine.Engine, s Step, text string) error {
	if _, err := e.Write(ctx, text, filepath.Join(m.Folder, s.Name), s.Month); err != nil {
		return err
	}
	return m.detailOf(ctx, e, s, text, m.Judged)
}

// detailOf makes the table of a Detail step from the files of some months.
func (m *Months) detailOf(ctx context.Context, e engine.Engine, s Step, text string, months []string) error {
	files := engine.Files{Partition: s.Month, Columns: text}
	for _, month := range months {
		files.Paths = append(files.Paths, monthsFolder(m.folderOf(month), s, month))
	}
	return e.Input(ctx, s.Name, files)
}

// folderOf is the folder with the rows of a month.
func (m *Months) folderOf(month string) string {
	if kept := m.Kept[month]; kept != "" {
		return kept
	}
	return m.Folder
}

// detail lists the Parquet files of one month of a Detail step; a month without rows has none.
func detail(folder string, s Step, month string) ([]string, error) {
	dir := monthsFolder(folder, s, month)
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var out []string
	for _, e := range entries {
		out = append(out, filepath.Join(dir, e.Name()))
	}
	return out, err
}

// DetailFiles lists the Parquet files of a Detail step by month, new and reused. A month without rows has none.
func (m *Months) DetailFiles(step string) (map[string][]string, error) {
	steps := Steps()
	s := steps[slices.IndexFunc(steps, func(s Step) bool { return s.Name == step })]
	out := map[string][]string{}
	for _, month := range m.All {
		files, err := detail(m.folderOf(month), s, month)
		if err != nil {
			return nil, err
		}
		if len(files) > 0 {
			out[month] = files
		}
	}
	return out, nil
}

// keep writes the results of this run for the next one, with the tables to compare with. Afterwards the Detail tables hold all months.
func (m *Months) keep(ctx context.Context, e engine.Engine) error {
	if m.Possible != nil {
		return nil
	}
	for _, s := range Steps() {
		switch s.Kind {
		case Monthly:
			if len(m.Judged) == 0 {
				continue
			}
			text := "select * from " + s.table() + " where " + s.monthText() + " in (select substring(cast(month_start as string), 1, 7) from work_months)"
			if _, err := e.Write(ctx, text, filepath.Join(m.Folder, s.table()+".parquet"), ""); err != nil {
				return err
			}
		case Detail:
			if err := m.detailOf(ctx, e, s, queries.Text(s.file()), m.All); err != nil {
				return err
			}
		}
	}
	for _, table := range compared {
		if _, err := e.Write(ctx, "select * from "+table, filepath.Join(m.Folder, table+".parquet"), ""); err != nil {
			return err
		}
	}
	return nil
}

// monthsOf runs a statement that returns dates, and returns their distinct months as YYYY-MM, sorted.
func monthsOf(ctx context.Context, e engine.Engine, statement string) ([]string, error) {
	return engine.Ask[string](ctx, e, "select distinct substring(cast(month_start as string), 1, 7) as month from ("+statement+") m order by month")
}

// ComparedFiles lists the files of Before that a run compares with, relative to that folder.
func ComparedFiles() []string {
	var out []string
	for _, table := range compared {
		out = append(out, table+".parquet")
	}
	return out
}

// KeptFiles lists what a folder of Kept holds for a month, relative to that folder, with forward slashes: files that hold all months judged in one
// run, and folders for this month alone, which do not exist for a month without rows.
func KeptFiles(month string) (files, folders []string) {
	for _, s := range Steps() {
		switch s.Kind {
		case Monthly:
			files = append(files, s.table()+".parquet")
		case Detail:
			folders = append(folders, filepath.ToSlash(monthsFolder("", s, month)))
		}
	}
	return files, folders
}

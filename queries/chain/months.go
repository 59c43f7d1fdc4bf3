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
	"github.com/pidledger/pidledger/queries/engine"
)

// Months says what earlier attributions made of each month, and takes what this one makes. A run judges the months whose usage changed, in
// which a resource has another owner than before, or an owner another credit; of the others it takes the rows that were made then. The
// result is the one that judging every month gives: a test delivers random nights and compares.
type Months struct {
	Folder string            // empty, for what this attribution makes
	Before string            // folder of the attribution before, whose tables the new ones are compared with; empty: every month is judged
	Kept   map[string]string // month, YYYY-MM -> folder with its rows; nothing without Before
	// Compare fills the table pair_days with what met_days asks for.
	Compare func(context.Context) error
	// Usage makes the view `usage` of at least the rows of the months at work (work_months).
	Usage func(context.Context) error

	All    []string // every month with usage that counts, sorted; known after Attribute, as is
	Judged []string // those that this attribution judged
}

// compared are the tables that tell what the months were judged by. They are written beside the rows of the months, to be compared with by
// the next attribution.
var compared = []string{"counted_days", "resource_spans", "credits", "excluded_subscriptions", "excluded_tenures", "exclusions", "customers"}

// monthsFolder is what Parquet files of a Detail step lie in, one folder for each month.
func monthsFolder(folder string, s Step, month string) string {
	return filepath.Join(folder, s.Name, s.Month+"="+month)
}

// compare answers what only usage rows can tell.
func (m *Months) compare(ctx context.Context, _ *engine.DB) error { return m.Compare(ctx) }

// count finds the months whose counted usage changed, and puts them to work.
func (m *Months) count(ctx context.Context, db *engine.DB) error {
	var err error
	if m.All, err = monthsOf(ctx, db, "select distinct usage_date as month_start from counted_days"); err != nil {
		return err
	}
	if m.Before == "" {
		m.Kept = nil
		return m.work(ctx, db, m.All)
	}
	for _, table := range compared {
		if err := db.View(ctx, table+"_before", "from "+engine.ParquetSource([]string{filepath.Join(m.Before, table+".parquet")})); err != nil {
			return fmt.Errorf("read what was attributed before: %w", err)
		}
	}
	changed, err := monthsOf(ctx, db, queries.Text("months/changed_usage.sql"))
	if err != nil {
		return err
	}
	for _, month := range m.All {
		if m.Kept[month] == "" {
			changed = append(changed, month)
		}
	}
	return m.work(ctx, db, changed)
}

// judge finds the months that must be judged, and puts them to work.
func (m *Months) judge(ctx context.Context, db *engine.DB) error {
	if m.Before == "" {
		return nil
	}
	differ, err := db.Count(ctx, queries.Text("months/changed_customers.sql"))
	if err != nil {
		return err
	}
	if differ > 0 {
		return m.work(ctx, db, m.All)
	}
	changed, err := monthsOf(ctx, db, queries.Text("months/changed_judgement.sql"))
	if err != nil {
		return err
	}
	return m.work(ctx, db, append(changed, m.Judged...))
}

// work puts months to work: the views counted_usage and judged_usage give their rows.
func (m *Months) work(ctx context.Context, db *engine.DB, months []string) error {
	slices.Sort(months)
	m.Judged = slices.DeleteFunc(slices.Compact(months), func(month string) bool { return !slices.Contains(m.All, month) })
	for _, month := range m.Judged {
		delete(m.Kept, month)
	}
	maps.DeleteFunc(m.Kept, func(month, _ string) bool { return !slices.Contains(m.All, month) })
	if err := db.Exec(ctx, "create or replace temp table work_months (month_start date)"); err != nil {
		return err
	}
	for _, month := range m.Judged {
		if err := db.Exec(ctx, "insert into work_months values (?::date)", month+"-01"); err != nil {
			return err
		}
	}
	for _, s := range Steps() {
		if s.Kind == Working {
			if err := db.Table(ctx, s.Name, queries.Text(s.file())); err != nil {
				return fmt.Errorf("step %s: %w", s.Name, err)
			}
		}
	}
	return m.Usage(ctx)
}

// addKept adds the rows of the months that stand to a table that was made of the months at work.
func (m *Months) addKept(ctx context.Context, db *engine.DB, s Step) error {
	for folder, months := range m.byFolder() {
		source := engine.ParquetSource([]string{filepath.Join(folder, s.table()+".parquet")})
		args := make([]any, len(months))
		for i, month := range months {
			args[i] = month
		}
		in := strings.TrimSuffix(strings.Repeat("?, ", len(args)), ", ")
		err := db.Exec(ctx, "insert into "+engine.Ident(s.table())+" by name select * from "+source+" where "+s.monthText()+" in ("+in+")", args...)
		if err != nil {
			return fmt.Errorf("take the rows of %s: %w", strings.Join(months, ", "), err)
		}
	}
	return nil
}

// monthText gives the month of a row as YYYY-MM.
func (s Step) monthText() string {
	return "substring(cast(" + engine.Ident(s.Month) + " as varchar), 1, 7)"
}

// byFolder groups the months that stand by the folder of their rows.
func (m *Months) byFolder() map[string][]string {
	out := map[string][]string{}
	for _, month := range slices.Sorted(maps.Keys(m.Kept)) {
		out[m.Kept[month]] = append(out[m.Kept[month]], month)
	}
	return out
}

// makeDetail writes the rows of the months at work to Parquet, and makes a view of them.
func (m *Months) makeDetail(ctx context.Context, db *engine.DB, s Step, text string) error {
	folder := filepath.Join(m.Folder, s.Name)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	if _, err := db.CopyParquet(ctx, text, folder, s.Month); err != nil {
		return err
	}
	var files []string
	for _, month := range m.Judged {
		found, err := m.detail(m.Folder, s, month)
		if err != nil {
			return err
		}
		files = append(files, found...)
	}
	return detailView(ctx, db, s, text, files)
}

// detailView makes the view of a Detail step over its files; without any it has the columns and no rows.
func detailView(ctx context.Context, db *engine.DB, s Step, text string, files []string) error {
	if len(files) == 0 {
		return db.View(ctx, s.Name, "select * from ("+text+") where false")
	}
	return db.View(ctx, s.Name, engine.PartitionedSelect(files, s.Month))
}

// detail lists the Parquet files of a month of a Detail step, which may be none.
func (m *Months) detail(folder string, s Step, month string) ([]string, error) {
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

// DetailFiles lists the Parquet files of a Detail step by month: those just made and those that stand. A month without rows has none.
func (m *Months) DetailFiles(step string) (map[string][]string, error) {
	steps := Steps()
	s := steps[slices.IndexFunc(steps, func(s Step) bool { return s.Name == step })]
	out := map[string][]string{}
	for _, month := range m.All {
		folder := m.Folder
		if kept := m.Kept[month]; kept != "" {
			folder = kept
		}
		files, err := m.detail(folder, s, month)
		if err != nil {
			return nil, err
		}
		if len(files) > 0 {
			out[month] = files
		}
	}
	return out, nil
}

// keep writes down what was made of the months at work, and what they were judged by; then the Detail views give all months.
func (m *Months) keep(ctx context.Context, db *engine.DB) error {
	for _, s := range Steps() {
		switch s.Kind {
		case Monthly:
			if len(m.Judged) == 0 {
				continue
			}
			text := "select * from " + engine.Ident(s.table()) + " where " + s.monthText() + " in (select substring(cast(month_start as varchar), 1, 7) from work_months)"
			if _, err := db.CopyParquet(ctx, text, filepath.Join(m.Folder, s.table()+".parquet"), ""); err != nil {
				return err
			}
		case Detail:
			byMonth, err := m.DetailFiles(s.Name)
			if err != nil {
				return err
			}
			var files []string
			for _, month := range m.All {
				files = append(files, byMonth[month]...)
			}
			if err := detailView(ctx, db, s, queries.Text(s.file()), files); err != nil {
				return err
			}
		}
	}
	for _, table := range compared {
		if _, err := db.CopyParquet(ctx, "from "+engine.Ident(table), filepath.Join(m.Folder, table+".parquet"), ""); err != nil {
			return err
		}
	}
	return nil
}

// monthsOf runs a statement that returns dates, and gives the months that they lie in as YYYY-MM, sorted, each once.
func monthsOf(ctx context.Context, db *engine.DB, statement string) ([]string, error) {
	rows, err := db.Query(ctx, "select distinct substring(cast(month_start as varchar), 1, 7) as month from ("+statement+") order by month")
	if err != nil {
		return nil, err
	}
	var out []string
	for rows.Next() {
		out = append(out, rows.Values()[0].S)
	}
	return out, errors.Join(rows.Err(), rows.Close())
}

// ComparedFiles lists what Before holds to compare with, as paths in that folder.
func ComparedFiles() []string {
	var out []string
	for _, table := range compared {
		out = append(out, table+".parquet")
	}
	return out
}

// KeptFiles lists what a folder of Kept holds of a month, as paths in that folder with forward slashes: files for all months that were judged together, and
// folders with the rows of this one, which are not there in a month without rows.
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

package chain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/ingest/evidence"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/queries/engine"
)

// stepWorld is a connection with all tables that a step may read, empty, in the types that they have in a run.
type stepWorld struct {
	db      *engine.DB
	columns map[string][]stepColumn // by table
	results map[string][]stepColumn // by SQL file
}

// newStepWorld makes the tables of an empty ledger, and those of every step on it.
func newStepWorld(ctx context.Context) (*stepWorld, error) {
	db, err := engine.Open(ctx, engine.Options{Threads: 1})
	if err != nil {
		return nil, err
	}
	w := &stepWorld{db: db, columns: map[string][]stepColumn{}, results: map[string][]stepColumn{}}
	if err := w.makeTables(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return w, nil
}

func (w *stepWorld) makeTables(ctx context.Context) error {
	for _, v := range queries.Schema() {
		if err := w.db.Exec(ctx, v.SQL); err != nil {
			return fmt.Errorf("schema version %d: %w", v.Number, err)
		}
	}
	if err := Parameters(ctx, w.db, defaultParams, nil); err != nil {
		return err
	}
	if err := w.db.Exec(ctx, "create table usage as "+queries.NoUsage()+`;
		create or replace table slices as from slices; -- a case leaves out columns that the ledger must have
		create temp table work_months (month_start date);
		create temp table failed_files (path varchar);
		create temp table asked_texts (text varchar);
		create temp table changed_inputs (input varchar, month_start date, changed_at timestamp);
		delete from well_known`); err != nil {
		return err
	}
	if err := w.db.Exec(ctx, "create temp table asked_days (slice_id varchar, other_id varchar, subscription_key varchar, usage_date date)"); err != nil {
		return err
	}
	for _, s := range Steps() {
		if err := w.db.Table(ctx, s.table(), queries.Text(s.file())); err != nil {
			return fmt.Errorf("%s: %w", s.file(), err)
		}
		if s.Name == "usage_days" {
			if err := w.db.Table(ctx, "slice_facts", queries.Text("ledger/slice_facts.sql")); err != nil {
				return fmt.Errorf("ledger/slice_facts.sql: %w", err)
			}
		}
	}
	if err := errors.Join(serviceCategories(ctx, w.db), w.db.Exec(ctx, "delete from service_categories"),
		w.db.Table(ctx, "attributed_month", "from attributed_usage")); err != nil {
		return err
	}
	for _, table := range compared {
		if err := w.db.Table(ctx, table+"_before", "from "+engine.Ident(table)); err != nil {
			return err
		}
	}
	tables, err := w.db.Raw(ctx, "select table_name, column_name, data_type from duckdb_columns() where not internal order by table_name, column_index")
	if err != nil {
		return err
	}
	defer tables.Close()
	for tables.Next() {
		var table string
		var c stepColumn
		if err := tables.Scan(&table, &c.name, &c.typ); err != nil {
			return err
		}
		w.columns[table] = append(w.columns[table], c)
	}
	return tables.Err()
}

// defaultParams are the settings of a case without params.csv: the defaults of pidledger.yaml.
var defaultParams = Attribution{
	Owner: "first", Credit: "primary", InheritChildren: true, SharedCorrelation: "per_request", CostBasis: "auto", RunID: "run",
}

// evidenceTables makes the tables that the steps in load/ read: rows as the readers stage them, and those of one key.
func (w *stepWorld) evidenceTables(ctx context.Context, step string) error {
	table := step[:strings.LastIndexByte(step, '_')]
	types := map[columnar.Type]string{columnar.String: "VARCHAR", columnar.Int: "BIGINT", columnar.Timestamp: "TIMESTAMP", columnar.StringList: "VARCHAR[]"}
	for _, b := range evidence.NewSink().Batches() {
		if b.Name != table {
			continue
		}
		var columns []string
		w.columns["staged_files"] = nil
		for _, c := range b.Batch.Schema() {
			columns = append(columns, engine.Ident(c.Name)+" "+types[c.Type])
			w.columns["staged_files"] = append(w.columns["staged_files"], stepColumn{c.Name, types[c.Type]})
		}
		if err := w.db.Exec(ctx, "create or replace temp table staged_files ("+strings.Join(columns, ", ")+")"); err != nil {
			return err
		}
	}
	w.columns["candidates"] = w.columns[table]
	return w.db.Table(ctx, "candidates", "from "+engine.Ident(table))
}

// open puts the rows of a case into their tables, and reads its want.csv in the types of the result.
func (w *stepWorld) open(ctx context.Context, c *stepCase) error {
	if strings.HasPrefix(c.file, "load/") {
		if err := w.evidenceTables(ctx, c.step); err != nil {
			return err
		}
	}
	words := map[string]bool{}
	for _, token := range scanSQL(queries.Text(c.file)) {
		words[token.text] = true
	}
	for _, in := range c.inputs {
		known := w.columns[in.name]
		if known == nil {
			return fmt.Errorf("%s.csv: there is no table of that name", in.name)
		}
		if !words[in.name] {
			return fmt.Errorf("%s.csv: queries/%s does not read that table", in.name, c.file)
		}
		columns, err := pick(known, in.header)
		if err != nil {
			return fmt.Errorf("%s.csv: %w", in.name, err)
		}
		statement := "insert into " + engine.Ident(in.name) + " (" + quotedNames(columns) + ") " + values(columns, in.rows)
		if in.name == "params" {
			if len(in.rows) != 1 {
				return errors.New("params.csv: one row, with the settings that differ from the defaults")
			}
			statement = "update params set "
			for i, col := range columns {
				if i > 0 {
					statement += ", "
				}
				statement += engine.Ident(col.name) + " = " + cell(col, in.rows[0][i])
			}
		} else if len(in.rows) == 0 {
			continue
		}
		if err := w.db.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s.csv: %w", in.name, err)
		}
	}
	result := w.results[c.file]
	if result == nil {
		var err error
		if result, err = w.describe(ctx, queries.Text(c.file)); err != nil {
			return fmt.Errorf("queries/%s: %w", c.file, err)
		}
		w.results[c.file] = result
	}
	header := c.want.header
	if len(header) == 0 {
		if !*update {
			return errors.New("want.csv: there is none, or it has no header")
		}
		header = names(result)
	}
	var err error
	if c.columns, err = pick(result, header); err != nil {
		return fmt.Errorf("want.csv: %w", err)
	}
	c.rows = nil
	if len(c.want.rows) > 0 {
		if c.rows, err = w.rows(ctx, "select * from ("+values(c.columns, c.want.rows)+") as want ("+quotedNames(c.columns)+")", c); err != nil {
			return fmt.Errorf("want.csv: %w", err)
		}
	}
	return nil
}

// close empties the tables of a case.
func (w *stepWorld) close(ctx context.Context, c *stepCase) error {
	for _, in := range c.inputs {
		if in.name == "params" {
			if err := Parameters(ctx, w.db, defaultParams, nil); err != nil {
				return err
			}
			if err := w.db.Exec(ctx, "delete from well_known"); err != nil {
				return err
			}
			continue
		}
		if w.columns[in.name] == nil {
			continue // open said so
		}
		if err := w.db.Exec(ctx, "delete from "+engine.Ident(in.name)); err != nil {
			return err
		}
	}
	return nil
}

// describe gives the columns of a SELECT.
func (w *stepWorld) describe(ctx context.Context, text string) ([]stepColumn, error) {
	rows, err := w.db.Raw(ctx, "select * from ("+text+"\n) limit 0")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	var out []stepColumn
	for _, t := range types {
		out = append(out, stepColumn{t.Name(), t.DatabaseTypeName()})
	}
	return out, rows.Err()
}

// rows runs a SELECT and gives the columns of a case's want.csv as texts, sorted unless the SELECT has an order. NULL is empty and the empty
// text ”; decimals are without trailing zeros.
func (w *stepWorld) rows(ctx context.Context, text string, c *stepCase) ([][]string, error) {
	cells := make([]string, len(c.columns))
	for i, col := range c.columns {
		cells[i] = "coalesce(nullif(cast(" + engine.Ident(col.name) + " as varchar), ''), case when " + engine.Ident(col.name) + " is not null then '''''' else '' end)"
	}
	rows, err := w.db.Raw(ctx, "select "+strings.Join(cells, ", ")+" from ("+text+"\n)")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out [][]string
	for rows.Next() {
		row := make([]string, len(cells))
		scan := make([]any, len(cells))
		for i := range row {
			scan[i] = &row[i]
		}
		if err := rows.Scan(scan...); err != nil {
			return nil, err
		}
		for i, col := range c.columns {
			switch {
			case strings.HasPrefix(col.typ, "DECIMAL") && strings.Contains(row[i], "."):
				row[i] = strings.TrimRight(strings.TrimRight(row[i], "0"), ".")
			case col.typ == "TIMESTAMP":
				row[i] = strings.TrimSuffix(row[i], " 00:00:00")
			}
		}
		out = append(out, row)
	}
	if !c.isOrdered {
		slices.SortFunc(out, slices.Compare[[]string])
	}
	return out, rows.Err()
}

// pick finds columns by their names.
func pick(known []stepColumn, header []string) ([]stepColumn, error) {
	var out []stepColumn
	for _, name := range header {
		i := slices.IndexFunc(known, func(c stepColumn) bool { return c.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no column %q; the table has %s", name, strings.Join(names(known), ", "))
		}
		out = append(out, known[i])
	}
	return out, nil
}

func quotedNames(columns []stepColumn) string {
	var out []string
	for _, c := range columns {
		out = append(out, engine.Ident(c.name))
	}
	return strings.Join(out, ", ")
}

// values gives rows of texts as an SQL table of typed values.
func values(columns []stepColumn, rows [][]string) string {
	var b strings.Builder
	b.WriteString("values ")
	for i, row := range rows {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteByte('(')
		for j, c := range columns {
			if j > 0 {
				b.WriteString(", ")
			}
			b.WriteString(cell(c, row[j]))
		}
		b.WriteByte(')')
	}
	return b.String()
}

// cell gives the text of a cell as an SQL value: empty is NULL, two single quotes are the empty text.
func cell(c stepColumn, text string) string {
	switch text {
	case "":
		return "cast(null as " + c.typ + ")"
	case "''":
		text = ""
	}
	return "cast(" + engine.Literal(text) + " as " + c.typ + ")"
}

package chain

import (
	"context"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/queries/engine/enginetest"
)

// aNight runs all that the chain does in a night: it attributes, writes the reports and the tables of the snapshot.
func aNight(t *testing.T, e engine.Engine, m *Months) {
	t.Helper()
	ctx := t.Context()
	nothing := func(context.Context) error { return nil }
	m.Compare, m.Usage = nothing, nothing
	if err := Attribute(ctx, e, defaultParams, []string{"westeurope"}, m, func(string, int, int) {}); err != nil {
		t.Fatal(err)
	}
	for _, r := range Reports {
		rows, err := Report(ctx, e, r, []string{"month"}[:min(1, strings.Count(queries.Text("report/"+r+".sql"), "as month,"))])
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		rows.Close()
	}
	published := t.TempDir()
	for _, table := range queries.SnapshotTables {
		if _, err := Publish(ctx, e, table, filepath.Join(published, table+".parquet")); err != nil {
			t.Fatalf("%s: %v", table, err)
		}
	}
}

// The chain needs no database but an engine: on one that does nothing and answers with a month it makes every step and report, once.
func TestChainWithoutDatabase(t *testing.T) {
	r := &enginetest.Recorder{Answer: func(text string) engine.Rows {
		month := columnar.Column{Name: "month", Type: columnar.String}
		return &enginetest.Rows{Columns: columnar.Schema{month}, Cells: [][]engine.Value{{{S: "2026-03"}}}}
	}}
	m := &Months{Folder: t.TempDir()}
	aNight(t, r, m)
	if !slices.Equal(m.Judged, []string{"2026-03"}) {
		t.Errorf("judged %v", m.Judged)
	}
	for _, s := range Steps() {
		made := 0
		for _, c := range r.Calls {
			if c.Table == s.table() && c.Text == queries.Text(s.file()) {
				made++
			}
		}
		want := map[Kind]int{Sliced: 0, Asked: 0, Detail: 2}[s.Kind] // the files of the months at work are read, then those of all months
		if s.Kind == Table || s.Kind == View || s.Kind == Working || s.Kind == Monthly {
			want = 1
		}
		if made != want {
			t.Errorf("%s is made %d times, not %d", s.Name, made, want)
		}
	}
}

// What DuckDB runs in two nights is what passed through the interface, and what the chain writes around the files of queries/ is in the subset that
// other engines know too.
func TestEveryStatementPassesTheSeam(t *testing.T) {
	ctx := t.Context()
	w, err := newStepWorld(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer w.db.Close()
	if err := w.fill(ctx, 2); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"attribute/usage_days", "ledger/slice_facts"} { // which the ledger makes
		if err := w.db.Table(ctx, table[strings.IndexByte(table, '/')+1:], queries.Text(table+".sql")); err != nil {
			t.Fatal(err)
		}
	}
	var views []string // a table cannot become one
	for _, s := range Steps() {
		if s.Kind == View || s.Kind == Detail {
			views = append(views, s.table())
		}
	}
	for _, table := range compared {
		views = append(views, table+"_before")
	}
	for _, table := range views {
		if err := w.db.Exec(ctx, "drop table "+table); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.db.Exec(ctx, "insert into exclusions (scope_kind, scope_id) values ('subscription', '00000000-0000-4000-8000-000000000001'); call enable_logging('QueryLog')"); err != nil {
		t.Fatal(err)
	}
	r := &enginetest.Recorder{Behind: w.db}
	first := &Months{Folder: t.TempDir()}
	aNight(t, r, first)
	if len(first.Judged) < 2 {
		t.Fatalf("judged %v: a night of several months shows more", first.Judged)
	}
	kept := map[string]string{}
	for _, month := range first.Judged[1:] {
		kept[month] = first.Folder
	}
	second := &Months{Folder: t.TempDir(), Before: first.Folder, Kept: kept}
	aNight(t, r, second)
	if !slices.Equal(second.Judged, first.Judged[:1]) {
		t.Errorf("judged %v again, not the first of %v", second.Judged, first.Judged)
	}

	log, err := engine.Ask[string](ctx, w.db, "select message from duckdb_logs() where type = 'QueryLog'")
	if err != nil {
		t.Fatal(err)
	}
	if len(log) < len(r.Calls) {
		t.Errorf("%d statements were run for %d calls", len(log), len(r.Calls))
	}
	for _, statement := range log {
		if !slices.ContainsFunc(r.Calls, func(c enginetest.Call) bool { return explains(c, statement) }) {
			t.Errorf("it did not pass through the engine: %s", statement)
		}
	}
	if !slices.ContainsFunc(r.Calls, func(c enginetest.Call) bool { return c.Table == "named_texts" }) {
		t.Error("nobody opted out: the filter of what is published was not asked")
	}
	var files []string
	for _, folder := range []string{"attribute", "report", "snapshot", "months"} {
		for _, name := range queries.List(folder) {
			files = append(files, queries.Text(folder+"/"+name+".sql"))
		}
	}
	for _, c := range r.Calls {
		text := c.Text
		for _, f := range files {
			text = strings.ReplaceAll(text, f, "")
		}
		if m := dialect.FindString(literal.ReplaceAllString(text, "''")); m != "" {
			t.Errorf("%s %s: %q is of DuckDB alone, in %s", c.Method, c.Table, m, text)
		}
	}
}

// dialect is what other engines do not know, or take for something else.
var dialect = regexp.MustCompile(`(?i)::|"[^"']|\b(exclude|varchar|read_\w+|materialized|temp|insert|create|copy|by name|unnest|getvariable)\b|\breplace \(|^from\b`)

var literal = regexp.MustCompile(`'[^']*'`)

// explains tells whether a call brought a statement about.
func explains(c enginetest.Call, statement string) bool {
	switch c.Method {
	case "Input", "Values":
		return strings.Contains(statement, `"`+c.Table+`" as select`)
	case "AsWritten":
		return strings.Contains(statement, "disabled_optimizers")
	}
	return strings.Contains(statement, strings.TrimSpace(c.Text))
}

package chain

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/queries/engine"
)

// Every file is in a list and every name in a list is a file.
func TestEveryFileIsUsed(t *testing.T) {
	var loads []string
	for _, table := range queries.Evidence {
		loads = append(loads, table+"_staged", table+"_winners")
	}
	var steps []string
	for _, s := range Steps() {
		if !slices.Contains(Reports, s.Name) {
			steps = append(steps, s.Name)
		}
	}
	for folder, list := range map[string][]string{"attribute": steps, "report": Reports, "load": loads, "snapshot": queries.SnapshotTables} {
		want := slices.Sorted(slices.Values(list))
		if got := queries.List(folder); !slices.Equal(got, want) {
			t.Errorf("%s/ holds %v, the list names %v", folder, got, want)
		}
	}
}

// Every step and report runs on a ledger without any row.
func TestChainOnEmptyTables(t *testing.T) {
	ctx := t.Context()
	db, err := engine.Open(ctx, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, v := range queries.Schema() {
		if err := db.Exec(ctx, v.SQL); err != nil {
			t.Fatalf("schema version %d: %v", v.Number, err)
		}
	}
	if err := db.Exec(ctx, "create view usage as "+queries.NoUsage()+"; create temp table changed_inputs (input varchar, month_start date, changed_at timestamp)"); err != nil {
		t.Fatal(err)
	}
	a := Attribution{Owner: "first", Credit: "primary", SharedCorrelation: "per_request", InheritChildren: true, CostBasis: "auto"}
	if err := db.Table(ctx, "usage_days", queries.Text("attribute/usage_days.sql")); err != nil {
		t.Fatal(err)
	}
	if err := db.Table(ctx, "slice_facts", queries.Text("ledger/slice_facts.sql")); err != nil {
		t.Fatal(err)
	}
	compare := func(ctx context.Context) error {
		return errors.Join(db.Table(ctx, "asked_days", queries.Text("ledger/new_pairs.sql")), db.Table(ctx, "pair_days", queries.Text("attribute/pair_days.sql")))
	}
	months := &Months{Folder: t.TempDir(), Compare: compare, Usage: func(context.Context) error { return nil }}
	if err := Attribute(ctx, db, a, nil, months, func(string, int, int) {}); err != nil {
		t.Fatal(err)
	}
	for _, table := range queries.SnapshotTables {
		want := int64(0)
		if table == "settings" {
			want = 1
		}
		if n, err := db.Count(ctx, "select count(*) from ("+queries.Text("snapshot/"+table+".sql")+")"); err != nil || n != want {
			t.Errorf("snapshot table %s: %d rows, %v", table, n, err)
		}
	}
	checkPublished(t, db)
	for _, r := range Reports {
		rows, err := Report(ctx, db, r, nil)
		if err != nil {
			t.Errorf("report %s: %v", r, err)
			continue
		}
		for rows.Next() {
			t.Errorf("report %s has a row", r)
		}
		if err := rows.Err(); err != nil {
			t.Errorf("report %s: %v", r, err)
		}
		rows.Close()
	}
}

// checkPublished: every text column of a snapshot table is classified by how it can name a customer who opted out, with an identity that there
// is, and a table has the same columns whether somebody opted out or not.
func checkPublished(t *testing.T, db *engine.DB) {
	t.Helper()
	columns := func(selectText string) (all, text []string) {
		rows, err := db.Query(t.Context(), selectText)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for _, c := range rows.Schema() {
			all = append(all, c.Name)
			if c.Type == columnar.String {
				text = append(text, c.Name)
			}
		}
		return all, text
	}
	shown := func(table string) string {
		text, err := published(t.Context(), db, table)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	classified := map[string][]string{}
	for _, c := range PublishedColumns() {
		if Identities[c.Identity] == "" {
			t.Errorf("published_columns.csv: %s.%s has the identity %q, which there is not", c.Table, c.Column, c.Identity)
		}
		if !slices.Contains(queries.SnapshotTables, c.Table) && !slices.Contains(Reports, c.Table) {
			t.Errorf("published_columns.csv: no table %s is published", c.Table)
		}
		if c.Identity != "day" {
			classified[c.Table] = append(classified[c.Table], c.Column)
		}
	}
	bare := map[string][]string{}
	for _, table := range queries.SnapshotTables {
		all, text := columns(shown(table))
		bare[table] = all
		if got, want := slices.Sorted(slices.Values(classified[table])), slices.Sorted(slices.Values(text)); !slices.Equal(got, want) {
			t.Errorf("published_columns.csv classifies the columns %v of %s; its text columns are %v", got, table, want)
		}
	}
	if err := db.Exec(t.Context(), "insert into hidden_ids values ('00000000-0000-4000-8000-000000000001', date '9999-12-31')"); err != nil {
		t.Fatal(err)
	}
	for _, table := range queries.SnapshotTables {
		if all, _ := columns(shown(table)); !slices.Equal(all, bare[table]) {
			t.Errorf("%s has the columns %v when somebody opted out, else %v", table, all, bare[table])
		}
	}
}

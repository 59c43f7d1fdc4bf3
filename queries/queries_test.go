package queries

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/queries/columnar"
)

// Every file is in a list and every name in a list is a file.
func TestEveryFileIsUsed(t *testing.T) {
	var loads []string
	for _, table := range Evidence {
		loads = append(loads, table+"_staged", table+"_winners")
	}
	var steps []string
	for _, s := range Steps() {
		if !slices.Contains(Reports, s.Name) {
			steps = append(steps, s.Name)
		}
	}
	for folder, list := range map[string][]string{"attribute": steps, "report": Reports, "load": loads, "snapshot": SnapshotTables} {
		want := slices.Sorted(slices.Values(list))
		if got := List(folder); !slices.Equal(got, want) {
			t.Errorf("%s/ holds %v, the list names %v", folder, got, want)
		}
	}
}

// The files of the ledger's schema are numbered 1, 2, 3 and so on: a gap would let a ledger skip a version, two of one number would
// leave one of them out.
func TestSchema(t *testing.T) {
	for i, v := range Schema() {
		if v.Number != int64(i+1) {
			t.Errorf("%s is file %d of the schema", v.File, i+1)
		}
		if !regexp.MustCompile(`^schema/\d{4}_[a-z_]+\.sql$`).MatchString(v.File) {
			t.Errorf("%s: the name must be NNNN_name.sql", v.File)
		}
		if !strings.HasPrefix(Text(v.File), fmt.Sprintf("-- Schema version %d", v.Number)) {
			t.Errorf("%s: the first line must begin with \"-- Schema version %d\"", v.File, v.Number)
		}
	}
}

// The first comment of a file names it, says what a row is, and why the table is made.
func TestHeaders(t *testing.T) {
	for _, folder := range []string{"attribute", "report", "snapshot", "explain", "published", "compare", "diff"} {
		for _, name := range List(folder) {
			text := Text(folder + "/" + name + ".sql")
			if !strings.HasPrefix(text, "-- "+name+": ") {
				t.Errorf("%s/%s.sql: the first line must begin with \"-- %s: \"", folder, name, name)
			}
			if !regexp.MustCompile(`(?m)^-- Why: `).MatchString(text) && !strings.Contains(text, "-- Why: ") {
				t.Errorf("%s/%s.sql: no line \"-- Why: \"", folder, name)
			}
		}
	}
}

// withoutComments removes comments and the texts of literals, so that neither is taken for SQL.
func withoutComments(text string) string {
	text = regexp.MustCompile(`--[^\n]*`).ReplaceAllString(text, "")
	return regexp.MustCompile(`'[^']*'`).ReplaceAllString(text, "''")
}

// What is not in the subset that DuckDB and Spark SQL share (SPEC 8), or does not mean the same in both.
var forbidden = []struct{ pattern, why string }{
	{`regexp_replace`, "replaces the first match in DuckDB, all in Spark"},
	{`\bqualify\b`, "Spark has it from 4.2 on only; use row_number in a subquery"},
	{`\bexclude\b`, "DuckDB only; list the columns"},
	{`::`, "DuckDB only; use cast"},
	{`\\`, "backslashes are escapes in Spark"},
	{`\bconcat\s*\(`, "skips NULL in DuckDB; use ||"},
	{`\bavg\s*\(`, "DOUBLE in DuckDB; use try_divide of sum and count"},
	{`[^/]/[^/]`, "DOUBLE in DuckDB; use try_divide"},
	{`//`, "no operator in Spark"},
	{`\[\s*\d`, "starts at 1 in DuckDB, at 0 in Spark; explode instead"},
	{`\blast_value\b`, "IGNORE NULLS stands elsewhere"},
	{`\bany_value\b`, "first non-null in DuckDB only"},
	{`\basof\b`, "no ASOF JOIN in Spark"},
	{`\bvarchar\b`, "needs a length in Spark; use string"},
	{`"`, "a literal in Spark; use plain identifiers"},
	{`;`, "one statement a file, without its semicolon"},
	{`\{\{|\$\w`, "no template text; parameters are the view params"},
	{`\bread_\w+\s*\(`, "files belong to the engine"},
	{`\bstrptime\b|\bepoch\w*\s*\(|\bunnest\s*\(|\bstarts_with\s*\(|\bregexp_matches\s*\(`, "use Spark's name, a macro in DuckDB"},
}

func TestPortableSubset(t *testing.T) {
	for _, folder := range []string{"attribute", "report", "snapshot"} {
		for _, name := range List(folder) {
			text := Text(folder + "/" + name + ".sql")
			code := withoutComments(text)
			if strings.ToLower(code) != code {
				t.Errorf("%s/%s.sql: SQL is written in lower case", folder, name)
			}
			if strings.Contains(regexp.MustCompile(`--[^\n]*`).ReplaceAllString(text, ""), `\`) {
				t.Errorf("%s/%s.sql: a backslash in a literal means something else in Spark", folder, name)
			}
			for _, f := range forbidden {
				if m := regexp.MustCompile(`(?i)` + f.pattern).FindString(code); m != "" {
					t.Errorf("%s/%s.sql: %q is not in the shared subset: %s", folder, name, strings.TrimSpace(m), f.why)
				}
			}
			orders := regexp.MustCompile(`(?is)order\s+by\s+(.*?)(\brows between\b|\n\s*\)|\)\s*as\b|$)`).FindAllStringSubmatch(code, -1)
			for _, o := range orders {
				if strings.Count(o[1], "nulls") < len(splitTop(o[1])) {
					t.Errorf("%s/%s.sql: order by %s: every key says where NULL goes", folder, name, strings.Join(strings.Fields(o[1]), " "))
				}
			}
			for _, sum := range regexp.MustCompile(`(?i)(\w*\(?)\b(sum|count)\s*\(`).FindAllStringSubmatchIndex(code, -1) {
				before := strings.TrimRight(code[max(0, sum[4]-40):sum[4]], " \n")
				if strings.HasSuffix(before, "cast(") || strings.Contains(before, "having") || strings.Contains(before, "case") {
					continue
				}
				t.Errorf("%s/%s.sql: %s( without a cast around it: its type differs between the engines", folder, name, code[sum[4]:sum[5]])
			}
		}
	}
}

// splitTop splits at commas outside of parentheses.
func splitTop(s string) []string {
	var parts []string
	depth, start := 0, 0
	for i, c := range s {
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				parts = append(parts, s[start:i])
				start = i + 1
			}
		}
	}
	return append(parts, s[start:])
}

// Every step and report runs on a ledger without any row.
func TestChainOnEmptyTables(t *testing.T) {
	ctx := t.Context()
	db, err := OpenDB(ctx, DBOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, v := range Schema() {
		if err := db.Exec(ctx, Text(v.File)); err != nil {
			t.Fatalf("%s: %v", v.File, err)
		}
	}
	if err := db.Exec(ctx, "create view usage as select * from usage_columns; create temp table changed_inputs (input varchar, month_start date, changed_at timestamp)"); err != nil {
		t.Fatal(err)
	}
	a := Attribution{Owner: "first", Credit: "primary", SharedCorrelation: "per_request", InheritChildren: true, CostBasis: "auto"}
	if err := db.Table(ctx, "usage_days", Text("attribute/usage_days.sql")); err != nil {
		t.Fatal(err)
	}
	if err := db.Table(ctx, "slice_facts", Text("ledger/slice_facts.sql")); err != nil {
		t.Fatal(err)
	}
	compare := func(ctx context.Context) error {
		return errors.Join(db.Table(ctx, "asked_days", Text("ledger/new_pairs.sql")), db.Table(ctx, "pair_days", Text("attribute/pair_days.sql")))
	}
	months := &Months{Folder: t.TempDir(), Compare: compare, Usage: func(context.Context) error { return nil }}
	if err := db.Attribute(ctx, a, nil, months, func(string, int, int) {}); err != nil {
		t.Fatal(err)
	}
	for _, table := range SnapshotTables {
		want := int64(0)
		if table == "settings" {
			want = 1
		}
		if n, err := db.Count(ctx, "select count(*) from ("+Text("snapshot/"+table+".sql")+")"); err != nil || n != want {
			t.Errorf("snapshot table %s: %d rows, %v", table, n, err)
		}
	}
	checkPublished(t, db)
	for _, r := range Reports {
		rows, err := db.Report(ctx, r, nil)
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
func checkPublished(t *testing.T, db *DB) {
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
	published := func(table string) string {
		text, err := db.Published(t.Context(), table)
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
		if !slices.Contains(SnapshotTables, c.Table) && !slices.Contains(Reports, c.Table) {
			t.Errorf("published_columns.csv: no table %s is published", c.Table)
		}
		if c.Identity != "day" {
			classified[c.Table] = append(classified[c.Table], c.Column)
		}
	}
	bare := map[string][]string{}
	for _, table := range SnapshotTables {
		all, text := columns(published(table))
		bare[table] = all
		if got, want := slices.Sorted(slices.Values(classified[table])), slices.Sorted(slices.Values(text)); !slices.Equal(got, want) {
			t.Errorf("published_columns.csv classifies the columns %v of %s; its text columns are %v", got, table, want)
		}
	}
	if err := db.Exec(t.Context(), "insert into hidden_ids values ('00000000-0000-4000-8000-000000000001', date '9999-12-31')"); err != nil {
		t.Fatal(err)
	}
	for _, table := range SnapshotTables {
		if all, _ := columns(published(table)); !slices.Equal(all, bare[table]) {
			t.Errorf("%s has the columns %v when somebody opted out, else %v", table, all, bare[table])
		}
	}
}

func FuzzQuote(f *testing.F) {
	ctx := f.Context()
	db, err := OpenDB(ctx, DBOptions{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { db.Close() })
	f.Add("it's")
	f.Add(`"; drop table x; --`)
	f.Fuzz(func(t *testing.T, s string) {
		if strings.ContainsRune(s, 0) || strings.ToValidUTF8(s, "") != s {
			t.Skip("the engine takes UTF-8 without NUL only")
		}
		rows, err := db.Query(ctx, "select "+quoteLiteral(s)+" as "+quoteIdent("c"+s))
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		if !rows.Next() || rows.Values()[0].S != s || rows.Schema()[0].Name != "c"+s {
			t.Fatalf("%q came back as %v", s, rows.Schema())
		}
	})
}

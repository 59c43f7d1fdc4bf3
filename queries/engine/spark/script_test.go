package spark

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/queries/engine"
)

func newScript(t *testing.T) (*Script, string) {
	dir := t.TempDir()
	s, err := NewScript(t.Context(), Options{Lake: Lake{dir, "abfss://usage@contoso.dfs.core.windows.net/it's/"}, Steps: filepath.Join(dir, "runs", "r1", "steps")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, dir
}

// What the chain asks for, and what Spark is told: a table that is read once stays a view, one that is read twice, or by a view that is, is written.
func TestStatements(t *testing.T) {
	s, dir := newScript(t)
	ctx := t.Context()
	steps := []func() error{
		func() error {
			return s.Values(ctx, "params", columnar.Schema{{Name: "owner", Type: columnar.String}, {Name: "at", Type: columnar.Date}, {Name: "flag", Type: columnar.Bool}},
				[][]any{{`it's a \`, nil, true}})
		},
		func() error {
			return s.Values(ctx, "none", columnar.Schema{{Name: "n", Type: columnar.Int}}, nil)
		},
		func() error {
			return s.Input(ctx, "usage", engine.Files{Paths: []string{filepath.Join(dir, "usage")}, Columns: "select cast(null as decimal(38,18)) as cost, cast(null as timestamp) as at, cast(null as varchar[]) as ids"})
		},
		func() error {
			return s.Table(ctx, "once", "-- once: a row, isn't it;\nselect u.cost -- it's\nfrom usage u cross join params p")
		},
		func() error {
			return s.Table(ctx, "twice", "select o.cost, '-- no comment' as text from once o")
		},
		func() error { return s.View(ctx, "pair", "select a.cost from twice a join none n on n.n = a.cost") },
		func() error {
			_, err := s.Write(ctx, "select * from pair\nunion all select * from pair", filepath.Join(dir, "runs", "r1", "reports", "pair"), "month")
			return err
		},
		func() error {
			return s.Input(ctx, "detail", engine.Files{Paths: []string{filepath.Join(dir, "runs", "r1", "reports", "pair", "month=2026-03")}, Partition: "month", Columns: "select * from pair"})
		},
		func() error { return s.Table(ctx, "twice", "select count(*) as n from detail") },
		func() error { s.Check("sums", "select d.n from twice d", []string{"n"}, "it's wrong"); return nil },
	}
	for i, step := range steps {
		if err := step(); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
	}
	var got strings.Builder
	for _, st := range s.Lake.Publish(s.Statements(), "r1", filepath.Join(dir, "runs", "r1")) {
		fmt.Fprintf(&got, "-- %s\n%s;\n", st.Name, st.Text)
	}
	settingLines := ""
	for _, set := range settings {
		settingLines += "-- settings\nset " + set + ";\n"
	}
	const base = `abfss://usage@contoso.dfs.core.windows.net/it\'s/`
	want := settingLines + `-- params
create or replace temporary view params as
select * from values
(cast('it\'s a \\' as string), cast(null as date), cast(true as boolean))
as v(owner, at, flag);
-- none
create or replace temporary view none as
select cast(null as bigint) as n where false;
-- usage
create or replace temporary view usage (cost decimal(38,18), at timestamp, ids array<string>)
using parquet options (path '` + base + `usage', recursiveFileLookup 'true');
-- once
create or replace temporary view once as
select u.cost
from usage u cross join params p;
-- twice
insert overwrite directory '` + base + `runs/r1/steps/004_twice' using parquet
select o.cost, '-- no comment' as text from once o;
-- twice
create or replace temporary view twice (cost decimal(38,18), text string)
using parquet options (path '` + base + `runs/r1/steps/004_twice', recursiveFileLookup 'true');
-- pair
create or replace temporary view pair as
select a.cost from twice a join none n on n.n = a.cost;
-- pair
insert overwrite directory '` + base + `runs/r1/reports/pair' using parquet
select * from pair
union all select * from pair;
-- detail
create or replace temporary view detail (cost decimal(38,18))
using parquet options (path '` + base + `runs/r1/reports/pair', recursiveFileLookup 'true');
-- twice
create or replace temporary view twice as
select count(*) as n from detail;
-- sums
insert overwrite directory '` + base + `runs/r1/steps/009_sums' using parquet
select case when count(*) = 1 then true else cast(raise_error('it\'s wrong') as boolean) end as is_right from (select distinct n from (
select d.n from twice d
) q) d;
-- published
insert overwrite directory '` + base + `published/r1' using parquet
select 'r1' as run_id, '` + base + `runs/r1' as folder;
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Error(diff)
	}
}

// Few rows are read in one task, under settings of their own.
func TestSmallStatements(t *testing.T) {
	s, dir := newScript(t)
	s.Small = true
	ctx := t.Context()
	if err := s.Input(ctx, "usage", engine.Files{Paths: []string{filepath.Join(dir, "usage")}, Columns: "select cast(null as date) as day"}); err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, st := range s.Statements()[len(settings):] {
		fmt.Fprintf(&got, "%s: %s %v;\n", st.Name, st.Text, st.After)
	}
	n := len(settings) + len(smallSettings)
	for _, want := range []string{
		"settings for few rows: set spark.sql.shuffle.partitions=1 [6];\n",
		fmt.Sprintf("usage: create or replace temporary view usage_files (day date)\nusing parquet options (path 'abfss://usage@contoso.dfs.core.windows.net/it\\'s/usage', recursiveFileLookup 'true') [%d];\n", n-1),
		fmt.Sprintf("usage: create or replace temporary view usage as\nselect /*+ coalesce(1) */ * from usage_files [%d];\n", n),
	} {
		if !strings.Contains(got.String(), want) {
			t.Errorf("no %q in\n%s", want, got.String())
		}
	}
}

// A question is answered with columns, never with rows.
func TestQueryKnowsColumns(t *testing.T) {
	s, _ := newScript(t)
	ctx := context.Background()
	if err := s.Values(ctx, "v", columnar.Schema{{Name: "n", Type: columnar.Int}, {Name: "d", Type: columnar.Decimal}}, [][]any{{int64(1), nil}}); err != nil {
		t.Fatal(err)
	}
	rows, err := s.Query(ctx, "select d, n from v")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if diff := cmp.Diff(columnar.Schema{{Name: "d", Type: columnar.Decimal}, {Name: "n", Type: columnar.Int}}, rows.Schema()); diff != "" {
		t.Error(diff)
	}
	if rows.Next() {
		t.Error("there is a row")
	}
}

package adhoc

import (
	"context"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/testdata/faults"
)

// testSnapshot writes a snapshot with the tables summary (one row) and attributed_usage (two months), and a secret beside it.
func testSnapshot(t *testing.T) (folder, secret string, tables []Table) {
	t.Helper()
	base, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	folder, secret = filepath.Join(base, "it's a snapshot"), filepath.Join(base, "secret.csv")
	if err := os.WriteFile(secret, []byte("a,b\n1,2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	schema := columnar.Schema{{Name: "month", Type: columnar.String}, {Name: "effective_cost", Type: columnar.Decimal}, {Name: "usage_rows", Type: columnar.Int}}
	write := func(path string, schema columnar.Schema, rows int) {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		w, err := columnar.Create(path, schema, columnar.Options{})
		if err != nil {
			t.Fatal(err)
		}
		b := columnar.NewBatch(schema)
		cost, err := columnar.ParseDecimal([]byte("12345678901234567890.000000000000000001"))
		if err != nil {
			t.Fatal(err)
		}
		for range rows {
			for i, c := range schema {
				switch c.Type {
				case columnar.String:
					b.Str(i, "2026-03")
				case columnar.Decimal:
					b.Decimal(i, cost)
				default:
					b.Int(i, 7)
				}
			}
			b.EndRow()
		}
		if err := errors.Join(w.Write(b), w.Close()); err != nil {
			t.Fatal(err)
		}
	}
	summary := filepath.Join(folder, "summary.parquet")
	march, april := filepath.Join(folder, "attributed_usage", "month=2026-03", "a.parquet"), filepath.Join(folder, "attributed_usage", "month=2026-04", "a.parquet")
	write(summary, schema, 1)
	write(march, schema[1:], 2)
	write(april, schema[1:], 3)
	return folder, secret, []Table{
		{Name: "summary", Files: []string{summary}}, {Name: "attributed_usage", Files: []string{march, april}, Partition: "month"}, {Name: "nothing", Empty: schema},
	}
}

func testReader(t *testing.T) (r *Reader, folder, secret string) {
	t.Helper()
	folder, secret, tables := testSnapshot(t)
	r, err := Open(t.Context(), folder, tables, Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(r.spill.folder); err == nil {
			t.Error("the private folder is still there")
		}
	})
	return r, folder, secret
}

// texts reads a result as texts of the engine's values.
func texts(t *testing.T, r *Reader, text string, params map[string]string) [][]Cell {
	t.Helper()
	res, err := r.Query(t.Context(), text, params)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer res.Close()
	var out [][]Cell
	for res.Next() {
		out = append(out, slices.Clone(res.Cells()))
	}
	if err := res.Err(); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if int64(len(out)) != res.Rows() {
		t.Errorf("%s: %d rows, said %d", text, len(out), res.Rows())
	}
	return out
}

func TestReader(t *testing.T) {
	r, _, _ := testReader(t)
	for text, want := range map[string]string{
		"select month from summary":                                      "2026-03",
		"from summary select month;":                                     "2026-03",
		"select month -- a comment; and more\nfrom summary ; -- the end": "2026-03",
		"select max(month) from attributed_usage":                        "2026-04",
		"select cast(count(*) as varchar) from nothing":                  "0",
		"with a as (select 'x' as v) select v from a":                    "x",
		"describe summary":                                               "month",
		"show tables;":                                                   "attributed_usage",
		"summarize summary":                                              "month",
		"select view_name from duckdb_views() where not internal order by 1 limit 1": "attributed_usage",
		"pivot summary on month in ('2026-03') using sum(usage_rows)":                "",
		"select string_agg(v) from (values ('a'), ('b')) t(v)":                       "a,b",
		"select $a || $B": "12",
		"select month from summary where month = $a || '026-03' or usage_rows >= $b":         "2026-03",
		"select month from summary where cast('2026-03-01' as date) > $d and $a is not null": "2026-03",
		"select month from summary limit $a":                                                 "2026-03",
		"select month from attributed_usage order by month desc limit 1":                     "2026-04",
		"select ';' || '--' || $$;$$ from summary":                                           ";--;",
		"select unnest(['u'])":                   "u",
		"select cast(interval 1 day as varchar)": "1 day",
		"select cast(try_divide(cast(1 as decimal(38,18)), cast(3 as decimal(1,0))) as varchar)":    "0.333333333333333333",
		"select json_extract_string(value, '$') from json_each('[\"j\"]')":                          "j",
		"select s from (select 'nested' as s) where exists (select 1 from range(3) t(i) where i=1)": "nested",
	} {
		params := map[string]string{}
		for name, value := range map[string]string{"a": "1", "b": "2", "d": "2026-01-31"} {
			if strings.Contains(strings.ToLower(text), "$"+name) {
				params[name] = value
			}
		}
		if strings.Contains(text, "'026-03'") {
			params["a"] = "2"
		}
		got := texts(t, r, text, params)
		if len(got) == 0 || got[0][0].S != want {
			t.Errorf("%s: %+v, want %s", text, got, want)
		}
	}
}

// Whatever a SELECT can come back with is read, with every digit.
func TestReaderTypes(t *testing.T) {
	r, _, _ := testReader(t)
	n := func(s string) *big.Int {
		v, ok := new(big.Int).SetString(s, 10)
		if !ok {
			t.Fatal(s)
		}
		return v
	}
	for text, want := range map[string]struct {
		kind  FieldKind
		scale int
		cell  Cell
	}{
		"effective_cost from summary":                                 {KindDecimal, 18, Cell{N: n("12345678901234567890000000000000000001")}},
		"sum(effective_cost) from summary":                            {KindDecimal, 18, Cell{N: n("12345678901234567890000000000000000001")}},
		"sum(usage_rows) from summary":                                {KindBig, 0, Cell{N: n("7")}},
		"cast('-170141183460469231731687303715884105728' as hugeint)": {KindBig, 0, Cell{N: n("-170141183460469231731687303715884105728")}},
		"cast('340282366920938463463374607431768211455' as uhugeint)": {KindBig, 0, Cell{N: n("340282366920938463463374607431768211455")}},
		"cast('18446744073709551615' as ubigint)":                     {KindBig, 0, Cell{N: n("18446744073709551615")}},
		"cast(-1.50 as decimal(3,2))":                                 {KindDecimal, 2, Cell{N: n("-150")}},
		"cast(-128 as tinyint)":                                       {KindInt, 0, Cell{I: -128}},
		"cast(4294967295 as uinteger)":                                {KindInt, 0, Cell{I: 4294967295}},
		"cast(0.1 as double)":                                         {KindFloat, 0, Cell{F: 0.1}},
		"cast(0.5 as float)":                                          {KindFloat, 0, Cell{F: 0.5}},
		"true":                                                        {KindBool, 0, Cell{I: 1}},
		"date '1969-12-31'":                                           {KindDate, 0, Cell{I: -1}},
		"date 'infinity'":                                             {KindDate, 0, Cell{I: 1<<63 - 1}},
		"timestamp '1970-01-01 00:00:01.000002'":                      {KindTime, 0, Cell{I: 1000002}},
		"timestamp '-infinity'":                                       {KindTime, 0, Cell{I: -1 << 63}},
		"timestamptz '1970-01-01 01:00:00+01'":                        {KindTime, 0, Cell{}},
		"timestamp_s '1970-01-01 00:00:01'":                           {KindTime, 0, Cell{I: 1000000}},
		"timestamp_ns '2026-01-01 00:00:00.123456789'":                {KindText, 0, Cell{S: "2026-01-01 00:00:00.123456789"}},
		"time '10:11:12'":                                             {KindText, 0, Cell{S: "10:11:12"}},
		"cast('x' as enum('x'))":                                      {KindText, 0, Cell{S: "x"}},
		"cast('101' as bit)":                                          {KindText, 0, Cell{S: "101"}},
		"cast('a\\xFF' as blob)":                                      {KindText, 0, Cell{S: `a\xFF`}},
		"cast('00000000-0000-0000-0000-000000000001' as uuid)":        {KindText, 0, Cell{S: "00000000-0000-0000-0000-000000000001"}},
		"null":                         {KindInt, 0, Cell{Null: true}},
		"cast(null as decimal(38,18))": {KindDecimal, 18, Cell{Null: true}},
		"cast(null as date)":           {KindDate, 0, Cell{Null: true}},
		"['a', null]":                  {KindJSON, 0, Cell{S: `["a",null]`}},
		"{'DECIMAL(3,1)': cast(0.10 as decimal(38,18)), 'd': [current_date - current_date]}": {KindJSON, 0, Cell{S: `{"DECIMAL(3,1)":"0.100000000000000000","d":[0]}`}},
		"map {'k': cast(1 as hugeint)}": {KindJSON, 0, Cell{S: `{"k":"1"}`}},
		"cast('{\"a\": 1.10}' as json)": {KindJSON, 0, Cell{S: `{"a": 1.10}`}},
		"array_value(1, 2)":             {KindJSON, 0, Cell{S: "[1,2]"}},
		"union_value(a := 1)":           {KindJSON, 0, Cell{S: `{"a":1}`}},
	} {
		res, err := r.Query(t.Context(), "select "+text, nil)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if !res.Next() {
			t.Errorf("%s: no row: %v", text, res.Err())
			continue
		}
		f, got := res.Fields()[0], res.Cells()[0]
		same := got.Null == want.cell.Null && got.S == want.cell.S && got.I == want.cell.I && got.F == want.cell.F &&
			(got.N == nil) == (want.cell.N == nil) && (got.N == nil || got.N.Cmp(want.cell.N) == 0)
		if f.Kind != want.kind || f.Scale != want.scale || !same {
			t.Errorf("%s: %+v %+v, want %+v", text, f, got, want)
		}
		if err := res.Close(); err != nil {
			t.Error(err)
		}
	}
}

// Batches come in the order of the query, none lost at their borders.
func TestReaderBatches(t *testing.T) {
	r, _, _ := testReader(t)
	res, err := r.Query(t.Context(), "select 200000 - i as i from range(200000) t(i) order by 1", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Close()
	want := int64(1)
	for ; res.Next(); want++ {
		if got := res.Cells()[0].I; got != want {
			t.Fatalf("row %d is %d", want, got)
		}
	}
	if res.Err() != nil || want != 200001 {
		t.Errorf("%d rows, %v", want-1, res.Err())
	}
}

// tree lists every file below a folder with its size and time.
func tree(t *testing.T, folder string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.Walk(folder, func(path string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			b.WriteString(path + " " + info.ModTime().String() + "\n")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Everything the manual offers to read, write or change anything is refused, each alone and inside of a SELECT.
func TestReaderIsConfined(t *testing.T) {
	tally := faults.Count(t, "escape from query")
	r, folder, secret := testReader(t)
	t.Setenv("PIDLEDGER_SECRET", "sesame")
	base := filepath.Dir(folder)
	before := tree(t, base)
	inside := filepath.Join(folder, "new")
	summary := filepath.Join(folder, "summary.parquet")
	link := filepath.Join(folder, "..", filepath.Base(secret))
	var attempts []string
	for _, path := range []string{secret, inside, summary, link, filepath.Join(base, "*"), "/etc/passwd", "~/x.csv", "file://" + secret, "https://example.com/x.parquet", "s3://b/x.parquet"} {
		p := engine.Literal(path)
		attempts = append(attempts,
			"copy summary to "+p, "copy (select 1) to "+p+" (format csv)", "attach "+p+" as x", "attach "+p+" as x (read_only)", "export database "+p, "import database "+p,
			"create table x as select * from read_csv("+p+")", "insert into summary select * from read_csv("+p+")", "load "+p, "install "+p,
			"create secret s (type s3, key_id 'x')", "set temp_directory = "+p, "pragma temp_directory = "+p, "set log_query_path = "+p, "pragma enable_profiling; select 1",
			"pragma import_database("+p+")", "pragma copy_database(memory, "+engine.Ident(path)+")", "call enable_logging('QueryLog', storage = 'file', storage_config = {'path': "+p+"})",
			"explain analyze copy summary to "+p)
		for _, f := range []string{"read_csv", "read_csv_auto", "sniff_csv", "read_json", "read_json_auto", "read_json_objects", "read_json_objects_auto", "read_ndjson", "read_ndjson_auto",
			"read_ndjson_objects", "read_parquet", "parquet_scan", "parquet_metadata", "parquet_schema", "parquet_file_metadata", "parquet_kv_metadata", "read_text", "read_blob", "glob",
			"READ_TEXT", `"read_text"`, "main.read_text", "system.main.read_text"} {
			attempts = append(attempts, "from "+f+"("+p+")")
		}
		attempts = append(attempts, "from parquet_bloom_probe("+p+", 'a', 1)", "from query('from read_text("+strings.ReplaceAll(p, "'", "''")+")')", "from query_table(["+p+"])",
			"from enable_logging('QueryLog', storage = 'file', storage_config = {'path': "+p+"})", "from json_execute_serialized_sql(json_serialize_sql('select 1'))")
		if path != summary {
			attempts = append(attempts, "from "+p, "select * from "+engine.Ident(path))
		}
	}
	attempts = append(attempts,
		"insert into summary values (1)", "update summary set month = 'x'", "delete from summary", "truncate summary", "create table x (a int)", "create view x as select 1",
		"create or replace view summary as select 1", "create macro f() as 1", "create type x as enum ('a')", "create schema x", "create sequence x", "create index x on summary (month)",
		"drop view summary", "alter view summary rename to x", "merge into summary using summary on true when matched then delete", "set threads = 1", "reset threads", "set variable x = 1",
		"pragma database_list", "pragma version", "use memory", "detach memory", "checkpoint", "force checkpoint", "vacuum", "analyze", "begin", "commit", "prepare x as select 1", "execute x",
		"deallocate x", "call pragma_version()", "explain select 1", "load json", "install httpfs", "update extensions", "comment on view summary is 'x'", "select 1; select 2", "select 1; drop view summary",
		"pivot summary on month using sum(usage_rows)", "from enable_logging('QueryLog')", "from truncate_duckdb_logs()", "from disable_logging()", "from checkpoint()", "from force_checkpoint()",
		"from seq_scan(summary)", "from arrow_scan(1, 2, 3)", "from arrow_scan_dumb(1, 2, 3)", "from duckdb_secrets()", "from duckdb_settings()", "from which_secret('s3://x', 's3')",
		"from sql_auto_complete('x')", "from check_peg_parser('x')", "select write_log('x')", "select getenv('PIDLEDGER_SECRET')", "select 1 where getenv('PIDLEDGER_SECRET') = 'sesame'",
		"select 1 from summary where exists (from enable_logging('QueryLog'))", "with a as materialized (from enable_logging('QueryLog')) select 1",
		"select (select count(*) from enable_logging('QueryLog'))", "select * from summary, lateral (from enable_logging('QueryLog'))", "from (describe from enable_logging('QueryLog'))",
		"select 1 union all (select 1 from enable_logging('QueryLog'))", "pivot (from enable_logging('QueryLog')) on success in (true)", "select list_transform([1], lambda x: write_log('x'))",
		"summarize from enable_logging('QueryLog')", "describe (from enable_logging('QueryLog'))", "select 1 order by (select 1 from enable_logging('QueryLog'))",
		"select 1 limit (select 1 from enable_logging('QueryLog'))", "with recursive a as (select 1 union all from enable_logging('QueryLog')) from a", "values ((select 1 from enable_logging('x')))",
		"select sum(1) filter (exists (from enable_logging('QueryLog'))) from summary", "select row_number() over (order by (select 1 from enable_logging('QueryLog')))",
		"unpivot (from enable_logging('QueryLog')) on columns(*)", "from summary tablesample 1 rows semi join enable_logging('QueryLog') on true",
		"", " ;; -- nothing", "\x00", "select '\xff'")
	for _, text := range attempts {
		res, err := r.Query(t.Context(), text, nil)
		tally.Check("statements", err != nil, "refused")
		if err == nil {
			t.Errorf("%q was run: %d rows", text, res.Rows())
			res.Close()
			continue
		}
		var own *SQLError
		if !errors.As(err, &own) {
			t.Errorf("%q: %v is not a mistake of the person", text, err)
		}
	}
	if after := tree(t, base); after != before {
		t.Errorf("files changed:\n%s\nwere\n%s", after, before)
	}
	if entries, err := os.ReadDir(r.spill.folder); err != nil || len(entries) != 1 || entries[0].Name() != spillLock {
		t.Errorf("the private folder holds %v, %v", entries, err)
	}
	if got := texts(t, r, "select cast(count(*) as varchar) from summary", nil); got[0][0].S != "1" {
		t.Error("the table has changed")
	}
}

// A table function that a later engine brings is refused until somebody has looked at it; what is allowed exists.
func TestTableFunctionsAreListed(t *testing.T) {
	r, _, _ := testReader(t)
	var there []string
	for _, row := range texts(t, r, "select distinct function_name from duckdb_functions() where function_type in ('table', 'table_macro')", nil) {
		there = append(there, row[0].S)
	}
	for _, f := range tableFunctions {
		if !slices.Contains(there, f) {
			t.Errorf("there is no %s", f)
		}
	}
	for _, f := range there {
		_, err := r.Query(t.Context(), "from "+engine.Ident(f)+"()", nil)
		if refused := err != nil && strings.Contains(err.Error(), "is not allowed here"); refused == slices.Contains(tableFunctions, f) {
			t.Errorf("%s: refused: %v", f, refused)
		}
	}
}

func TestReaderErrors(t *testing.T) {
	r, _, _ := testReader(t)
	for text, want := range map[string]string{
		"select\n  effectve_cost from summary":     `line 2, column 3: Referenced column "effectve_cost" not found in FROM clause near effective_cost`,
		"select 'ä', x from summary":               `line 1, column 13: Referenced column "x" not found in FROM clause near month`,
		"select 1 from summery":                    "line 1, column 15: Table with name summery does not exist near summary",
		"select 1 +":                               "line 1, column 11: syntax error at end of input",
		"select cast(month as int) from summary":   "line 1, column 8: Could not convert string '2026-03' to INT32 when casting from source column month",
		"select 1 from\n read_text('/etc/passwd')": "line 2, column 2: the function read_text is not allowed here",
		"select $1":                      "a parameter of the query has no name",
		"drop table x":                   "only SELECT statements are run here, not DROP",
		"/* DROP */ delete from summary": "only SELECT statements are run here, not DELETE",
		"select 1; select 2":             "the query has several statements",
		"":                               "the query is empty",
	} {
		_, err := r.Query(t.Context(), text, nil)
		var own *SQLError
		if !errors.As(err, &own) {
			t.Errorf("%q: %v", text, err)
			continue
		}
		got := own.Error()
		if len(own.Near) > 0 {
			got += " near " + own.Near[0]
		}
		if got != want {
			t.Errorf("%q:\n%s, want\n%s", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"select $b, $a":     "no value for the parameter a, b; the query has no parameter y, z",
		"select $y, $z, $a": "no value for the parameter a",
		"select $y":         "the query has no parameter z",
	} {
		_, err := r.Query(t.Context(), text, map[string]string{"y": "1", "z": "2"})
		var own *ParamError
		if !errors.As(err, &own) || own.Error() != want || own.Try() == "" {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// An interrupted query ends with the context's error, and the Reader goes on.
func TestReaderInterrupted(t *testing.T) {
	r, _, _ := testReader(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer time.AfterFunc(50*time.Millisecond, cancel).Stop()
	if _, err := r.Query(ctx, "select sum(i * j) from range(10000000) a(i), range(1000000) b(j)", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if got := texts(t, r, "select month from summary", nil); len(got) != 1 {
		t.Errorf("rows %v", got)
	}
}

// A result larger than the memory lies in the private folder.
func TestReaderSpills(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 100 MB")
	}
	folder, _, tables := testSnapshot(t)
	r, err := Open(t.Context(), folder, tables, Options{Memory: 64_000_000, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	res, err := r.Query(t.Context(), "select i, md5(cast(i as varchar)) as h from range(2500000) t(i)", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Close()
	var n int64
	for ; res.Next(); n++ {
		if res.Cells()[0].I != n {
			t.Fatalf("row %d is %d", n, res.Cells()[0].I)
		}
	}
	if res.Err() != nil || n != 2500000 {
		t.Errorf("%d rows, %v", n, res.Err())
	}
}

// The report overlaps has the name of an operator.
func TestQuoteTables(t *testing.T) {
	for text, want := range map[string]string{
		"from overlaps":                          `from "overlaps"`,
		"select overlaps.month from Overlaps o":  `select "overlaps".month from "Overlaps" o`,
		"from summary join overlaps using (a)":   `from summary join "overlaps" using (a)`,
		`from "overlaps" -- from overlaps`:       `from "overlaps" -- from overlaps`,
		"select 'from overlaps', (a) overlaps b": "select 'from overlaps', (a) overlaps b",
		"from /* all */ overlaps":                `from /* all */ "overlaps"`,
	} {
		if got := quoteTables(text); got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
}

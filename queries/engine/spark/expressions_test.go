package spark

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/queries/engine"
)

// expression is a line of testdata/spark/expressions.csv.
type expression struct {
	line        int
	text        string
	duck, spark string // type and value, with a blank between
	isTrap      bool   // the engines differ
}

func expressions(t *testing.T) (out []expression) {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "..", "testdata", "spark", "expressions.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows[1:] {
		e := expression{line: i + 5, text: row[1], duck: row[2] + " " + row[3], isTrap: strings.HasPrefix(row[0], "!")}
		if e.spark = row[4]; e.spark == "" {
			e.spark = e.duck
		}
		if !e.isTrap && value(e.duck) != value(e.spark) || e.isTrap && e.duck == e.spark {
			t.Errorf("line %d: %s: what differs has a topic that begins with !, and nothing else has", e.line, e.text)
		}
		out = append(out, e)
	}
	return out
}

// value is what an expression gives, without its type.
func value(typed string) string {
	_, v, _ := strings.Cut(typed, " ")
	return v
}

// What the shared subset computes on DuckDB: of expressions that Spark computes alike, and of those to stay clear of.
func TestExpressions(t *testing.T) {
	db, err := engine.Open(t.Context(), engine.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	names := strings.NewReplacer("VARCHAR", "string", "INTEGER", "int")
	for _, e := range expressions(t) {
		got, err := engine.AskOne[struct{ Type, Value string }](t.Context(), db, fmt.Sprintf("select typeof(e) as type, coalesce(cast(e as string), 'NULL') as value from (select %s as e) q", e.text))
		if value(e.duck) == "ERROR" && err != nil {
			continue
		}
		if err != nil {
			t.Errorf("line %d: %s: %v", e.line, e.text, err)
		} else if is := strings.ToLower(names.Replace(got.Type)) + " " + got.Value; is != e.duck {
			t.Errorf("line %d: %s is %s, expected %s", e.line, e.text, is, e.duck)
		}
	}
}

// The same on a real Spark, which make test-spark starts.
func TestExpressionsOnSpark(t *testing.T) {
	command := strings.Fields(os.Getenv("PIDLEDGER_SPARK_SQL"))
	if len(command) == 0 {
		t.Skip("SKIPPED: no Spark is here: make test-spark starts one")
	}
	asked := expressions(t)
	var parts []string
	for i, e := range asked {
		parts = append(parts, fmt.Sprintf("select %d as n, typeof(e) as type, coalesce(cast(e as string), 'NULL') as value from (select %s as e) q", i, e.text))
	}
	results := filepath.Join(t.TempDir(), "results")
	var script []string
	for _, set := range settings {
		script = append(script, "set "+set)
	}
	runScript(t, command, append(script, write("file://"+results, strings.Join(parts, "\nunion all\n"))))

	db, err := engine.Open(t.Context(), engine.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	files, err := filepath.Glob(filepath.Join(results, "*.parquet"))
	if err != nil || len(files) == 0 {
		t.Fatalf("Spark wrote nothing (%v)", err)
	}
	got, err := engine.Ask[struct {
		N           int64
		Type, Value string
	}](t.Context(), db, "select n, type, value from "+engine.ParquetSource(files)+" order by n")
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(asked) {
		t.Fatalf("%d answers to %d expressions", len(got), len(asked))
	}
	names := map[string]string{"timestamp_ntz": "timestamp", "timestamp": "timestamp_ltz"} // the second is in the time zone of the session
	for i, e := range asked {
		is := got[i].Type
		if names[is] != "" {
			is = names[is]
		}
		if is += " " + got[i].Value; is != e.spark {
			t.Errorf("line %d: %s is %s on Spark, expected %s", e.line, e.text, is, e.spark)
		}
	}
	t.Logf("%d expressions compared on Spark", len(asked))
}

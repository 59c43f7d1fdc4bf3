package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/night"
	"github.com/pidledger/pidledger/ingest/ingesttest"
	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/queries/engine/spark"
	"github.com/pidledger/pidledger/queries/engine/spark/connect"
	"github.com/pidledger/pidledger/report"
)

// DuckDB stands in for Spark: what Spark itself makes of the statements is for make test-spark.
func TestNightOnSpark(t *testing.T) {
	lost := func(ctx context.Context, r connect.Remote, statements []spark.Statement, done func(int, time.Duration)) error {
		return errors.Join(onDuckDB(ctx, r, statements[:120], done), errors.New("the connection was lost"))
	}
	nightsOnSpark(t, nil, lost, onDuckDB)
}

// nightsOnSpark: a night that has Spark judge publishes what a night on this machine does; attributed_usage stays in the lake. When the connection is lost on the
// way, nothing is published, and the next night does it all. Given are settings of the server.
func nightsOnSpark(t *testing.T, given map[string][]string, lost, cluster night.Cluster) {
	t.Helper()
	dir := t.TempDir()
	lake := filepath.Join(dir, "lake")
	at := time.Date(2026, 5, 2, 3, 4, 5, 0, time.UTC)
	begin := func(name, engine string, cluster night.Cluster) error {
		t.Helper()
		values := map[string][]string{
			"ledger": {filepath.Join(dir, name+"-ledger")}, "report.dir": {filepath.Join(dir, name)}, "report.formats": {"csv"}, "limits.threads": {"1"},
			"engine": {engine}, "spark.folder": {lake}, "spark.remote": {"sc://localhost"},
		}
		maps.Copy(values, given)
		c, _, err := config.Load(config.Given{File: filepath.Join("..", "testdata", "demo", "pidledger.yaml"), Values: values}, nil)
		if err != nil {
			t.Fatal(err)
		}
		at = at.Add(24 * time.Hour)
		n := night.New(night.Options{Config: c, Progress: ingesttest.Quiet{}, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return at }, Version: "test",
			RunID: at.Format("20060102") + "T000000-" + name[:1], Spark: cluster})
		_, err = n.Run(t.Context(), night.Whole, night.Steps)
		return errors.Join(err, n.End(exit.ResultOf(err)))
	}
	var partial *exit.PartialError
	if err := begin("spark", config.OnSpark, lost); err == nil || !strings.Contains(err.Error(), " was lost") {
		t.Fatalf("the night says %v", err)
	}
	for _, gone := range []string{filepath.Join(dir, "spark"), filepath.Join(lake, spark.Pointers)} {
		if _, err := os.Stat(gone); err == nil {
			t.Errorf("%s is published though Spark failed", gone)
		}
	}
	if err := begin("spark", config.OnSpark, cluster); err != nil && !errors.As(err, &partial) {
		t.Fatal(err)
	}
	at = at.Add(-24 * time.Hour)
	if err := begin("duckdb", config.DuckDB, nil); err != nil && !errors.As(err, &partial) {
		t.Fatal(err)
	}
	equal := func() {
		t.Helper()
		want, err := filepath.Glob(filepath.Join(dir, "duckdb", "*.csv"))
		if err != nil || len(want) < 10 {
			t.Fatalf("reports %q (%v)", want, err)
		}
		for _, file := range want {
			w, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			g, err := os.ReadFile(filepath.Join(dir, "spark", filepath.Base(file)))
			if err != nil || string(g) != string(w) {
				t.Errorf("%s is not what it is without Spark (%v)", filepath.Base(file), err)
			}
		}
	}
	equal()
	pointers, err := filepath.Glob(filepath.Join(lake, spark.Pointers, "*", "*.parquet"))
	if err != nil || len(pointers) != 1 {
		t.Errorf("pointers %q (%v)", pointers, err)
	}
	entry := func(name string) (r report.ManifestReport) {
		m, err := report.ReadManifest(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, r = range m.Reports {
			if r.Report == "attributed_usage" {
				return r
			}
		}
		return r
	}
	if s, d := entry("spark"), entry("duckdb"); s.Rows != d.Rows || len(s.Files) != 0 || !strings.HasSuffix(s.Elsewhere, "/reports/attributed_usage") || d.Elsewhere != "" {
		t.Errorf("the manifest says %+v", s)
	}
	code, _, errs := runWith(t, nil, "query", "select count(*) from attributed_usage", "--report-dir", filepath.Join(dir, "spark"))
	if code != exit.Failed || !strings.Contains(errs, "attributed_usage is too large to be copied here: its rows are in file:///") {
		t.Errorf("exit code %d: %s", code, errs)
	}
	if err := begin("spark", config.DuckDB, nil); err != nil && !errors.As(err, &partial) {
		t.Fatal(err)
	}
	equal()
	if s := entry("spark"); len(s.Files) == 0 || s.Elsewhere != "" {
		t.Errorf("back on this machine the manifest says %+v", s)
	}
}

var (
	sparkFiles  = regexp.MustCompile(`(?s)^create or replace temporary view (\w+)(?: \((.*?)\))?\nusing parquet options \(path '(.*)', recursiveFileLookup 'true'\)$`)
	sparkView   = regexp.MustCompile(`(?s)^create or replace temporary view (\w+) as\n(.*)$`)
	sparkInsert = regexp.MustCompile(`(?s)^insert overwrite directory '(.*?)' using parquet\n(.*)$`)
	sparkValues = regexp.MustCompile(`(?s)^select \* from values\n(.*)\nas v(\(.*\))$`)
)

// onDuckDB is a Cluster that runs the statements on DuckDB: a view is a table there, made when Spark resolves the view. Of those that may run it always
// takes the last, so that one that has to wait must say so.
func onDuckDB(ctx context.Context, _ connect.Remote, statements []spark.Statement, done func(int, time.Duration)) error {
	db, err := engine.Open(ctx, engine.Options{Threads: 1})
	if err != nil {
		return err
	}
	defer db.Close()
	path := func(uri string) string { return strings.TrimPrefix(uri, "file://") }
	var left []int
	for i := range statements {
		left = append(left, i)
	}
	for len(left) > 0 {
		next := len(left) - 1
		for slices.ContainsFunc(statements[left[next]].After, func(before int) bool { return slices.Contains(left, before) }) {
			next--
		}
		i := left[next]
		left = slices.Delete(left, next, next+1)
		s, began := statements[i], time.Now()
		text := strings.NewReplacer(`\\`, `\`, `\'`, `''`).Replace(s.Text)
		switch {
		case strings.HasPrefix(text, "set "):
		case sparkFiles.MatchString(text):
			m := sparkFiles.FindStringSubmatch(text)
			if strings.HasSuffix(m[3], ".parquet") {
				err = db.Table(ctx, m[1], "select * from "+engine.ParquetSource([]string{path(m[3])}))
				break
			}
			var empty []string
			if m[2] != "" {
				for _, c := range strings.Split(strings.ReplaceAll(m[2], "decimal(38,18)", "decimal(38;18)"), ", ") {
					name, typ, _ := strings.Cut(strings.ReplaceAll(c, ";", ","), " ")
					empty = append(empty, "cast(null as "+strings.NewReplacer("array<", "", ">", "[]").Replace(typ)+") as "+name)
				}
			}
			text = "select * from read_parquet(" + engine.Literal(path(m[3])+"/**/*.parquet") + ", union_by_name = true, hive_partitioning = false)"
			if empty != nil {
				text = "select " + strings.Join(empty, ", ") + " where false union all by name " + text
			}
			err = db.Table(ctx, m[1], text)
		case sparkView.MatchString(text):
			m := sparkView.FindStringSubmatch(text)
			if v := sparkValues.FindStringSubmatch(m[2]); v != nil {
				m[2] = "select * from (values\n" + v[1] + ") as v" + v[2]
			}
			err = db.Table(ctx, m[1], m[2])
		case sparkInsert.MatchString(text):
			m := sparkInsert.FindStringSubmatch(text)
			if err = os.MkdirAll(path(m[1]), 0o700); err == nil {
				_, err = db.Write(ctx, strings.ReplaceAll(m[2], "raise_error(", "error("), filepath.Join(path(m[1]), "part-0.parquet"), "")
			}
		default:
			err = errors.New("no such statement is known")
		}
		if err != nil {
			return fmt.Errorf("%s: %w in\n%s", s.Name, err, text)
		}
		done(i, time.Since(began))
	}
	return nil
}

// A binary without the client says so before it reads anything, and so is a lake that is not named.
func TestEngineSparkIsChecked(t *testing.T) {
	dir := t.TempDir()
	for want, environ := range map[string][]string{
		"engine: spark needs a folder for the lake":           {"PIDLEDGER_ENGINE=spark"},
		"report.focus needs attributed_usage on this machine": {"PIDLEDGER_ENGINE=spark", "PIDLEDGER_SPARK_FOLDER=" + dir, "PIDLEDGER_REPORT_FOCUS=true"},
		"no Spark Connect server is named":                    {"PIDLEDGER_ENGINE=spark", "PIDLEDGER_SPARK_FOLDER=" + dir},
		"this pidledger was built without Spark Connect":      {"PIDLEDGER_ENGINE=spark", "PIDLEDGER_SPARK_FOLDER=" + dir, "PIDLEDGER_SPARK_REMOTE=sc://localhost"},
		"engine is one of duckdb, spark, not ":                {"PIDLEDGER_ENGINE=trino"},
	} {
		code, out, errs := runWith(t, environ, "run", "--json", "--config", filepath.Join("..", "testdata", "demo", "pidledger.yaml"), "--ledger", filepath.Join(dir, "ledger"))
		if code == exit.Done || !strings.Contains(errs, want) {
			t.Errorf("%v: exit code %d\n%s", environ, code, errs)
		}
		if json.Valid([]byte(out)) && out != "" {
			t.Errorf("%v: there is a summary", environ)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "ledger")); err == nil {
		t.Error("there is a ledger")
	}
}

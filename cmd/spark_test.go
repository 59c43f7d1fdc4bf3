package cmd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pidledger/pidledger/cmd/night"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/chain"
	"github.com/pidledger/pidledger/queries/engine"
)

// On a real Spark the same ledger gives the same reports and the same tables as on DuckDB, to the last digit. make test-spark starts Spark and says
// by PIDLEDGER_SPARK_SQL with which command a script is run.
func TestSpark(t *testing.T) {
	command := strings.Fields(os.Getenv("PIDLEDGER_SPARK_SQL"))
	if len(command) == 0 {
		t.Skip("SKIPPED: no Spark is here, so nothing was compared with it: make test-spark starts one")
	}
	var total compared
	for i, c := range sparkCases() {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			do := func(command ...string) string {
				t.Helper()
				return mustRun(t, c.environ, append(command, "--quiet", "--config", c.config, "--ledger", filepath.Join(dir, "ledger"))...)
			}
			lake := filepath.Join(dir, "lake")
			do("ingest")
			var s night.Scripted
			if err := json.Unmarshal([]byte(do("spark", "script", lake, "--json")), &s); err != nil {
				t.Fatal(err)
			}
			do("report", "--report-dir", filepath.Join(dir, "reports"))

			began := time.Now()
			run := exec.CommandContext(t.Context(), command[0], append(slices.Clone(command[1:]), s.File)...)
			run.Dir = dir
			var errw bytes.Buffer
			run.Stderr = &errw
			if err := run.Run(); err != nil {
				t.Fatalf("%v\n%s", err, tail(errw.String(), 4000))
			}
			took := time.Since(began)
			n := compareLake(t, filepath.Join(dir, "reports"), lake, s.RunID)
			total.add(n)
			t.Logf("%s: %d statements in %.0f s, %.0f s of processor time in the driver; compared: %s",
				c.name, s.Statements, took.Seconds(), (run.ProcessState.UserTime() + run.ProcessState.SystemTime()).Seconds(), n)
			if i == 0 {
				t.Logf("%s: %d plans explained", c.name, comparePlans(t, command, s.File))
			}
		})
	}
	t.Logf("compared on Spark and DuckDB: %s", total)
}

// compared is how much was compared.
type compared struct {
	tables            int
	rows, differences int64
}

func (c *compared) add(more compared) {
	c.tables += more.tables
	c.rows += more.rows
	c.differences += more.differences
}

func (c compared) String() string {
	return fmt.Sprintf("%d tables, %d rows, %d differences", c.tables, c.rows, c.differences)
}

type sparkCase struct {
	name, config string
	environ      []string
}

// sparkCases are the demo, or the configurations that PIDLEDGER_SPARK_WORLDS names, with their ledgers if they have one.
func sparkCases() (cases []sparkCase) {
	for _, config := range strings.Fields(os.Getenv("PIDLEDGER_SPARK_WORLDS")) {
		cases = append(cases, sparkCase{filepath.Base(filepath.Dir(config)), config, nil})
	}
	if cases == nil {
		cases = []sparkCase{{"demo", filepath.Join("..", "testdata", "demo", "pidledger.yaml"), nil}}
	}
	return cases
}

// compareLake compares what Spark published with the reports and the snapshot of DuckDB: names and types of the columns, and every row, both ways.
func compareLake(t *testing.T, reports, lake, runID string) (n compared) {
	t.Helper()
	db, err := engine.Open(t.Context(), engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	below := func(parts ...string) string {
		files, err := filepath.Glob(filepath.Join(append(parts, "*.parquet")...))
		if err != nil || len(files) == 0 {
			t.Fatalf("no Parquet files in %s (%v)", filepath.Join(parts...), err)
		}
		return engine.ParquetSource(files)
	}
	pointer := "select folder from " + below(lake, "published", runID)
	folder, err := engine.AskText(t.Context(), db, pointer)
	if err != nil || !strings.HasSuffix(folder, "/runs/"+runID) {
		t.Fatalf("it points to %q (%v)", folder, err)
	}
	for _, part := range []struct {
		folder string
		tables []string
	}{{"reports", chain.Reports}, {"tables", queries.SnapshotTables}} {
		for _, table := range part.tables {
			ours := filepath.Join(reports, "snapshot", table+".parquet")
			want := engine.ParquetSource([]string{ours})
			switch table {
			case "runs": // one of them is that of the script
				continue
			case "attributed_usage":
				files, err := filepath.Glob(filepath.Join(reports, "snapshot", table, "*", "*.parquet"))
				if err != nil {
					t.Fatal(err)
				}
				if len(files) == 0 {
					continue
				}
				want = "(" + engine.FilesSelect(engine.Files{Paths: files, Partition: "month"}) + ")"
			}
			got := below(lake, "runs", runID, part.folder, table)
			difference := ""
			types := func(source string) string {
				text, err := engine.AskText(t.Context(), db, "select string_agg(column_name || ' ' || column_type, ', ' order by place) from (select *, row_number() over () as place from (describe select * from "+source+"))")
				if err != nil {
					t.Fatal(err)
				}
				return text
			}
			if w, g := types(want), types(got); w != g {
				difference = fmt.Sprintf("columns\n%s\nexpected\n%s", g, w)
				n.differences++
			}
			parts := []string{"true"}
			if table == "attributed_usage" { // month by month, which takes less memory than all at once
				months, err := engine.Ask[string](t.Context(), db, "select distinct cast(month as varchar) as m from (select month from "+want+" union all select month from "+got+") q order by m")
				if err != nil {
					t.Fatal(err)
				}
				parts = []string{"month is null"}
				for _, month := range months {
					parts = append(parts, "cast(month as varchar) = "+engine.Literal(month))
				}
			}
			if table == "restatements" { // they name the run that found them, and when it began
				for _, source := range []*string{&want, &got} {
					*source = "(select * exclude (newest) replace (case when new_run = newest then 'this run' else new_run end as new_run, case when new_run <> newest then replaced_at end as replaced_at)" +
						" from (select *, max(new_run) over () as newest from " + *source + ") r)"
				}
			}
			for _, part := range parts {
				for _, way := range [][2]string{{want, got}, {got, want}} {
					rows, err := db.Count(t.Context(), "select count(*) from (select * from "+way[0]+" a where "+part+" except all select * from "+way[1]+" b where "+part+")")
					if err != nil {
						t.Fatalf("%s: %v", table, err)
					}
					n.differences += rows
					if rows > 0 {
						difference += fmt.Sprintf("\n%d rows in one of them only", rows)
					}
				}
			}
			if difference != "" {
				t.Errorf("%s/%s is not the same on Spark: %s", part.folder, table, difference)
			}
			rows, err := db.Count(t.Context(), "select count(*) from "+want)
			if err != nil {
				t.Fatal(err)
			}
			n.rows += rows
			n.tables++
		}
	}
	return n
}

func tail(s string, n int) string { return s[max(0, len(s)-n):] }

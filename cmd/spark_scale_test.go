//go:build unix

package cmd

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/pidledger/pidledger/cmd/night"
)

// How time grows with the usage on Spark, and on DuckDB beside it: generated data of the scales that PIDLEDGER_SPARK_SCALES names, of which 1 is two million
// usage rows and as many activity records. What the executors did is in the event log of Spark.
func TestSparkScale(t *testing.T) {
	server := sparkServer(t)
	scales := strings.Fields(os.Getenv("PIDLEDGER_SPARK_SCALES"))
	if len(scales) == 0 {
		t.Skip("SKIPPED: no scales are named")
	}
	environ := []string{"PIDLEDGER_SPARK_TOKEN_FILE=" + server["spark.token_file"][0]}
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "usage rows\tMB\tSpark s\texecutors: processor s\tMB/s a core\tspill MB\tshuffle MB\tDuckDB s\tprocessor s\trows compared\tdifferences\t")
	for _, scale := range scales {
		dir := t.TempDir()
		data := filepath.Join(dir, "data")
		generate := exec.CommandContext(t.Context(), "go", "run", "../testdata/gen", "--scale", scale, "--out", data)
		if out, err := generate.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		do := func(args ...string) string {
			t.Helper()
			return mustRun(t, environ, append(args, "--quiet", "--config", filepath.Join(data, "pidledger.yaml"), "--ledger", filepath.Join(dir, "ledger"))...)
		}
		do("ingest")
		began := time.Now()
		var s night.Scripted
		if err := json.Unmarshal([]byte(do("spark", "run", filepath.Join(dir, "lake"), "--json")), &s); err != nil {
			t.Fatal(err)
		}
		ended := time.Now()
		duck, processor := time.Now(), processorTime(t)
		do("report", "--report-dir", filepath.Join(dir, "reports"), "--format", "csv")
		duckTook, duckProcessor := time.Since(duck), processorTime(t)-processor
		var made struct {
			Rows  int64 `json:"usage_rows"`
			Bytes int64 `json:"usage_bytes"`
		}
		text, err := os.ReadFile(filepath.Join(data, "generated.json"))
		if err == nil {
			err = json.Unmarshal(text, &made)
		}
		if err != nil {
			t.Fatal(err)
		}
		k := sparkTasks(t, began, ended)
		c := compareLake(t, filepath.Join(dir, "reports"), filepath.Join(dir, "lake"), s.RunID)
		const mb = 1e6
		fmt.Fprintf(w, "%d\t%.0f\t%.0f\t%.0f\t%.1f\t%.0f\t%.0f\t%.1f\t%.1f\t%d\t%d\t\n", made.Rows, float64(made.Bytes)/mb, ended.Sub(began).Seconds(), k.processor.Seconds(),
			float64(made.Bytes)/mb/k.processor.Seconds(), float64(k.spilled)/mb, float64(k.shuffled)/mb, duckTook.Seconds(), duckProcessor.Seconds(), c.rows, c.differences)
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	t.Logf("time against rows\n%s", &table)
}

// processorTime is what this process has used so far.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// tasks are the tasks of executors, added up.
type tasks struct {
	processor         time.Duration
	spilled, shuffled int64 // bytes: to disk, and written for other tasks
}

// sparkTasks reads which tasks ended in a period out of the event logs in the folder that PIDLEDGER_SPARK_EVENTS names.
func sparkTasks(t *testing.T, from, to time.Time) (sum tasks) {
	t.Helper()
	logs, err := filepath.Glob(filepath.Join(os.Getenv("PIDLEDGER_SPARK_EVENTS"), "app-*"))
	if err != nil || len(logs) == 0 {
		t.Fatalf("no event log of Spark (%v)", err)
	}
	for _, log := range logs {
		f, err := os.Open(log)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewReader(f)
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				break // the last line may still be written
			}
			if !strings.Contains(line, `"SparkListenerTaskEnd"`) {
				continue
			}
			var e struct {
				Info struct {
					Finish int64 `json:"Finish Time"`
				} `json:"Task Info"`
				Metrics struct {
					Run         int64 `json:"Executor CPU Time"`
					Deserialize int64 `json:"Executor Deserialize CPU Time"`
					Spilled     int64 `json:"Disk Bytes Spilled"`
					Shuffle     struct {
						Written int64 `json:"Shuffle Bytes Written"`
					} `json:"Shuffle Write Metrics"`
				} `json:"Task Metrics"`
			}
			if err := json.Unmarshal([]byte(line), &e); err != nil {
				t.Fatalf("%s: %v", log, err)
			}
			if at := time.UnixMilli(e.Info.Finish); at.Before(from) || at.After(to) {
				continue
			}
			sum.processor += time.Duration(e.Metrics.Run + e.Metrics.Deserialize)
			sum.spilled += e.Metrics.Spilled
			sum.shuffled += e.Metrics.Shuffle.Written
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return sum
}

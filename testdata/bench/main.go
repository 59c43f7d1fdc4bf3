// Bench measures pidledger against yardsticks on the same generated files (SPEC 9), always in one go, so that the ratios hold on any
// machine:
//
//	floor     floor.sql: only reading the usage and the activity log
//	straight  straight.sql: one DuckDB script that does the same work
//	newest    the same script on the newest DuckDB from PyPI
//	polars    straight_polars.py: the same work in Polars
//	run       pidledger run on an empty ledger, and again with nothing new
//	nights    pidledger run on ledgers with 2, 6 and 12 months of history (--nights)
//	tight     pidledger run under the least limits.memory (--tight)
//
//	go run ./testdata/bench --data /tmp/bench --bin bin/pidledger
//
// Each is a process of its own, one after the other, so that time and peak memory are the system's figures. The SQL scripts run in this
// program, which starts itself again with --sql; for newest and polars it makes a Python environment in the data folder. What is printed on standard output is Markdown.
package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/pidledger/pidledger/queries/engine"
)

// The scripts name their files relative to the data folder, so that they run as they are in any DuckDB.
var (
	//go:embed floor.sql
	floorText string
	//go:embed straight.sql
	straightText string
	//go:embed newest.py
	newestText string
	//go:embed straight_polars.py
	polarsText string
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	data    string
	bin     string
	scales  []float64
	worlds  []float64 // amounts of data of the worlds that have a fifth of the usage for the same evidence
	python  string    // of the environment with DuckDB and Polars; empty: there is none
	runs    int
	memory  int64 // bytes; of the scripts and of limits.memory
	threads int
	nights  float64 // amount of data of each two months of history; 0: nights are not measured
	tight   float64 // amount of data to run on under the least limit; 0: it is not measured
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	var o options
	flags.StringVar(&o.data, "data", "", "folder for the data, one folder in it for each scale; used again")
	flags.StringVar(&o.bin, "bin", "", "pidledger program; without it only floor and straight are measured")
	scales := flags.String("scales", "1,2,4,8", "amounts of data; 1 is about 4 GB")
	evidence := flags.String("evidence", "", "amounts of data of worlds with the same evidence and a fifth of the usage, measured too")
	flags.IntVar(&o.runs, "runs", 3, "measurements of each; the median counts")
	gigabytes := flags.Float64("memory", 4, "limit of the engine in GB, the same for all")
	flags.IntVar(&o.threads, "threads", 0, "threads of the engine, the same for all; 0: all processors")
	flags.Float64Var(&o.nights, "nights", 0, "measure a night on ledgers of 2, 6 and 12 months, with so much data in each two months")
	flags.Float64Var(&o.tight, "tight", 0, "measure a run under the least limits.memory, 1 GB, with so much data; 2.4 is ten times the limit")
	script := flags.String("sql", "", "run one script in the current folder, floor or straight (what this program starts itself with)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	o.memory = int64(*gigabytes * 1e9)
	if *script != "" {
		return runScript(ctx, *script, o)
	}
	var err error
	if o.scales, err = amountsOf(*scales); err != nil {
		return err
	}
	if o.worlds, err = amountsOf(*evidence); err != nil {
		return err
	}
	if (o.nights > 0 || o.tight > 0) && o.bin == "" {
		return errors.New("nights and limits are pidledger's: name the program with --bin")
	}
	if o.data == "" || o.runs < 1 || flags.NArg() > 0 {
		return errors.New("name the folder with --data, and at least one run")
	}
	if o.data, err = filepath.Abs(o.data); err != nil {
		return err
	}
	if o.bin != "" {
		if o.bin, err = exec.LookPath(o.bin); err != nil {
			return err
		}
		if o.bin, err = filepath.Abs(o.bin); err != nil {
			return err
		}
	}
	if o.python, err = python(ctx, filepath.Join(o.data, "venv")); err != nil {
		fmt.Fprintln(os.Stderr, "bench: without the newest DuckDB and Polars:", err)
	}
	return measureAll(ctx, o)
}

// amountsOf reads a list of scales.
func amountsOf(list string) (scales []float64, err error) {
	for _, text := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' }) {
		scale, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil || scale <= 0 {
			return nil, fmt.Errorf("scale %q is not a number above 0", text)
		}
		scales = append(scales, scale)
	}
	return scales, nil
}

// python makes the environment of the yardsticks that are Python packages, or brings it up to date.
func python(ctx context.Context, dir string) (program string, err error) {
	program = filepath.Join(dir, "bin", "python")
	if _, err := os.Stat(program); err != nil {
		if out, err := exec.CommandContext(ctx, "python3", "-m", "venv", dir).CombinedOutput(); err != nil {
			return "", fmt.Errorf("python3 -m venv %s: %w\n%s", dir, err, out)
		}
	}
	if out, err := exec.CommandContext(ctx, program, "-m", "pip", "install", "--quiet", "--upgrade", "duckdb", "polars").CombinedOutput(); err != nil {
		return "", fmt.Errorf("pip install duckdb polars: %w\n%s", err, out)
	}
	return program, nil
}

// runScript runs one of the two scripts, with the limits that pidledger has.
func runScript(ctx context.Context, name string, o options) error {
	text, ok := map[string]string{"floor": floorText, "straight": straightText}[name]
	if !ok {
		return fmt.Errorf("no script %q", name)
	}
	temp, err := os.MkdirTemp(".", "spill-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(temp) }()
	if err := os.MkdirAll(straightFolder, 0o755); err != nil {
		return err
	}
	db, err := engine.Open(ctx, engine.Options{Memory: o.memory, Threads: o.threads, Temp: temp})
	if err != nil {
		return err
	}
	return errors.Join(db.Exec(ctx, text), db.Close())
}

// measureAll makes the data and measures, one scale after the other, and prints.
func measureAll(ctx context.Context, o options) error {
	var results []result
	for _, w := range []struct {
		name, usage string
		scales      []float64
	}{{"scale", "1", o.scales}, {"evidence", "0.2", o.worlds}} {
		for _, scale := range w.scales {
			r := result{scale: scale, evidence: w.name == "evidence", samples: map[string][]sample{}, failed: map[string]bool{}}
			dir := filepath.Join(o.data, w.name+"-"+strconv.FormatFloat(scale, 'g', -1, 64))
			if err := r.measure(ctx, o, dir, w.usage); err != nil {
				return fmt.Errorf("%s: %w", r.name(), err)
			}
			results = append(results, r)
		}
	}
	fmt.Printf("%s/%s, %d processors, %s, engine limited to %.3g GB; medians of %d\n\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), float64(o.memory)/1e9, o.runs)
	if len(results) > 0 {
		fmt.Print(tables(results) + "\n")
	}
	if o.nights > 0 {
		nights, err := measureNights(ctx, o, o.nights)
		if err != nil {
			return err
		}
		fmt.Print(nightTable(nights) + "\n")
	}
	if o.tight > 0 {
		t, err := measureTight(ctx, o, o.tight)
		if err != nil {
			return fmt.Errorf("under the least limit: %w", err)
		}
		fmt.Print(tightTable(t))
	}
	return nil
}

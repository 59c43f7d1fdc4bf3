package main

import (
	"context"
	"encoding/csv"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestSlope(t *testing.T) {
	for _, c := range []struct {
		scales, times []float64
		want          float64
		ok            bool
	}{
		{[]float64{1, 2, 4, 8}, []float64{3, 6, 12, 24}, 1, true},
		{[]float64{1, 2, 4}, []float64{1, 4, 16}, 2, true},
		{[]float64{1, 8}, []float64{5, 5}, 0, true},
		{[]float64{1}, []float64{3}, 0, false},
		{[]float64{2, 2}, []float64{3, 4}, 0, false},
		{[]float64{1, 2}, []float64{0, 4}, 0, false},
	} {
		if got, ok := slope(c.scales, c.times); ok != c.ok || math.Abs(got-c.want) > 1e-9 {
			t.Errorf("slope(%v, %v) = %v, %v; want %v, %v", c.scales, c.times, got, ok, c.want, c.ok)
		}
	}
}

func TestTables(t *testing.T) {
	at := func(seconds ...float64) (s []sample) {
		for i, x := range seconds {
			s = append(s, sample{wall: time.Duration(x * float64(time.Second)), cpu: time.Second, peak: int64(i+1) * 1e6})
		}
		return s
	}
	results := []result{
		{scale: 1, amounts: amounts{2e6, 15e8, 2e6, 25e8, 1000}, samples: map[string][]sample{floor: at(2, 9, 1), straight: at(30), full: at(8), again: at(0.4)}, agree: "yes"},
		{scale: 2, amounts: amounts{4e6, 3e9, 4e6, 5e9, 2000}, samples: map[string][]sample{floor: at(4), straight: at(60)}},
		{scale: 4, amounts: amounts{8e6, 6e9, 8e6, 10e9, 4000}, samples: map[string][]sample{floor: at(8), full: at(32)}, failed: map[string]bool{straight: true}},
		{scale: 1, evidence: true, amounts: amounts{4e5, 3e8, 4e5, 5e8, 1000}, agree: "no"},
	}
	got := tables(results)
	for _, want := range []string{
		"| 1x | 2 M rows, 1.50 GB | 2 M records, 2.50 GB | 1000 | 4.00 | 0.27 | - | - | yes |\n",
		"| 2x | 4 M rows, 3.00 GB | 4 M records, 5.00 GB | 2000 | - | - | - | - | - |\n",
		"| 4x | 8 M rows, 6.00 GB | 8 M records, 10.00 GB | 4000 | 4.00 | - | - | - | - |\n",
		"| 1x | wall time | 2.0 s | 30.0 s | - | - | 8.0 s | 0.4 s |\n",
		"| 1x | processor time | 1.0 s | 1.0 s | - | - | 1.0 s | 1.0 s |\n",
		"| 1x | peak memory | 3 MB | 1 MB | - | - | 1 MB | 1 MB |\n",
		"| 4x | wall time | 8.0 s | fails | - | - | 32.0 s | - |\n",
		"| 1x evidence | 400000 rows, 0.30 GB | 400000 records, 0.50 GB | 1000 | - | - | - | - | no |\n",
		"| slope | 1.00 | 1.00 | 1.00 |\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func TestTightTable(t *testing.T) {
	got := tightTable(tight{input: 10e9, roomy: 4e9, least: sample{wall: 90 * time.Second, peak: 1_120_000_000}, usual: sample{wall: 80 * time.Second, peak: 3_200_000_000}})
	for _, want := range []string{
		"| 1.00 GB | 10.00 GB | 10.0 | 90.0 s | 1120 MB | 120 MB |\n",
		"| 4.00 GB | 10.00 GB | 2.5 | 80.0 s | 3200 MB | 0 MB |\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func TestCompare(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	a := write("a.csv", "month,cost\n2026-03,1.500\n2026-04,10.000\n")
	b := write("b.csv", "month,cost\n2026-03,1.5\n2026-04,10\n")
	c := write("c.csv", "month,cost\n2026-03,1.5\n2026-04,1\n")
	if got, err := compare(a, b); err != nil || got != "yes" {
		t.Errorf("equal reports: %q, %v", got, err)
	}
	if got, err := compare(a, c); err != nil || got != "no" {
		t.Errorf("different reports: %q, %v", got, err)
	}
}

// TestScripts runs both scripts on a little data and holds the coverage against the rows that were generated.
func TestScripts(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the generator and runs the engine")
	}
	dir := filepath.Join(t.TempDir(), "data")
	if out, err := exec.Command("go", "run", "../gen", "--scale", "0.002", "--out", dir).CombinedOutput(); err != nil {
		t.Fatalf("generate: %v\n%s", err, out)
	}
	t.Chdir(dir)
	for _, name := range []string{floor, straight} {
		if err := runScript(context.Background(), name, options{memory: 1e9, threads: 2}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	f, err := os.Open(filepath.Join(straightFolder, "coverage.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	total, statuses := 0, map[string]int{}
	for _, r := range rows[1:] {
		n, err := strconv.Atoi(r[3])
		if err != nil {
			t.Fatal(err)
		}
		total += n
		statuses[r[2]] += n
	}
	if total != 4166 { // two of the 960 slots of two million rows
		t.Errorf("coverage has %d rows", total)
	}
	for _, s := range []string{"attributed", "unattributed", "unregistered", "preexisting", "not_usage", "excluded"} {
		if statuses[s] == 0 {
			t.Errorf("no rows are %s: %v", s, statuses)
		}
	}
	for _, name := range []string{"summary", "daily", "channels", "customers"} {
		if info, err := os.Stat(filepath.Join(straightFolder, name+".csv")); err != nil || info.Size() < 200 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

package cmd

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/report/spec"
)

// A world is a folder with exports, a registry and the reports that the SPEC's rules give, under several attribution settings
// (expected*/, with the settings that differ in config.yaml).
func TestDemoWorld(t *testing.T) { t.Parallel(); testWorld(t, filepath.Join("..", "testdata", "demo")) }

func TestSharedWorlds(t *testing.T) {
	t.Parallel()
	worlds, err := filepath.Glob(filepath.Join("..", "..", "shared", "worlds", "*", "pidledger.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(worlds) == 0 {
		t.Skip("the shared worlds are not here; the copy in testdata/demo was compared")
	}
	for _, w := range worlds {
		t.Run(filepath.Base(filepath.Dir(w)), func(t *testing.T) {
			t.Parallel()
			if sameWorld(t, filepath.Dir(w), filepath.Join("..", "testdata", "demo")) {
				t.Skip("testdata/demo is this world, and is tested")
			}
			testWorld(t, filepath.Dir(w))
		})
	}
}

// sameWorld tells whether two worlds have the same inputs, settings and expected reports. Formats are the test's own, and rows.csv.gz is no
// report.
func sameWorld(t *testing.T, world, other string) bool {
	t.Helper()
	formats := regexp.MustCompile(`formats: \[[a-z, ]*\]`)
	settings := func(dir string) string {
		data, err := os.ReadFile(filepath.Join(dir, config.Name))
		if err != nil {
			t.Fatal(err)
		}
		return formats.ReplaceAllString(string(data), "")
	}
	return settings(world) == settings(other) && sameFolder(t, world, other, config.Name, "README.md", "demo.go", "ledger", "reports", "expected/rows.csv.gz")
}

func testWorld(t *testing.T, world string) {
	if testing.Short() {
		t.Skip("a whole world takes seconds")
	}
	dir := t.TempDir()
	args := func(command string, more ...string) []string {
		return append([]string{command, "--quiet", "--config", filepath.Join(world, "pidledger.yaml"), "--ledger", filepath.Join(dir, "ledger")}, more...)
	}
	// The tests take one thread of the engine each, but a world and its own settings as many as people have.
	const usualThreads = "PIDLEDGER_LIMITS_THREADS=0"
	if code, _, errs := runWith(t, []string{usualThreads}, args("ingest")...); code != exit.Done {
		t.Fatalf("ingest: exit code %d\n%s", code, errs)
	}
	settings, err := filepath.Glob(filepath.Join(world, "expected*"))
	if err != nil || len(settings) == 0 {
		t.Fatalf("no expected reports in %s (%v)", world, err)
	}
	for _, expected := range settings {
		t.Run(filepath.Base(expected), func(t *testing.T) {
			out := filepath.Join(dir, filepath.Base(expected))
			environ := attributionOf(t, filepath.Join(expected, "config.yaml"))
			if len(environ) == 0 {
				environ = append(environ, usualThreads)
			}
			code, _, errs := runWith(t, environ, args("report", "--report-dir", out, "--format", "csv", "--format", "parquet", "--format", "html")...)
			if code != exit.Done {
				t.Fatalf("report: exit code %d\n%s", code, errs)
			}
			for _, s := range spec.Reports {
				compareReport(t, s, out, expected)
			}
			addsUp(t, out)
			showsNoExcluded(t, world, filepath.Join(out, "report.html"))
		})
	}
}

// showsNoExcluded looks on the page for the tenants, subscriptions and resource groups that opted out.
func showsNoExcluded(t *testing.T, world, page string) {
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ToLower(string(data))
	exclusions, err := os.ReadFile(filepath.Join(world, "exclusions.csv"))
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(bytes.NewReader(exclusions)).ReadAll()
	if err != nil || len(lines) < 2 {
		t.Fatalf("%d lines of exclusions, %v", len(lines), err)
	}
	for _, line := range lines[1:] {
		if strings.Contains(text, strings.ToLower(line[0])) {
			t.Errorf("the page shows %s, which opted out", line[0])
		}
	}
}

// attributionOf gives the variables for the settings that a config.yaml names.
func attributionOf(t *testing.T, path string) (environ []string) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Attribution map[string]string `yaml:"attribution"`
	}
	if err := yaml.Unmarshal(data, &config); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	for key, value := range config.Attribution {
		environ = append(environ, "PIDLEDGER_ATTRIBUTION_"+strings.ToUpper(key)+"="+value)
	}
	return environ
}

// readReport reads a CSV report, gzipped or not; nil when it is not there.
func readReport(t *testing.T, path string) [][]string {
	t.Helper()
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		data, err = os.ReadFile(path + ".gz")
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil {
			var z *gzip.Reader
			if z, err = gzip.NewReader(bytes.NewReader(data)); err == nil {
				data, err = io.ReadAll(z)
			}
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return records
}

// compareReport demands that a report has exactly the lines that are expected.
func compareReport(t *testing.T, s spec.Report, dir, expected string) {
	t.Helper()
	want := readReport(t, filepath.Join(expected, s.Name+".csv"))
	if want == nil {
		return // this report has no expected file
	}
	got := readReport(t, filepath.Join(dir, s.Name+".csv"))
	if got == nil {
		t.Errorf("%s: not written", s.Name)
		return
	}
	var keys []string
	for _, c := range s.Columns {
		if c.Key {
			keys = append(keys, c.Name)
		}
	}
	index := map[string][]string{}
	for _, line := range got[1:] {
		k := keyOf(got[0], line, keys)
		if index[k] != nil {
			t.Errorf("%s: two lines for %s", s.Name, k)
		}
		index[k] = line
	}
	for _, line := range want[1:] {
		k := keyOf(want[0], line, keys)
		g := index[k]
		if g == nil {
			t.Errorf("%s: no line for %s", s.Name, k)
			continue
		}
		delete(index, k)
		for i, column := range want[0] {
			at := slices.Index(got[0], column)
			if at < 0 {
				t.Fatalf("%s: no column %s", s.Name, column)
			}
			if !sameCell(line[i], g[at]) {
				t.Errorf("%s: %s: %s is %q, expected %q", s.Name, k, column, g[at], line[i])
			}
		}
	}
	for k := range index {
		t.Errorf("%s: a line too many: %s", s.Name, k)
	}
}

func keyOf(header, line, keys []string) string {
	var parts []string
	for _, k := range keys {
		cell := line[slices.Index(header, k)]
		if strings.HasPrefix(k, "meter_") || k == "unit" {
			if cell == "Unassigned" || cell == "0 Unassigned" {
				cell = ""
			}
		}
		parts = append(parts, cell)
	}
	return strings.Join(parts, " | ")
}

func sameCell(want, got string) bool {
	if want == got || "'"+want == got {
		return true
	}
	w, ok := new(big.Rat).SetString(want)
	g, ok2 := new(big.Rat).SetString(got)
	return ok && ok2 && w.Cmp(g) == 0
}

// addsUp demands that the reports without an expected file agree with those that have one: attributed_usage with summary, unattributed
// with coverage.
func addsUp(t *testing.T, dir string) {
	t.Helper()
	coverage := readReport(t, filepath.Join(dir, "coverage.csv"))
	unattributed := readReport(t, filepath.Join(dir, "unattributed.csv"))
	for _, status := range []string{"preexisting", "malformed", "unattributed"} {
		want := total(coverage, "effective_cost", "status", status)
		got := total(unattributed, "effective_cost", "status", status)
		if want.Cmp(got) != 0 {
			t.Errorf("unattributed: %s adds up to %s, coverage has %s", status, got.FloatString(18), want.FloatString(18))
		}
	}
	summary := readReport(t, filepath.Join(dir, "summary.csv"))
	daily := readReport(t, filepath.Join(dir, "daily.csv"))
	services := readReport(t, filepath.Join(dir, "services.csv"))
	for _, column := range []string{"billed_cost", "effective_cost", "usage_rows"} {
		want := total(summary, column, "", "")
		for name, other := range map[string][][]string{"daily": daily, "services": services} {
			if got := total(other, column, "", ""); got.Cmp(want) != 0 {
				t.Errorf("%s: %s adds up to %s, summary has %s", name, column, got.FloatString(18), want.FloatString(18))
			}
		}
	}
}

// total adds up a column over the lines that hold a value in another column.
func total(records [][]string, column, where, value string) *big.Rat {
	sum := new(big.Rat)
	at, cond := slices.Index(records[0], column), slices.Index(records[0], where)
	for _, line := range records[1:] {
		if cond >= 0 && line[cond] != value {
			continue
		}
		if x, ok := new(big.Rat).SetString(line[at]); ok {
			sum.Add(sum, x)
		}
	}
	return sum
}

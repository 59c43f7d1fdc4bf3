package cmd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pidledger/pidledger/cmd/night"
)

// On a Spark Connect server both shared worlds and all cases of counting give the same tables as on DuckDB: in random nights, and at their end under every
// setting. They are one ledger, for on Spark that costs what one of them does; and sessions run beside each other. With -short the demo is all of it.
func TestSparkWorlds(t *testing.T) {
	sparkServer(t)
	world, settings, nightsBefore := allWorlds(t)
	n := newNights(t, world)
	config := filepath.Join(n.dir, "pidledger.yaml")
	n.write("pidledger.yaml", []byte("registry: registry.csv\nexclusions: exclusions.csv\nsources:\n  - path: exports\nreport: {formats: [csv]}\n"))
	do := func(t *testing.T, dir string, environ []string, args ...string) string {
		t.Helper()
		return mustRun(t, environ, append(args, "--quiet", "--config", config, "--ledger", filepath.Join(dir, "ledger"))...)
	}
	var mu sync.Mutex
	var total compared
	t.Run("all", func(t *testing.T) {
		compare := func(name string, environ []string) {
			dir := t.TempDir()
			if err := os.CopyFS(filepath.Join(dir, "ledger"), os.DirFS(filepath.Join(n.dir, "ledger"))); err != nil {
				t.Fatal(err)
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				began := time.Now()
				var s night.Scripted
				if err := json.Unmarshal([]byte(do(t, dir, environ, "spark", "run", filepath.Join(dir, "lake"), "--json")), &s); err != nil {
					t.Fatal(err)
				}
				took := time.Since(began)
				do(t, dir, environ, "report", "--report-dir", filepath.Join(dir, "reports"))
				c := compareLake(t, filepath.Join(dir, "reports"), filepath.Join(dir, "lake"), s.RunID)
				t.Logf("%d statements in %.0f s; compared: %s", s.Statements, took.Seconds(), c)
				mu.Lock()
				defer mu.Unlock()
				total.add(c)
			})
		}
		for i := range nightsBefore {
			n.deliver(false)
			do(t, n.dir, nil, "ingest")
			compare(fmt.Sprintf("random night %d", i+1), settings[len(settings)-1-i].environ)
			do(t, n.dir, nil, "report", "--report-dir", filepath.Join(n.dir, "reports")) // so that the next ones restate something
		}
		n.deliver(true)
		do(t, n.dir, nil, "ingest")
		for _, s := range settings {
			compare(s.name, s.environ)
		}
	})
	t.Logf("compared on Spark and DuckDB: %s", total)
}

var uuids = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// enrollments are the numbers of the accounts of enterprise agreements in worlds and cases.
var enrollments = regexp.MustCompile(`\b([78])(?:611537|723044)\b`)

// allWorlds writes one world of the shared worlds and the cases of counting, and returns its folder, the settings of the worlds, and how many random nights
// come before all of it is there. Worlds and cases share ids, so they get other ones: what counts in one of them has nothing to do with the others, which DuckDB shows, for
// together they count as many rows as one by one.
func allWorlds(t *testing.T) (dir string, settings []sparkCase, nights int) {
	t.Helper()
	shared := filepath.Join("..", "..", "shared")
	counting, err := filepath.Glob(filepath.Join(shared, "cases", "counting", "*", "pidledger.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	worlds, err := filepath.Glob(filepath.Join(shared, "worlds", "*", "pidledger.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(worlds) == 0 || testing.Short() {
		if !testing.Short() {
			t.Log("SKIPPED: the shared worlds and cases are not here; the demo alone is compared")
		}
		return filepath.Join("..", "testdata", "demo"), []sparkCase{{"demo", "", nil}}, 0
	}
	expected, err := filepath.Glob(filepath.Join(filepath.Dir(worlds[0]), "expected*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range expected {
		settings = append(settings, sparkCase{filepath.Base(e), "", attributionOf(t, filepath.Join(e, "config.yaml"))})
	}
	dir = t.TempDir()
	tables := map[string]map[string]string{"registry.csv": {}, "exclusions.csv": {}} // lines by their first cells
	text := map[string]*bytes.Buffer{"registry.csv": {}, "exclusions.csv": {}}
	one := 0
	for number, config := range append(worlds, counting...) {
		from := filepath.Dir(config)
		name := filepath.Base(from)
		registry, err := os.ReadFile(filepath.Join(from, "registry.csv"))
		if err != nil {
			t.Fatal(err)
		}
		other := func(text []byte) []byte {
			if number > 0 { // the first world has Parquet files, too, and keeps them
				text = enrollments.ReplaceAll(text, fmt.Appendf(nil, "${1}%06d", number))
			}
			if filepath.Base(filepath.Dir(from)) != "counting" {
				return text
			}
			return uuids.ReplaceAllFunc(text, func(id []byte) []byte {
				if bytes.Contains(registry, id) {
					return id
				}
				return append([]byte(fmt.Sprintf("%08x", crc32.ChecksumIEEE(append([]byte(name), id[:8]...)))), id[8:]...)
			})
		}
		one += usageRowsOf(t, config)
		for file := range tables {
			table, err := os.ReadFile(filepath.Join(from, file))
			if err != nil {
				continue
			}
			columns := 0
			for i, line := range strings.Split(strings.TrimSpace(string(table)), "\n") {
				if i == 0 {
					columns = strings.Count(line, ",")
				}
				key, _, _ := strings.Cut(line, ",")
				if tables[file][key] != "" {
					continue
				}
				line += strings.Repeat(",", max(0, strings.Count(tables[file]["tracking_id"], ",")-columns)) // the worlds come first and have most columns
				tables[file][key] = line
				text[file].WriteString(line + "\n")
			}
		}
		err = filepath.WalkDir(filepath.Join(from, "exports"), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			rel, _ := filepath.Rel(filepath.Join(from, "exports"), path)
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if filepath.Ext(path) == ".csv" || filepath.Ext(path) == ".json" {
				data = other(data)
			}
			to := filepath.Join(dir, "exports", name, string(other([]byte(rel))))
			if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
				return err
			}
			return os.WriteFile(to, data, 0o600)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for file, b := range text {
		if err := os.WriteFile(filepath.Join(dir, file), b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	config := filepath.Join(dir, "pidledger.yaml")
	if err := os.WriteFile(config, []byte("registry: registry.csv\nexclusions: exclusions.csv\nsources:\n  - path: exports\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if all := usageRowsOf(t, config); all != one {
		t.Fatalf("together the worlds and cases count %d usage rows, one by one %d", all, one)
	}
	return dir, settings, 2
}

// usageRowsOf has DuckDB run a configuration, and returns how many usage rows count.
func usageRowsOf(t *testing.T, config string) (rows int) {
	t.Helper()
	dir := t.TempDir()
	mustRun(t, nil, "run", "--quiet", "--config", config, "--ledger", filepath.Join(dir, "ledger"), "--report-dir", filepath.Join(dir, "reports"), "--format", "csv")
	lines := readReport(t, filepath.Join(dir, "reports", "coverage.csv"))
	for i, name := range lines[0] {
		if name != "usage_rows" {
			continue
		}
		for _, line := range lines[1:] {
			n, err := strconv.Atoi(line[i])
			if err != nil {
				t.Fatal(err)
			}
			rows += n
		}
	}
	return rows
}

package cmd

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/cmd/exit"
)

// What a run judges again and what it takes from earlier nights gives the same as judging everything: random nights deliver files in any
// order and once more, take registrations, exclusions and customers away and bring them back, and change settings. After each night a copy of
// the ledger judges every month again. PIDLEDGER_NIGHTS asks for more nights than the few of every day.
func TestNightsEqualRebuild(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("many runs take a while")
	}
	worlds := []string{filepath.Join("..", "testdata", "demo")}
	nights := 6
	if n, err := strconv.Atoi(os.Getenv("PIDLEDGER_NIGHTS")); err == nil {
		nights = n
		worlds = append(worlds, filepath.Join("..", "..", "shared", "worlds", "small"))
	}
	for _, world := range worlds {
		if _, err := os.Stat(world); err != nil {
			t.Logf("SKIPPED: %s is not here", world)
			continue
		}
		n := newNights(t, world)
		for night := 1; night <= nights; night++ {
			n.deliver(night == nights)
			n.run(night)
		}
		t.Logf("%s: lines of restatements by cause, added up over the nights: %v", world, n.causes)
		t.Logf("%s: %d nights judged %d months of %d; %d nights judged fewer than all, %d none", world, nights, n.judged, n.months, n.partly, n.nothing)
		if n.partly == 0 {
			t.Errorf("%s: every night judged every month: nothing was proven", world)
		}
	}
}

// nights is a world that is delivered over many nights.
type nights struct {
	t     *testing.T
	r     *rand.Rand
	world string
	dir   string
	files []string // of the exports, that are still to come
	total int      // how many there were

	judged, months, partly, nothing int
	causes                          map[string]int // of restatements, each night's again
}

func newNights(t *testing.T, world string) *nights {
	t.Helper()
	n := &nights{t: t, r: rand.New(rand.NewPCG(3, 11)), world: world, dir: t.TempDir(), causes: map[string]int{}}
	err := filepath.WalkDir(filepath.Join(world, "exports"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(world, path)
			n.files = append(n.files, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	n.total = len(n.files)
	n.r.Shuffle(len(n.files), func(i, j int) { n.files[i], n.files[j] = n.files[j], n.files[i] })
	return n
}

// deliver copies some of the files that are still to come, and changes the tables beside them.
func (n *nights) deliver(last bool) {
	n.t.Helper()
	take := n.r.IntN(4) // most nights bring little, the first one most of it
	switch {
	case last:
		take = len(n.files)
	case n.r.IntN(6) == 0:
		take = len(n.files) / 4
	case len(n.files) == n.total:
		take = len(n.files) * 2 / 3
	}
	take = min(take, len(n.files))
	for _, f := range n.files[:take] {
		n.write(f, n.read(f))
	}
	n.files = n.files[take:]
	for _, table := range []string{"registry.csv", "exclusions.csv"} {
		if last || n.r.IntN(5) == 0 {
			lines := bytes.SplitAfter(n.read(table), []byte("\n"))
			kept := lines[:1:1]
			for _, l := range lines[1:] {
				if last || n.r.IntN(5) > 0 {
					kept = append(kept, l)
				}
			}
			n.write(table, bytes.Join(kept, nil))
		} else if _, err := os.Stat(filepath.Join(n.dir, table)); err != nil {
			n.write(table, n.read(table))
		}
	}
	if n.r.IntN(8) == 0 {
		n.write("customers.csv", []byte("subscription_id,customer_tenant_id,customer_name\n"+
			"d20b5d59-db61-4487-989d-a11b62397bc7,5b1c0de5-0000-4000-8000-00000000000"+strconv.Itoa(n.r.IntN(3))+",Northwind\n"))
	} else if _, err := os.Stat(filepath.Join(n.dir, "customers.csv")); err != nil {
		n.write("customers.csv", []byte("subscription_id,customer_tenant_id,customer_name\n"))
	}
}

func (n *nights) read(rel string) []byte {
	n.t.Helper()
	data, err := os.ReadFile(filepath.Join(n.world, rel))
	if err != nil {
		n.t.Fatal(err)
	}
	return data
}

func (n *nights) write(rel string, data []byte) {
	n.t.Helper()
	path := filepath.Join(n.dir, rel)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		n.t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		n.t.Fatal(err)
	}
}

// run runs a night, and compares its reports with those of a copy of the ledger that judges everything.
func (n *nights) run(night int) {
	t := n.t
	t.Helper()
	settings := "attribution: {owner: first, credit: primary}\n"
	if n.r.IntN(7) == 0 {
		settings = "attribution: {owner: last, credit: full, inherit_managed_groups: true}\n"
	}
	n.write("pidledger.yaml", []byte(settings+"sources: [{path: exports}]\nregistry: registry.csv\nexclusions: exclusions.csv\ncustomers: customers.csv\n"+
		"report: {formats: [csv], attributed_usage: [csv, parquet]}\n"))
	config := []string{"--quiet", "--json", "--config", filepath.Join(n.dir, "pidledger.yaml")}
	var summary struct {
		Months int      `json:"months"`
		Judged []string `json:"judged"`
		Notes  []string `json:"notes"`
	}
	call := func(args ...string) {
		t.Helper()
		var out, errw bytes.Buffer
		if code := Main(append(args, config...), strings.NewReader(""), &out, &errw); code != exit.Done && code != exit.Partial {
			t.Fatalf("night %d: %v: exit code %d\n%s", night, args, code, &errw)
		}
		if err := json.Unmarshal(out.Bytes(), &summary); err != nil {
			t.Fatal(err)
		}
	}
	before := filepath.Join(t.TempDir(), "before"+strconv.Itoa(night))
	if _, err := os.Stat(filepath.Join(n.dir, "ledger")); err == nil {
		if err := os.CopyFS(filepath.Join(before, "ledger"), os.DirFS(filepath.Join(n.dir, "ledger"))); err != nil {
			t.Fatal(err)
		}
	}
	call("run", "--rebuild", "--ledger", filepath.Join(before, "ledger"), "--report-dir", filepath.Join(before, "reports"))
	call("run")
	n.sameRestatements(night, before)
	n.judged += len(summary.Judged)
	n.months += summary.Months
	if len(summary.Judged) < summary.Months {
		n.partly++
	}
	if len(summary.Judged) == 0 {
		n.nothing++
	}
	other := filepath.Join(t.TempDir(), strconv.Itoa(night))
	if err := os.CopyFS(filepath.Join(other, "ledger"), os.DirFS(filepath.Join(n.dir, "ledger"))); err != nil {
		t.Fatal(err)
	}
	call("report", "--rebuild", "--ledger", filepath.Join(other, "ledger"), "--report-dir", filepath.Join(other, "reports"))
	if len(summary.Judged) != summary.Months {
		t.Errorf("night %d: --rebuild judged %d months of %d", night, len(summary.Judged), summary.Months)
	}
	names, err := filepath.Glob(filepath.Join(other, "reports", "*.csv"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no reports: %v", err)
	}
	for _, name := range names {
		want := rowsOf(t, name)
		got := rowsOf(t, filepath.Join(n.dir, "reports", filepath.Base(name)))
		if !slices.Equal(got, want) {
			t.Errorf("night %d: %s differs from a rebuild: %s", night, filepath.Base(name), firstDifference(got, want))
		}
	}
}

// sameRestatements demands that the night and one on a copy of the ledger that judged everything tell of the same changes and causes.
func (n *nights) sameRestatements(night int, other string) {
	n.t.Helper()
	when := regexp.MustCompile(`\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z?`)
	rows := func(dir string) []string {
		rows := rowsOf(n.t, filepath.Join(dir, "reports", "restatements.csv"))
		for i := range rows {
			rows[i] = when.ReplaceAllString(rows[i], "TIME")
		}
		slices.Sort(rows)
		return rows
	}
	got, want := rows(n.dir), rows(other)
	if !slices.Equal(got, want) {
		n.t.Errorf("night %d: restatements differ from a rebuild: %s", night, firstDifference(got, want))
	}
	for _, row := range got {
		if cells := strings.Split(row, ","); len(cells) > 4 && cells[4] != "cause" {
			n.causes[cells[4]]++
		}
	}
}

// rowsOf reads the lines of a report, sorted, without the ids of runs.
func rowsOf(t *testing.T, path string) []string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(regexp.MustCompile(`\d{8}T\d{6}-[0-9a-f]{6}`).ReplaceAllString(string(data), "RUN"), "\n")
	slices.Sort(lines)
	return lines
}

func firstDifference(got, want []string) string {
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			return "missing " + want[i]
		case i >= len(want):
			return "too much: " + got[i]
		case got[i] != want[i]:
			return "got " + got[i] + "\nwant " + want[i]
		}
	}
	return ""
}

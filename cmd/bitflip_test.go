package cmd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/testdata/faults"
)

// flipKinds are the kinds of files of a ledger, as patterns below its folder, the folders of a partitioned table with their own.
var flipKinds = []struct {
	name     string
	patterns []string
}{
	{"usage slice", []string{"usage/*/*.parquet"}},
	{"judged rows", []string{"judged/*/*/*/*.parquet"}},
	{"judged sums", []string{"judged/*/*.parquet"}},
	{"snapshot", []string{"snapshots/*/*.parquet", "snapshots/*/*/*/*.parquet"}},
	{"snapshot manifest", []string{"snapshots/*/manifest.json"}},
	{"database", []string{"ledger.duckdb"}},
	{"database log", []string{"ledger.duckdb.wal"}},
	{"ledger.id", []string{"ledger.id"}},
	{"published.json", []string{"published.json"}},
}

// flipAsked is what is asked of the snapshot.
var flipAsked = []string{
	"select * from summary order by all", "select * from attributed_usage order by all", "select * from writes order by all", "select * from unattributed order by all",
}

// One flipped bit in any file of a ledger never changes a figure without a word: a run gives what it would have given, or stops and names the
// file, and so does a query.
func TestBitFlips(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a whole world takes seconds")
	}
	bin, err := exec.LookPath(itself)
	if err != nil {
		t.Fatal(err)
	}
	n := len(flipKinds)
	if kills, err := strconv.Atoi(os.Getenv("PIDLEDGER_KILLS")); err == nil { // the long form of the fault tests
		n = max(n, kills/5)
	}
	tally := faults.Count(t, "damage to the ledger")
	f := &flipper{victim: victim{t: t, bin: bin, dir: t.TempDir()}, pristine: filepath.Join(t.TempDir(), "pristine")}
	f.prepare()
	r := rand.New(rand.NewPCG(2026, 11))
	for i := range n {
		kind := flipKinds[i%len(flipKinds)]
		round := i / len(flipKinds)
		f.restore(round%3 != 2) // every third is a copy that was put back, as inodes tell
		file, at := f.flip(r, kind.patterns)
		what := fmt.Sprintf("flip %d, bit %d of %s (%s)", i, at, file, kind.name)
		stage := "a bit of: " + kind.name
		asked := f.ask(what, file)
		tally.Check(stage, asked != wrong, "query "+asked)
		then := ""
		if round%2 == 1 {
			then = f.rebuild(what, file)
			tally.Check(stage, then != wrong, "run --rebuild without sources "+then)
		} else {
			then = f.night(what, file)
			tally.Check(stage, then != wrong, "next night "+then)
		}
	}
}

// What becomes of a command after a bit was flipped.
const (
	right   = "as without it"
	refused = "refused, file named"
	wrong   = "WRONG"
)

// flipper is a workspace whose ledger is put back after every flip.
type flipper struct {
	victim
	pristine string // after the first night
	answers  map[string]string
	nextDay  map[string]string // the reports after the second night
	rebuilt  map[string]string // those of the first, judged again
}

func (f *flipper) prepare() {
	f.t.Helper()
	f.stock(func(name string) bool { return oneCustomer(name) && firstNight(name) })
	f.run(exit.Done) // and what it wrote after its commit is in the log beside the database
	copyTree(f.t, f.dir, f.pristine)
	f.answers = map[string]string{}
	for _, q := range flipAsked {
		out, _, code := f.exec("query", "--format", "csv", q)
		if code != exit.Done || out == "" {
			f.t.Fatalf("%s: exit code %d, %s", q, code, out)
		}
		f.answers[q] = out
	}
	f.rebuilt = f.reports()
	f.stock(oneCustomer)
	f.run(exit.Done)
	f.nextDay = f.reports()
}

// restore puts the ledger back as the first night left it. In place it is as if it had never been moved.
func (f *flipper) restore(inPlace bool) {
	f.t.Helper()
	for _, d := range []string{"ledger", "reports", "exports"} {
		if err := os.RemoveAll(filepath.Join(f.dir, d)); err != nil {
			f.t.Fatal(err)
		}
		copyTree(f.t, filepath.Join(f.pristine, d), filepath.Join(f.dir, d))
	}
	if !inPlace {
		return
	}
	info, err := os.Stat(filepath.Join(f.dir, "ledger", "ledger.duckdb"))
	if err != nil {
		f.t.Fatal(err)
	}
	name := filepath.Join(f.dir, "ledger", "ledger.id")
	data, err := os.ReadFile(name)
	is := map[string]any{}
	if err == nil {
		err = json.Unmarshal(data, &is)
	}
	if err == nil {
		is["inode"] = engine.Inode(info)
		data, err = json.Marshal(is)
	}
	if err == nil {
		err = os.WriteFile(name, data, 0o600)
	}
	if err != nil {
		f.t.Fatal(err)
	}
}

// flip flips one bit of one file and returns its path below the ledger.
func (f *flipper) flip(r *rand.Rand, patterns []string) (file string, bit int) {
	f.t.Helper()
	ledger := filepath.Join(f.dir, "ledger")
	var files []string
	for _, p := range patterns {
		found, err := filepath.Glob(filepath.Join(ledger, p))
		if err != nil {
			f.t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) == 0 {
		f.t.Fatalf("no file %v", patterns)
	}
	name := files[r.IntN(len(files))]
	data, err := os.ReadFile(name)
	if err != nil || len(data) == 0 {
		f.t.Fatalf("%s: %d bytes, %v", name, len(data), err)
	}
	bit = r.IntN(8 * len(data))
	data[bit/8] ^= 1 << (bit % 8)
	if err := os.WriteFile(name, data, 0o600); err != nil {
		f.t.Fatal(err)
	}
	rel, err := filepath.Rel(ledger, name)
	if err != nil {
		f.t.Fatal(err)
	}
	return rel, bit
}

// exec runs the program in the workspace.
func (f *flipper) exec(args ...string) (out, errw string, code int) {
	c := exec.Command(f.bin, append(args, "--config", filepath.Join(f.dir, "pidledger.yaml"))...)
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	_ = c.Run() // the exit code tells
	return stdout.String(), stderr.String(), c.ProcessState.ExitCode()
}

// ask asks the snapshot.
func (f *flipper) ask(what, file string) string {
	f.t.Helper()
	for _, q := range flipAsked {
		out, errw, code := f.exec("query", "--quiet", "--format", "csv", q)
		if code == exit.Done && out == f.answers[q] {
			continue
		}
		return f.loud(what+": "+q, file, errw, code)
	}
	return right
}

// night delivers what the second night brings.
func (f *flipper) night(what, file string) string {
	f.t.Helper()
	f.stock(oneCustomer)
	_, errw, code := f.exec("run", "--quiet")
	return f.judge(what, file, errw, code, f.nextDay)
}

// rebuild judges everything again from what the ledger holds.
func (f *flipper) rebuild(what, file string) string {
	f.t.Helper()
	exports := filepath.Join(f.dir, "exports")
	if err := os.RemoveAll(exports); err != nil {
		f.t.Fatal(err)
	}
	if err := os.Mkdir(exports, 0o700); err != nil {
		f.t.Fatal(err)
	}
	_, errw, code := f.exec("run", "--quiet", "--rebuild")
	return f.judge(what, file, errw, code, f.rebuilt)
}

func (f *flipper) judge(what, file, errw string, code int, want map[string]string) string {
	f.t.Helper()
	if code != exit.Done {
		return f.loud(what, file, errw, code)
	}
	got := f.reports()
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got[name] != want[name] {
			f.t.Errorf("%s: %s is silently wrong:\n%s\nexpected\n%s", what, name, got[name], want[name])
			return wrong
		}
	}
	return right
}

// loud demands that a command that failed named the file and a way out, and did not blame itself.
func (f *flipper) loud(what, file, errw string, code int) string {
	f.t.Helper()
	named := strings.Contains(errw, filepath.Base(strings.TrimSuffix(file, ".wal")))
	if code == exit.Done || code < 0 || !named || !strings.Contains(errw, "\nTry: ") || strings.Contains(errw, "a bug in pidledger") || strings.Contains(errw, "goroutine ") {
		f.t.Errorf("%s: exit code %d\n%s", what, code, errw)
		return wrong
	}
	return refused
}

package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/testdata/faults"
)

// demoLedger is a ledger of the demo world, with its reports.
type demoLedger struct {
	t      *testing.T
	world  string // with pidledger.yaml
	folder string // of the ledger
	out    string // of the reports
}

func newDemoLedger(t *testing.T) *demoLedger {
	t.Helper()
	if testing.Short() {
		t.Skip("a whole world takes seconds")
	}
	dir := t.TempDir()
	return &demoLedger{t: t, world: filepath.Join("..", "testdata", "demo"), folder: filepath.Join(dir, "ledger"), out: filepath.Join(dir, "reports")}
}

// do runs a command line on the ledger and returns its exit code and what it said.
func (d *demoLedger) do(args ...string) (code int, stdout, stderr string) {
	d.t.Helper()
	var out, errw bytes.Buffer
	args = append(args, "--config", filepath.Join(d.world, "pidledger.yaml"), "--ledger", d.folder)
	code = Main(args, strings.NewReader(""), &out, &errw)
	return code, out.String(), errw.String()
}

// run does a night's work and returns every report by name.
func (d *demoLedger) run() map[string]string {
	d.t.Helper()
	if code, _, errw := d.do("run", "--quiet", "--report-dir", d.out); code != exit.Done {
		d.t.Fatalf("run: exit code %d\n%s", code, errw)
	}
	return d.reports()
}

// reports reads the reports that are there, but for the names and times of runs in their manifest.
func (d *demoLedger) reports() map[string]string {
	d.t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(d.out, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(path) != ".csv" {
			return err
		}
		data, err := os.ReadFile(path)
		out[e.Name()] = string(data)
		return err
	})
	if err != nil || len(out) == 0 {
		d.t.Fatalf("%d reports in %s: %v", len(out), d.out, err)
	}
	return out
}

// database opens the ledger's database to change it behind the program's back; done closes it.
func (d *demoLedger) database(file string) (db *engine.DB, done func()) {
	d.t.Helper()
	db, err := engine.Open(d.t.Context(), engine.Options{})
	if err == nil {
		err = db.Attach(d.t.Context(), file, "ledger", false)
	}
	if err == nil {
		err = db.Exec(d.t.Context(), "use ledger")
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return db, func() {
		d.t.Helper()
		if err := db.Close(); err != nil {
			d.t.Fatal(err)
		}
	}
}

func (d *demoLedger) path() string { return filepath.Join(d.folder, "ledger.duckdb") }

// makeOlder turns the database into one of schema version 1 with the same rows, as the program of that time left it: what is committed
// lies in the write-ahead log.
func (d *demoLedger) makeOlder() {
	d.t.Helper()
	ctx, file := d.t.Context(), filepath.Join(d.t.TempDir(), "v1.duckdb")
	db, done := d.database(file)
	exec := func(statement string, args ...any) {
		d.t.Helper()
		if err := db.Exec(ctx, statement, args...); err != nil {
			d.t.Fatalf("%s: %v", statement, err)
		}
	}
	exec(queries.Schema()[0].SQL)
	if err := db.Attach(ctx, d.path(), "fresh", true); err != nil {
		d.t.Fatal(err)
	}
	rows, err := db.Query(ctx, `select table_name, string_agg(column_name, ', ' order by column_index) from duckdb_columns()
		where database_name = 'ledger' and table_name not in ('ledger_info', 'usage_columns') group by 1 order by 1`)
	if err != nil {
		d.t.Fatal(err)
	}
	var copies []string
	for rows.Next() {
		table, columns := rows.Values()[0].S, rows.Values()[1].S
		from := columns
		if table == "slices" {
			from = strings.Replace(columns, " run_id,", " export_run_id,", 1) // renamed since
		}
		copies = append(copies, fmt.Sprintf("insert into %s (%s) select %s from fresh.%s", table, columns, from, table))
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil || len(copies) < 10 {
		d.t.Fatal(len(copies), err)
	}
	for _, c := range copies {
		exec(c)
	}
	exec("insert into ledger_info values (1, '2026-01-01', 'older')")
	done()
	if err := os.Remove(filepath.Join(d.folder, "ledger.id")); err != nil { // it knew of no such file
		d.t.Fatal(err)
	}
	for _, end := range []string{"", ".wal"} {
		if err := os.Remove(d.path() + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			d.t.Fatal(err)
		}
		copyFile(d.t, file+end, d.path()+end)
	}
}

// copyFile copies a file; one that is not there is left out.
func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err == nil {
		err = os.WriteFile(to, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// versions lists the history of the schema.
func (d *demoLedger) versions() string {
	d.t.Helper()
	db, done := d.database(d.path())
	defer done()
	rows, err := db.Query(d.t.Context(), "select string_agg(schema_version || ' ' || created_by, ', ' order by schema_version) from ledger_info")
	if err != nil {
		d.t.Fatal(err)
	}
	defer rows.Close()
	if !rows.Next() {
		d.t.Fatal(rows.Err())
	}
	return rows.Values()[0].S
}

// A ledger that an older program wrote is brought up to date by the next run, which reads no file again and reports the same.
func TestOlderLedger(t *testing.T) {
	t.Parallel()
	d := newDemoLedger(t)
	want := d.run()
	d.makeOlder()
	if err := errors.Join(os.Remove(filepath.Join(d.folder, "published.json")), os.RemoveAll(d.out)); err != nil {
		t.Fatal(err)
	}

	// What may not write says so.
	code, out, errw := d.do("status")
	if code != exit.Done || !strings.Contains(strings.Join(strings.Fields(out), " "), "the next run brings the ledger up to date") {
		t.Errorf("status: exit code %d, %s%s", code, out, errw)
	}
	try := fmt.Sprintf("Try: pidledger run --config %s --ledger %s, which brings it up to date", filepath.Join(d.world, "pidledger.yaml"), d.folder)
	for _, args := range [][]string{{"files"}, {"status", "--check"}, {"run", "--dry-run"}} {
		code, _, errw := d.do(args...)
		if code != exit.Failed || !strings.Contains(errw, "has schema version 1") || !strings.Contains(errw, try) {
			t.Errorf("%v: exit code %d, %s", args, code, errw)
		}
	}
	if got := d.versions(); got != "1 older" {
		t.Errorf("a reader wrote versions %s", got)
	}

	code, out, errw = d.do("ingest", "--json")
	if code != exit.Done || strings.Contains(out, `"loaded":`) {
		t.Errorf("ingest: exit code %d, %s%s", code, out, errw)
	}
	got := d.run()
	for name, text := range want {
		if got[name] != text {
			t.Errorf("%s differs after the migration", name)
		}
	}
	history := []string{"1 older"}
	for _, v := range queries.Schema()[1:] {
		history = append(history, fmt.Sprintf("%d %s", v.Number, currentBuild().Version))
	}
	if got := d.versions(); got != strings.Join(history, ", ") {
		t.Errorf("versions %s, expected %v", got, history)
	}
}

// A newer ledger is left alone, by readers and writers.
func TestNewerLedger(t *testing.T) {
	t.Parallel()
	d := newDemoLedger(t)
	if code, _, errw := d.do("ingest", "--quiet"); code != exit.Done {
		t.Fatal(errw)
	}
	db, done := d.database(d.path())
	if err := db.Exec(t.Context(), "insert into ledger_info values (999, '2030-01-01', 'newer')"); err != nil {
		t.Fatal(err)
	}
	done()
	for _, args := range [][]string{{"run"}, {"ingest"}, {"status"}, {"files"}} {
		code, _, errw := d.do(append(args, "--quiet")...)
		if code != exit.Failed || !strings.Contains(errw, "has schema version 999, this program knows up to ") || !strings.Contains(errw, "Try: use a newer pidledger: newer, which") {
			t.Errorf("%v: exit code %d, %s", args, code, errw)
		}
	}
}

// A migration that is killed leaves the version before or the version after: the files as they are at that moment make a ledger of
// either, and the next run brings it up to date.
func TestKilledMigration(t *testing.T) {
	t.Parallel()
	tally := faults.Count(t, "SIGKILL")
	ctx := t.Context()
	d := newDemoLedger(t)
	if code, _, errw := d.do("ingest", "--quiet"); code != exit.Done {
		t.Fatal(errw)
	}
	d.makeOlder()
	killed := map[string]string{} // moment -> folder with the files as they were then
	at := func(moment string) {
		killed[moment] = t.TempDir()
		for _, end := range []string{"", ".wal"} {
			copyFile(t, d.path()+end, filepath.Join(killed[moment], "ledger.duckdb"+end))
		}
	}
	db, done := d.database(d.path())
	err := db.InTx(ctx, func() error {
		err := db.Exec(ctx, queries.Schema()[1].SQL)
		at("1 older")
		return errors.Join(err, db.Exec(ctx, "insert into ledger_info values (2, '2026-05-03', 'new')"))
	})
	at("1 older, 2 new")
	done()
	if err != nil {
		t.Fatal(err)
	}
	for want, folder := range killed {
		k := &demoLedger{t: t, world: d.world, folder: folder}
		if got := k.versions(); got != want {
			t.Errorf("versions %s, expected %s", got, want)
		}
		l, err := ledger.Open(ctx, ledger.Options{Folder: folder, Now: func() time.Time { return fakeStart }, Version: "next"})
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if got := k.versions(); !strings.HasPrefix(got, "1 older, 2 ") {
			t.Errorf("versions %s after a run", got)
		}
		tally.Check("while the schema is migrated", !t.Failed(), "versions "+want)
	}
}

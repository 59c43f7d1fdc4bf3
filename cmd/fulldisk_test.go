package cmd

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/disk"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/night"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/report"
	"github.com/pidledger/pidledger/testdata/faults"
)

// disk is a small file system that a test can fill, shrink and grow. Only root can have one.
type smallDisk struct {
	t   *testing.T
	dir string
}

func newDisk(t *testing.T, kilobytes int64) *smallDisk {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("SKIPPED: a small file system can be mounted by root only")
	}
	d := &smallDisk{t: t, dir: filepath.Join(t.TempDir(), "disk")}
	if err := os.Mkdir(d.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%dk", kilobytes), "none", d.dir).CombinedOutput(); err != nil {
		t.Skipf("SKIPPED: cannot mount a small file system: %s", out)
	}
	t.Cleanup(func() { _ = exec.Command("umount", d.dir).Run() }) // best effort: the folder goes with the test
	return d
}

func (d *smallDisk) resize(kilobytes int64) {
	d.t.Helper()
	if out, err := exec.Command("mount", "-o", fmt.Sprintf("remount,size=%dk", kilobytes), d.dir).CombinedOutput(); err != nil {
		d.t.Fatalf("%v %s", err, out)
	}
}

// used is how many kilobytes the files on the disk take.
func (d *smallDisk) used() int64 {
	d.t.Helper()
	out, err := exec.Command("df", "--output=used", "-k", d.dir).Output()
	if err != nil {
		d.t.Fatal(err)
	}
	var n int64
	if _, err := fmt.Sscan(strings.TrimPrefix(strings.TrimSpace(string(out)), "Used"), &n); err != nil {
		d.t.Fatal(err)
	}
	return n
}

// night runs with ledger and reports on the disk and returns exit code and standard error.
func (v *victim) night(d *smallDisk) (code int, stderr string) {
	v.t.Helper()
	c := v.command("--ledger", filepath.Join(d.dir, "ledger"), "--report-dir", filepath.Join(d.dir, "reports"))
	var errw bytes.Buffer
	c.Stderr = &errw
	_ = c.Run() // the exit code tells
	return c.ProcessState.ExitCode(), errw.String()
}

// A ledger with a past survives a disk that becomes full at any moment of a later night: what was committed is still there, the reports are
// a complete set, and with space again the next run ends where an undisturbed one would have.
func TestFullDiskLater(t *testing.T) {
	kills(t)
	tally := faults.Count(t, "full disk")
	const enough = 400 << 10
	base := newDisk(t, enough)
	v := newVictim(t, t.TempDir())
	v.stock(firstNight)
	if code, out := v.night(base); code != exit.Done {
		t.Fatalf("exit code %d\n%s", code, out)
	}
	past := (&victim{t: t, dir: base.dir}).reports()
	before := ledgerRows(t, filepath.Join(base.dir, "ledger"))
	saved := t.TempDir()
	if err := os.CopyFS(saved, os.DirFS(base.dir)); err != nil {
		t.Fatal(err)
	}
	v.stock(everything)
	if code, out := v.night(base); code != exit.Done {
		t.Fatalf("exit code %d\n%s", code, out)
	}
	want := (&victim{t: t, dir: base.dir}).reports()
	live := ledgerRows(t, filepath.Join(base.dir, "ledger"))["live"]

	for step, more := int64(32), int64(0); ; more += step {
		if more > 64<<10 {
			t.Fatal("no amount of space is enough")
		}
		if more >= 512 {
			step = 128
		}
		d := newDisk(t, enough)
		if err := os.CopyFS(d.dir, os.DirFS(saved)); err != nil {
			t.Fatal(err)
		}
		d.resize(d.used() + 4 + more)
		code, out := v.night(d)
		when := fmt.Sprintf("with %d kB of space", more)
		if code == exit.Done {
			(&victim{t: t, dir: d.dir}).compare(when, want)
			t.Logf("%s the night was done", when)
			break
		}
		stage := "smaller and smaller, after: " + stageOf(out)
		tally.Try(stage)
		if code != exit.Failed || !strings.Contains(out, "disk") || !strings.Contains(out, "full") || !strings.Contains(out, d.dir) {
			t.Errorf("%s: exit code %d\n%s", when, code, out)
		}
		if got := completeReports(t, filepath.Join(d.dir, "reports")); got != "" {
			t.Errorf("%s: %s", when, got)
		}
		now := (&victim{t: t, dir: d.dir}).reports()
		if !same(now, past) && !same(now, want) {
			t.Errorf("%s: the reports are neither those of the first night nor those of the second", when)
		}
		after := ledgerRows(t, filepath.Join(d.dir, "ledger"))
		for table, rows := range before {
			if table != "live" && len(after[table]) < len(rows) { // counts, written with one mark per row
				t.Errorf("%s: %s had %d rows and has %d", when, table, len(rows), len(after[table]))
			}
		}
		if after["live"] != before["live"] && after["live"] != live {
			t.Errorf("%s: what counts is neither what counted before nor what counts after the night", when)
		}
		d.resize(enough)
		if code, out := v.night(d); code != exit.Done {
			t.Errorf("%s, then with space: exit code %d\n%s", when, code, out)
		} else {
			(&victim{t: t, dir: d.dir}).compare(when+", then with space", want)
		}
		if t.Failed() {
			return
		}
		found := "new set"
		if same(now, past) {
			found = "old set"
		}
		tally.Hold(stage, found)
		_ = exec.Command("umount", d.dir).Run() // else hundreds are mounted at the end
	}
}

func same(a, b map[string]string) bool {
	for name := range b {
		if a[name] != b[name] {
			return false
		}
	}
	return len(a) == len(b)
}

// stageOf is the last stage that the progress on standard error names.
func stageOf(stderr string) string {
	last := "start"
	for line := range strings.Lines(stderr) {
		name, _, ok := strings.Cut(strings.TrimPrefix(line, "pidledger: "), ",")
		if ok && strings.HasSuffix(strings.TrimSpace(line), " s") {
			last = name
		}
	}
	return last
}

// ledgerRows copies a ledger to where there is space and counts what nothing may lose: the rows of every table that only grows, as one
// mark each, and under "live" the slices that count.
func ledgerRows(t *testing.T, ledger string) map[string]string {
	t.Helper()
	dir := t.TempDir()
	files, err := filepath.Glob(filepath.Join(ledger, "ledger.duckdb*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no database in %s (%v)", ledger, err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, filepath.Base(f)), data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	db, err := engine.Open(t.Context(), engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Attach(t.Context(), filepath.Join(dir, "ledger.duckdb"), "ledger", false); err != nil {
		t.Fatalf("the ledger cannot be opened any longer: %v", err)
	}
	out := map[string]string{}
	for _, table := range append([]string{"files", "runs", "seen_ids", "registrations", "ledger_info"}, queries.Evidence...) {
		n, err := db.Count(t.Context(), "select count(*) from ledger."+table)
		if err != nil {
			t.Fatal(err)
		}
		out[table] = strings.Repeat("|", int(n))
	}
	rows, err := db.Query(t.Context(), "select slice_id from ledger.slices where is_live order by slice_id")
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		id := rows.Values()[0].S
		out["live"] += id + " "
		if _, err := os.Stat(filepath.Join(ledger, "usage", id)); err != nil {
			t.Errorf("slice %s counts, but its usage is not there: %v", id, err)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	return out
}

// completeReports says what is wrong with a report folder, seen as a reader does who takes the manifest's word; empty when it is a complete
// set.
func completeReports(t *testing.T, dir string) string {
	t.Helper()
	m, err := report.ReadManifest(dir)
	if err != nil {
		return err.Error()
	}
	for _, r := range m.Reports {
		for _, f := range r.Files {
			data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(f.Path)))
			if err != nil {
				return err.Error()
			}
			if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != f.SHA256 {
				return fmt.Sprintf("%s of run %s is not what its manifest says", f.Path, m.RunID)
			}
		}
	}
	return ""
}

// filler is a Progress that fills a disk when a stage begins, but for some kilobytes.
type filler struct {
	disk   *smallDisk
	at     string
	leave  int64
	stages []string
}

func (f *filler) Stage(name, _ string) {
	f.stages = append(f.stages, name)
	if name == f.at {
		f.disk.resize(f.disk.used() + 4 + f.leave)
	}
}
func (*filler) Total(int64, int64) {}
func (*filler) Add(int64, int64)   {}
func (*filler) Note(string)        {}
func (*filler) Rows(int64)         {}

// The disk becomes full when a stage begins: also in those that need less space than the ones before, such as the commit.
func TestFullDiskInEveryStage(t *testing.T) {
	kills(t)
	tally := faults.Count(t, "full disk")
	const enough = 400 << 10
	v := newVictim(t, t.TempDir())
	v.stock(firstNight)
	base := newDisk(t, enough)
	if err := nightInside(t, v, base, &filler{}); err != nil {
		t.Fatal(err)
	}
	before := ledgerRows(t, filepath.Join(base.dir, "ledger"))
	past := (&victim{t: t, dir: base.dir}).reports()
	saved := t.TempDir()
	if err := os.CopyFS(saved, os.DirFS(base.dir)); err != nil {
		t.Fatal(err)
	}
	v.stock(everything)
	undisturbed := &filler{}
	if err := nightInside(t, v, base, undisturbed); err != nil {
		t.Fatal(err)
	}
	want := (&victim{t: t, dir: base.dir}).reports()
	live := ledgerRows(t, filepath.Join(base.dir, "ledger"))["live"]
	failures := map[string]int{}
	for _, stage := range undisturbed.stages {
		for _, leave := range []int64{0, 50, 200, 400, 700} {
			t.Run(fmt.Sprintf("%s, %d kB left", stage, leave), func(t *testing.T) {
				tally.Watch(t, "when it begins to "+stage)
				d := newDisk(t, enough)
				if err := os.CopyFS(d.dir, os.DirFS(saved)); err != nil {
					t.Fatal(err)
				}
				err := nightInside(t, v, d, &filler{disk: d, at: stage, leave: leave})
				if err != nil {
					failures[stage]++
					if text := err.Error(); !strings.Contains(text, "the disk of "+d.dir) || !strings.Contains(text, "is full") {
						t.Errorf("%v", err)
					}
				}
				if got := completeReports(t, filepath.Join(d.dir, "reports")); got != "" {
					t.Error(got)
				}
				if now := (&victim{t: t, dir: d.dir}).reports(); !same(now, want) && (err == nil || !same(now, past)) {
					t.Error("the reports are neither those of the first night nor those of the second")
				}
				after := ledgerRows(t, filepath.Join(d.dir, "ledger"))
				for table, rows := range before {
					if table != "live" && len(after[table]) < len(rows) {
						t.Errorf("%s had %d rows and has %d", table, len(rows), len(after[table]))
					}
				}
				if after["live"] != before["live"] && after["live"] != live {
					t.Error("what counts is neither what counted before nor what counts after the night")
				}
				d.resize(enough)
				if err := nightInside(t, v, d, &filler{}); err != nil {
					t.Fatal(err)
				}
				(&victim{t: t, dir: d.dir}).compare("with space again", want)
			})
		}
	}
	if failures["commit"] == 0 {
		t.Error("no night failed in the commit: the test does not test what DuckDB gets wrong")
	}
}

// nightInside runs a night in this process, with ledger and reports on a disk.
func nightInside(t *testing.T, v *victim, d *smallDisk, p ledger.Progress) (err error) {
	t.Helper()
	c, _, err := config.Load(config.Given{File: filepath.Join(v.dir, "pidledger.yaml"), Values: map[string][]string{
		"ledger": {filepath.Join(d.dir, "ledger")}, "report.dir": {filepath.Join(d.dir, "reports")},
	}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	n := night.New(night.Options{Config: c, Progress: p, Log: slog.New(slog.DiscardHandler), Now: time.Now, Version: "test"})
	defer func() {
		err = disk.Full(err, c.Ledger, c.Report.Dir)
		err = errors.Join(err, n.End(exit.ResultOf(err)))
	}()
	_, err = n.Run(t.Context(), night.Whole, night.Steps)
	return err
}

// Ledger, reports, temporary files and what a command writes can lie on disks of their own: the message names the one that is full.
func TestFullDiskIsNamed(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("several nights take seconds")
	}
	faults.Count(t, "full disk").Watch(t, "the disk is named")
	v := newVictim(t, t.TempDir())
	v.stock(firstNight)
	config := filepath.Join(v.dir, "pidledger.yaml")
	start := func(temp string, args ...string) string {
		c := exec.Command(v.bin, append(args, "--config", config)...)
		c.Env = append(os.Environ(), "PIDLEDGER_QUERY_MEMORY=300MB", "TMPDIR="+temp)
		var errw bytes.Buffer
		c.Stderr = &errw
		if c.Run() == nil {
			t.Errorf("%v: the disk was not full", args)
		}
		return errw.String()
	}
	names := func(said, folder string) {
		t.Helper()
		if !strings.Contains(said, "the disk of "+folder+" is full (") || strings.Count(said, "is full") != 1 || !strings.Contains(said, "\nTry: free some space on that disk") {
			t.Errorf("%s is not named:\n%s", folder, said)
		}
	}
	for _, kilobytes := range []int64{64, 300} {
		d := newDisk(t, kilobytes)
		names(start(t.TempDir(), "run", "--ledger", filepath.Join(d.dir, "ledger")), filepath.Join(d.dir, "ledger"))
		names(start(t.TempDir(), "run", "--report-dir", filepath.Join(d.dir, "reports")), filepath.Join(d.dir, "reports"))
		_ = exec.Command("umount", d.dir).Run() // else hundreds are mounted at the end
	}
	v.run(exit.Done)
	small := newDisk(t, 4000)
	const large = "select md5(range::varchar) as m, sha256(range::varchar) as n from range(3000000) order by m"
	said := start(small.dir, "query", large, "-o", filepath.Join(t.TempDir(), "out.parquet"))
	names(strings.Replace(said, ", or set TMPDIR to another folder for temporary files", "", 1), small.dir)
	if !strings.Contains(said, "TMPDIR") {
		t.Errorf("no way out:\n%s", said)
	}
	names(start(t.TempDir(), "query", "select md5(range::varchar) from range(300000)", "-o", filepath.Join(small.dir, "out.parquet")), small.dir)
	small.resize(4)
	names(start(t.TempDir(), "support", "-o", filepath.Join(small.dir, "request.zip"), "--yes"), small.dir)
	names(start(t.TempDir(), "ledger", "export", filepath.Join(small.dir, "backup")), small.dir)
}

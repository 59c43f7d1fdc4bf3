package cmd

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/testdata/faults"
)

// stopped is a run that was stopped after so many lines of progress; rest ends it and returns its exit code.
func (v *victim) stopped(lines int) (pid int, rest func() int) {
	v.t.Helper()
	c := v.command()
	stderr, err := c.StderrPipe()
	if err != nil {
		v.t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		v.t.Fatal(err)
	}
	said := bufio.NewReader(stderr)
	for range lines {
		if _, err := said.ReadString('\n'); err != nil {
			v.t.Fatal(err)
		}
	}
	if err := c.Process.Signal(syscall.SIGSTOP); err != nil {
		v.t.Fatal(err)
	}
	return c.Process.Pid, func() int {
		if err := c.Process.Signal(syscall.SIGCONT); err != nil {
			v.t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, said) // until it ends
		_ = c.Wait()                     // the exit code tells
		return c.ProcessState.ExitCode()
	}
}

func newItself(t *testing.T) *victim {
	t.Helper()
	if testing.Short() {
		t.Skip("a whole world takes seconds")
	}
	bin, err := exec.LookPath(itself)
	if err != nil {
		t.Fatal(err)
	}
	return &victim{t: t, bin: bin, dir: filepath.Join(t.TempDir(), "w")}
}

// A lock file that was deleted while a run goes on lets nobody in: the second run and readers stop, name the first and leave its work alone.
func TestLockFileDeleted(t *testing.T) {
	t.Parallel()
	v := newItself(t)
	faults.Count(t, "second run").Watch(t, "its lock file is deleted")
	v.stock(oneCustomer)
	pid, rest := v.stopped(3)
	work := filepath.Join(v.dir, "ledger", "staging", "work")
	for _, name := range []string{"lock", "lock.holder"} {
		if err := os.Remove(filepath.Join(v.dir, "ledger", name)); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(work, []byte("of the first run"), 0o600); err != nil {
			t.Fatal(err)
		}
		errw := v.run(exit.InUse)
		if name == "lock" && !strings.Contains(errw, "process "+strconv.Itoa(pid)) {
			t.Errorf("the first run is not named: %s", errw)
		}
		v.do(exit.InUse, "forget", "--file", "exports", "--yes")
		v.do(exit.InUse, "ledger", "check")
		if _, err := os.Stat(work); err != nil {
			t.Errorf("without %s: what the first run works on is gone: %v", name, err)
		}
	}
	if code := rest(); code != exit.Done {
		t.Fatalf("the first run ends with exit code %d", code)
	}
	want := v.reports()
	v.run(exit.Done)
	v.compare("after a run with a deleted lock file", want)
}

// A ledger that is copied while a run is at work is a ledger, or it is refused with a reason: it never gives other figures. Copies are taken at several
// stages, whole, and with the database of one moment beside the files of another, as a slow copy has them.
func TestLedgerCopiedDuringRun(t *testing.T) {
	t.Parallel()
	v := newItself(t)
	tally := faults.Count(t, "copies of the ledger")
	v.stock(func(name string) bool { return oneCustomer(name) && firstNight(name) })
	v.run(exit.Done)
	ledger := filepath.Join(v.dir, "ledger")
	copies := t.TempDir()
	at := func(moment string) string { return filepath.Join(copies, moment) }
	copyTree(t, ledger, at("before"))
	v.stock(oneCustomer)
	_, rest := v.stopped(1)
	copyTree(t, ledger, at("begun"))
	if code := rest(); code != exit.Done {
		t.Fatal(code)
	}
	copyTree(t, at("before"), filepath.Join(copies, "saved"))
	if err := os.RemoveAll(ledger); err != nil {
		t.Fatal(err)
	}
	copyTree(t, at("saved"), ledger)
	_, rest = v.stopped(6) // all is committed, nothing is judged
	copyTree(t, ledger, at("committed"))
	if code := rest(); code != exit.Done {
		t.Fatal(code)
	}
	copyTree(t, ledger, at("after"))
	want := v.reports()
	moments := []string{"before", "begun", "committed", "after"}
	for _, files := range moments {
		for _, database := range moments {
			name := "files " + files + ", database " + database
			dir := filepath.Join(t.TempDir(), "w")
			copyTree(t, v.dir, dir)
			mixed := &victim{t: t, bin: v.bin, dir: dir}
			into := filepath.Join(dir, "ledger")
			for _, d := range []string{into, filepath.Join(dir, "reports")} {
				if err := os.RemoveAll(d); err != nil {
					t.Fatal(err)
				}
			}
			copyTree(t, at(files), into)
			for _, end := range []string{"", ".wal"} {
				file := filepath.Join(into, "ledger.duckdb"+end)
				if err := os.RemoveAll(file); err != nil {
					t.Fatal(err)
				}
				copyFile(t, filepath.Join(at(database), "ledger.duckdb"+end), file)
			}
			code, errw := mixed.try("run")
			found := "refused"
			switch {
			case code == exit.Done:
				found = "opens, figures right"
				mixed.compare(name, want)
			case !strings.Contains(errw, "ledger.duckdb") || !strings.Contains(errw, "\nTry: restore"):
				t.Errorf("%s: exit code %d, %s", name, code, errw)
			}
			if same := files == database && (files == "before" || files == "after"); same && code != exit.Done {
				t.Errorf("%s: refused though nobody was at work: %s", name, errw)
			}
			tally.Check(name, !t.Failed(), found)
		}
	}
}

package cmd

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/testdata/faults"
)

// The tests in this file run the real binary and hurt it. They take minutes: `make test-faults` sets PIDLEDGER_KILLS.

// victim is a workspace with the demo world in which the binary is run.
type victim struct {
	t   *testing.T
	bin string
	dir string
}

func newVictim(t *testing.T, dir string) *victim {
	t.Helper()
	v := &victim{t: t, dir: dir, bin: os.Getenv("PIDLEDGER_BIN")}
	if v.bin == "" {
		bin, err := builtOnce()
		if err != nil {
			t.Fatal(err)
		}
		v.bin = bin
	}
	return v
}

// builtOnce builds the program for all tests that want the real binary.
var builtOnce = sync.OnceValues(func() (string, error) {
	dir, err := scratch()
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "pidledger")
	if out, err := exec.Command("go", "build", "-o", bin, "./pidledger").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return bin, nil
})

// stock fills the workspace with the demo's exports, or the first part of them, as a first night would find it.
func (v *victim) stock(part func(name string) bool) {
	v.t.Helper()
	root := filepath.Join("..", "testdata", "demo")
	for _, top := range []string{"exports", "registry.csv", "exclusions.csv", "pidledger.yaml"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			rel, _ := filepath.Rel(root, path)
			if top == "exports" && !part(filepath.ToSlash(rel)) {
				return nil
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			to := filepath.Join(v.dir, rel)
			if _, err := os.Stat(to); err == nil {
				return nil
			}
			if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
				return err
			}
			return os.WriteFile(to, data, 0o644)
		})
		if err != nil {
			v.t.Fatal(err)
		}
	}
}

func (v *victim) command(args ...string) *exec.Cmd {
	c := exec.Command(v.bin, append([]string{"run", "--config", filepath.Join(v.dir, "pidledger.yaml")}, args...)...)
	c.Stdout = io.Discard
	return c
}

// run runs to the end and demands an exit code.
func (v *victim) run(want int) string {
	v.t.Helper()
	c := v.command()
	var errw bytes.Buffer
	c.Stderr = &errw
	err := c.Run()
	if code := c.ProcessState.ExitCode(); code != want {
		v.t.Fatalf("exit code %d (%v), expected %d\n%s", code, err, want, &errw)
	}
	return errw.String()
}

// reports reads every CSV report.
func (v *victim) reports() map[string]string {
	v.t.Helper()
	return v.reportsIn("reports")
}

// reportsIn reads every CSV file of a folder of reports, and below it.
func (v *victim) reportsIn(folder string) map[string]string {
	v.t.Helper()
	out := map[string]string{}
	dir := filepath.Join(v.dir, folder)
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".csv" {
			return err
		}
		data, err := os.ReadFile(path)
		text := string(data)
		if filepath.Base(path) == "restatements.csv" { // when and by which run a month changed differs from run to run
			text = regexp.MustCompile(`\d{4}-\d\d-\d\d[ T][0-9:.Z]+|\d{8}T\d{6}-[0-9a-f]{6}`).ReplaceAllString(text, "")
		}
		name, _ := filepath.Rel(dir, path)
		out[name] = text
		return err
	})
	if err != nil || len(out) == 0 {
		v.t.Fatalf("no reports (%v)", err)
	}
	return out
}

func (v *victim) compare(when string, want map[string]string) {
	v.t.Helper()
	got := v.reports()
	for name, w := range want {
		if got[name] != w {
			v.t.Errorf("%s: %s differs from the undisturbed run", when, name)
		}
	}
}

func wipe(t *testing.T, dir string) {
	t.Helper()
	for _, d := range []string{"ledger", "reports", "exports"} {
		if err := os.RemoveAll(filepath.Join(dir, d)); err != nil {
			t.Fatal(err)
		}
	}
}

func everything(string) bool { return true }

// firstNight leaves out the second half of the evidence and the newest runs, so that the second night replaces and merges.
func firstNight(name string) bool {
	return !strings.Contains(name, "202604") && !strings.Contains(name, "202605") && !strings.Contains(name, "20260321") && !strings.Contains(name, "m=04")
}

func kills(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("PIDLEDGER_KILLS"))
	if err != nil || n <= 0 {
		t.Skip("SKIPPED: the crash tests take minutes; make test-faults runs them")
	}
	return n
}

// A SIGKILL at any moment leaves the old or the new state, and the next run repairs the rest by itself (SPEC 3.4). The kills are spread over
// the stages: each waits for a line of progress, then a random while.
func TestKill(t *testing.T) {
	n := max(kills(t)/10, 2) // TestKillCommands has the others
	tally := faults.Count(t, "SIGKILL")
	v := newVictim(t, t.TempDir())
	v.stock(everything)
	began := time.Now()
	v.run(exit.Done)
	length := time.Since(began)
	want := [2]map[string]string{v.reports()}
	wipe(t, v.dir)
	v.stock(firstNight)
	v.run(exit.Done)
	v.stock(everything)
	v.run(exit.Done)
	want[1] = v.reports()

	r := rand.New(rand.NewPCG(7, 7))
	landed := 0
	for i := 0; landed < n; i++ {
		if i > 20*n {
			t.Fatalf("only %d of %d kills had an effect", landed, n)
		}
		wipe(t, v.dir)
		if i%2 == 1 { // on a ledger with a past
			v.stock(firstNight)
			v.run(exit.Done)
		}
		v.stock(everything)
		at, lines := r.IntN(9), 0
		last := "start"
		c := v.command()
		stderr, err := c.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		reached := make(chan struct{})
		drained := make(chan struct{})
		go func() {
			defer close(drained)
			scan := bufio.NewScanner(stderr)
			for scan.Scan() {
				if lines++; lines == at {
					last, _, _ = strings.Cut(strings.TrimPrefix(scan.Text(), "pidledger: "), ",")
					close(reached)
				}
			}
		}()
		if at > 0 {
			select {
			case <-reached:
			case <-drained:
			}
		}
		time.Sleep(time.Duration(r.Int64N(int64(length) / 6)))
		_ = c.Process.Kill() // fails when it has ended: then the kill does not count
		<-drained
		err = c.Wait()
		var ended *exec.ExitError
		if errors.As(err, &ended) && ended.Sys().(syscall.WaitStatus).Signaled() {
			landed++
			tally.Try("whole world, after: " + last)
		}
		v.run(exit.Done)
		v.compare(fmt.Sprintf("kill %d, after %s", i, last), want[i%2])
		if t.Failed() {
			return
		}
		if ended != nil {
			tally.Hold("whole world, after: "+last, "")
		}
	}
}

// SIGTERM and SIGINT end a run tidily with exit code 130: reports that stood stay a complete set, nothing is left beside ledger and reports,
// and the next run completes the work.
func TestTerminate(t *testing.T) {
	kills(t)
	tally := faults.Count(t, "SIGTERM, SIGINT")
	v := newVictim(t, t.TempDir())
	v.stock(everything)
	began := time.Now()
	v.run(exit.Done)
	length := time.Since(began)
	want := v.reports()
	interrupted := 0
	for i := range 30 {
		wipe(t, v.dir)
		if i%3 == 2 { // reports of an earlier night stand
			v.stock(firstNight)
			v.run(exit.Done)
		}
		v.stock(everything)
		c := v.command()
		var errw bytes.Buffer
		c.Stderr = &errw
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(length * time.Duration(i) / 30)
		if err := c.Process.Signal([]os.Signal{syscall.SIGTERM, os.Interrupt}[i%2]); err != nil {
			continue
		}
		_ = c.Wait() // the exit code tells
		switch code := c.ProcessState.ExitCode(); code {
		case exit.Interrupted:
			interrupted++
			if strings.Contains(errw.String(), "panic") || !strings.Contains(errw.String(), "interrupted") {
				t.Fatal(errw.String())
			}
			if left := v.beside(); len(left) > 0 {
				t.Errorf("signal %d left %v", i, left)
			}
			if v.runOf() != "" || i%3 == 2 {
				if got := completeReports(t, filepath.Join(v.dir, "reports")); got != "" {
					t.Errorf("signal %d: %s", i, got)
				}
			}
		case exit.Done:
		default: // before the handler is there, the signal itself ends the program
			if code != -1 {
				t.Errorf("exit code %d\n%s", code, &errw)
			}
		}
		v.run(exit.Done)
		if i%3 != 2 {
			v.compare(fmt.Sprintf("signal %d", i), want)
		}
		tally.Check("after: "+stageOf(errw.String()), !t.Failed(), fmt.Sprintf("exit code %d", c.ProcessState.ExitCode()))
	}
	if interrupted == 0 {
		t.Error("no run was interrupted")
	}
}

// Two runs on one ledger: the second stops and names the first.
func TestTwoRuns(t *testing.T) {
	kills(t)
	faults.Count(t, "second run").Watch(t, "a run is at work")
	v := newVictim(t, t.TempDir())
	v.stock(everything)
	first := v.command()
	stderr, err := first.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stderr).ReadString('\n') // a stage is done: the ledger is held
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	out := v.run(exit.InUse)
	for _, part := range []string{"process " + strconv.Itoa(first.Process.Pid), " on ", " since "} {
		if !strings.Contains(out, part) {
			t.Errorf("after %q: %q does not say %q", line, out, part)
		}
	}
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait() // killed
	v.run(exit.Done)
}

// A full disk stops a run; what was committed before is still there, and with space again the next run completes the work.
func TestFullDisk(t *testing.T) {
	kills(t)
	if os.Getuid() != 0 {
		t.Skip("SKIPPED: a small file system can be mounted by root only")
	}
	tally := faults.Count(t, "full disk")
	dir := t.TempDir()
	v := newVictim(t, dir)
	v.stock(everything)
	v.run(exit.Done)
	want := v.reports()
	for _, kilobytes := range []int{300, 700, 1200, 2000, 3000, 4000, 5000, 6000, 7000} {
		t.Run(fmt.Sprintf("%d kB", kilobytes), func(t *testing.T) {
			disk := filepath.Join(t.TempDir(), "disk")
			if err := os.Mkdir(disk, 0o755); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command("mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%dk", kilobytes), "none", disk).CombinedOutput(); err != nil {
				t.Skipf("SKIPPED: cannot mount a small file system: %s", out)
			}
			defer func() { _ = exec.Command("umount", disk).Run() }() // best effort: the folder goes with the test
			small := func(size string, want ...int) int {
				c := v.command("--ledger", filepath.Join(disk, "ledger"), "--report-dir", filepath.Join(disk, "reports"))
				if size != "" {
					if out, err := exec.Command("mount", "-o", "remount,size="+size, disk).CombinedOutput(); err != nil {
						t.Fatalf("%v %s", err, out)
					}
				}
				var errw bytes.Buffer
				c.Stderr = &errw
				_ = c.Run() // the exit code tells
				code := c.ProcessState.ExitCode()
				for _, w := range want {
					if code == w {
						return code
					}
				}
				t.Fatalf("exit code %d\n%s", code, &errw)
				return code
			}
			tally.Watch(t, "a disk of some size, first night")
			first := small("", exit.Failed, exit.Done)
			small("200m", exit.Done)
			got := &victim{t: t, dir: disk}
			got.compare(fmt.Sprintf("after a disk of %d kB (exit code %d)", kilobytes, first), want)
		})
	}
}

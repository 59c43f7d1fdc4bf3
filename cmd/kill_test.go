package cmd

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/testdata/faults"
)

// oneCustomer is the part of the demo world in which commands are killed: one customer with everything, so that a night takes a second.
func oneCustomer(name string) bool {
	return strings.Contains(name, "alpine-1") || strings.HasPrefix(name, "exports/changes/") || strings.HasPrefix(name, "exports/requests/")
}

const killConfig = `ledger: ledger
registry: registry.csv
exclusions: exclusions.csv
sources: [{path: exports}]
report: {dir: reports, formats: [csv, parquet], attributed_usage: [csv, parquet]}
limits: {threads: 1}
`

// killJob is a command that is killed, and what makes up for it.
type killJob struct {
	name   string
	from   string     // the state it begins with: a function of killStates
	args   []string   // the command
	again  bool       // the command is said once more afterwards; whether it was done already, it may refuse
	then   [][]string // commands that must be done afterwards; none: the reports do not change
	folder string     // of the reports that are compared in the end
	file   string     // that is as before or as it should be, and in the end as it should be; empty: none
}

// killStates make the states that commands begin with, each from the one before.
var killStates = []struct {
	name string
	make func(v *victim)
}{
	{"nothing", func(v *victim) { v.stock(oneCustomer) }},
	{"past", func(v *victim) {
		for _, d := range []string{"ledger", "reports", "exports"} {
			_ = os.RemoveAll(filepath.Join(v.dir, d)) // what is left shows
		}
		v.stock(func(name string) bool { return oneCustomer(name) && firstNight(name) })
		v.run(exit.Done)
		v.stock(oneCustomer)
	}},
	{"done", func(v *victim) { v.run(exit.Done) }},
	{"backup", func(v *victim) {
		v.do(exit.Done, "ledger", "export", filepath.Join(v.dir, "backup"))
		for _, d := range []string{"ledger", "exports"} { // what the backup lacks, nothing brings back
			_ = os.RemoveAll(filepath.Join(v.dir, d))
		}
		_ = os.Mkdir(filepath.Join(v.dir, "exports"), 0o700)
	}},
}

// killJobs lists every command that writes. DIR is the folder of the victim.
var killJobs = []killJob{
	{name: "run, first night", from: "nothing", args: []string{"run"}, then: [][]string{{"run"}}},
	{name: "run, on a past", from: "past", args: []string{"run"}, then: [][]string{{"run"}}},
	{name: "run --rebuild", from: "past", args: []string{"run", "--rebuild"}, then: [][]string{{"run"}}},
	{name: "run to a second place", from: "past", args: []string{"run", "--report-dir", "DIR/second"}, then: [][]string{{"run", "--report-dir", "DIR/second"}}, folder: "second"},
	{name: "run to a second place, then to the first", from: "past", args: []string{"run", "--report-dir", "DIR/second"}, then: [][]string{{"run"}}},
	{name: "ingest", from: "past", args: []string{"ingest"}, then: [][]string{{"run"}}},
	{name: "report", from: "done", args: []string{"report", "--rebuild"}, then: [][]string{{"run"}}},
	{name: "forget --file", from: "done", args: []string{"forget", "--file", "exports/cost/csp", "--file", "exports/changes", "--yes"}, again: true, then: [][]string{{"run"}}},
	{name: "forget --run", from: "done", args: []string{"forget", "--run", "3c523a36-7fd3-471c-b582-e7c133a79766", "--yes"}, again: true, then: [][]string{{"run"}}},
	{name: "forget --subscription", from: "done", args: []string{"forget", "--subscription", "6a17b9af-5b56-4643-a037-cdff7c240d49", "--yes"}, again: true, then: [][]string{{"run"}}},
	{name: "ledger export", from: "done", args: []string{"ledger", "export", "DIR/backup"}, again: true,
		then: [][]string{{"ledger", "import", "--ledger", "DIR/restored", "DIR/backup"}, {"run", "--ledger", "DIR/restored", "--report-dir", "DIR/second"}}, folder: "second"},
	{name: "ledger import", from: "backup", args: []string{"ledger", "import", "DIR/backup"}, again: true, then: [][]string{{"run"}}},
	{name: "registry import", from: "done", args: []string{"registry", "import", "DIR/more.csv"}, again: true, file: "registry.csv"},
	{name: "exclusions add", from: "done", args: []string{"exclusions", "add", "11111111-2222-4333-8444-555555555555", "--reason", "asked"}, again: true, file: "exclusions.csv"},
	{name: "query -o", from: "done", args: []string{"query", "select * from summary order by all", "-o", "DIR/out.csv"}, again: true, file: "out.csv"},
}

// do runs a command to the end and demands one of the exit codes.
func (v *victim) do(want int, args ...string) string {
	v.t.Helper()
	code, errw := v.try(args...)
	if code != want {
		v.t.Fatalf("%v: exit code %d, expected %d\n%s", args, code, want, errw)
	}
	return errw
}

func (v *victim) try(args ...string) (code int, errw string) {
	c := v.say(args...)
	var b bytes.Buffer
	c.Stderr = &b
	_ = c.Run() // the exit code tells
	return c.ProcessState.ExitCode(), b.String()
}

func (v *victim) say(args ...string) *exec.Cmd {
	c := exec.Command(v.bin, append(args, "--config", filepath.Join(v.dir, "pidledger.yaml"))...)
	c.Dir, c.Stdout = v.dir, io.Discard
	return c
}

// copyTree copies a folder with times, links and modes; to must not be there.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	if out, err := exec.Command("cp", "-a", from, to).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// outcome of a job: reports, rows of the ledger, and its file.
func (v *victim) outcome(j killJob) (reports, rows map[string]string, file string) {
	v.t.Helper()
	ledger := "ledger"
	if j.name == "ledger export" {
		ledger = "restored"
	}
	rows = ledgerRows(v.t, filepath.Join(v.dir, ledger))
	delete(rows, "runs") // the killed one is one more
	if j.file != "" {
		data, err := os.ReadFile(filepath.Join(v.dir, j.file))
		if err != nil {
			v.t.Fatal(err)
		}
		file = string(data)
	}
	return v.reportsIn(j.folder), rows, file
}

// changing are the system calls that change a folder or make a change last: a kill just before one of them leaves what nothing else does.
var changing = regexp.MustCompile(`^(\d+) +(rename\w*|link\w*|symlink\w*|unlink\w*|mkdir\w*|rmdir|fsync|fdatasync|ftruncate|write|pwrite64)\(`)

// calls lists system call and number, counted in each thread, that a command makes; nil without strace.
func (v *victim) calls(args []string) map[string]int {
	v.t.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil {
		v.t.Log("SKIPPED: kills at system calls: strace is not here")
		return nil
	}
	trace := filepath.Join(v.t.TempDir(), "trace")
	c := v.say(args...)
	c.Args = append([]string{strace, "-f", "--seccomp-bpf", "-e", "trace=%file,%desc", "-o", trace}, c.Args...)
	c.Path = strace
	if err := c.Run(); err != nil {
		v.t.Logf("SKIPPED: kills at system calls: strace: %v", err)
		return nil
	}
	f, err := os.Open(trace)
	if err != nil {
		v.t.Fatal(err)
	}
	defer f.Close()
	most, threads := map[string]int{}, map[string]int{}
	scan := bufio.NewScanner(f)
	scan.Buffer(nil, 1<<20)
	for scan.Scan() {
		if m := changing.FindStringSubmatch(scan.Text()); m != nil {
			threads[m[1]+m[2]]++
			most[m[2]] = max(most[m[2]], threads[m[1]+m[2]])
		}
	}
	return most
}

// killed runs a command and kills it: at a system call, or a while after a line of progress. It says where, and whether the kill came in time.
func (v *victim) killed(r *rand.Rand, args []string, length time.Duration, lines int, calls map[string]int, atCall bool) (where string, landed bool) {
	v.t.Helper()
	c := v.say(args...)
	wait := func() bool {
		var ended *exec.ExitError
		return errors.As(c.Wait(), &ended) && ended.Sys().(syscall.WaitStatus).Signaled()
	}
	if atCall && len(calls) > 0 {
		call := slices.Sorted(maps.Keys(calls))[r.IntN(len(calls))]
		inject := fmt.Sprintf("inject=%s:signal=KILL:when=%d", call, 1+r.IntN(calls[call]))
		c.Args = append([]string{"strace", "-f", "--seccomp-bpf", "-e", "trace=" + call, "-e", inject, "-o", os.DevNull}, c.Args...)
		var err error
		if c.Path, err = exec.LookPath("strace"); err != nil {
			v.t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			v.t.Fatal(err)
		}
		return "at " + call, wait()
	}
	stderr, err := c.StderrPipe()
	if err != nil {
		v.t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		v.t.Fatal(err)
	}
	at, seen := r.IntN(lines+1), 0
	where = "from the start on"
	reached, drained := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(drained)
		for scan := bufio.NewScanner(stderr); scan.Scan(); {
			if seen++; seen == at {
				name, _, _ := strings.Cut(strings.TrimPrefix(scan.Text(), "pidledger: "), ",")
				where = "after: " + name
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
	time.Sleep(time.Duration(r.Int64N(int64(length)/int64(lines+1)*2 + 1)))
	_ = c.Process.Kill() // fails when it has ended: then the kill does not count
	<-drained
	return where, wait()
}

// afterKill demands what a reader of the reports, or of the file of a job, may demand at any time, and says whether the job seems done.
func (v *victim) afterKill(j killJob, before, beforeFile, wantFile string) (found string) {
	v.t.Helper()
	found = "as before"
	for _, folder := range []string{"reports", "second"} {
		path := filepath.Join(v.dir, folder)
		if _, err := os.Stat(path); err != nil {
			continue
		}
		if lack := completeReports(v.t, path); lack != "" {
			v.t.Errorf("%s: %s", folder, lack)
		}
		if folder == j.folder && (folder == "second" || v.runOf() != before) {
			found = "done"
		}
	}
	if j.file != "" {
		switch data, err := os.ReadFile(filepath.Join(v.dir, j.file)); {
		case err != nil && beforeFile == "" || string(data) == beforeFile:
		case string(data) == wantFile:
			found = "done"
		default:
			v.t.Errorf("%s is neither as it was nor as it should be:\n%s", j.file, data)
		}
	}
	return found
}

// A SIGKILL of any command that writes, at any time and at any system call that changes a file, leaves a complete set of reports, and the
// command said once more, or the next run, ends where undisturbed ones would have: no row is lost or doubled.
func TestKillCommands(t *testing.T) {
	n := kills(t)
	tally := faults.Count(t, "SIGKILL")
	base := newVictim(t, filepath.Join(t.TempDir(), "w"))
	if err := errors.Join(os.Mkdir(base.dir, 0o755), os.WriteFile(filepath.Join(base.dir, "pidledger.yaml"), []byte(killConfig), 0o600),
		os.WriteFile(filepath.Join(base.dir, "more.csv"), []byte("tracking_id,mpn_id,offer,sku,channel,registered_at\n99999999-1234-4abc-8def-000000000009,1,More,s,github,2026-01-01\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	saved := t.TempDir()
	for _, s := range killStates {
		s.make(base)
		copyTree(t, base.dir, filepath.Join(saved, s.name))
	}
	jobs := killJobs
	if n < len(jobs) { // the short form takes turns
		first := time.Now().YearDay() * n % len(jobs)
		jobs = append(slices.Clone(jobs[first:]), jobs[:first]...)[:n]
	}
	for i, j := range jobs {
		t.Run(j.name, func(t *testing.T) {
			t.Parallel()
			if j.folder == "" {
				j.folder = "reports"
			}
			v := &victim{t: t, bin: base.bin, dir: filepath.Join(t.TempDir(), "w")}
			fill := func(args []string) (out []string) {
				for _, a := range args {
					out = append(out, strings.ReplaceAll(a, "DIR", v.dir))
				}
				return out
			}
			args := fill(j.args)
			reset := func() {
				if err := os.RemoveAll(v.dir); err != nil {
					t.Fatal(err)
				}
				copyTree(t, filepath.Join(saved, j.from), v.dir)
			}
			finish := func() {
				for _, args := range j.then {
					v.do(exit.Done, fill(args)...)
				}
			}
			reset()
			before := v.runOf()
			beforeFile := ""
			if data, err := os.ReadFile(filepath.Join(v.dir, j.file)); j.file != "" && err == nil {
				beforeFile = string(data)
			}
			began := time.Now()
			said := v.do(exit.Done, args...)
			length := time.Since(began)
			finish()
			want, wantRows, wantFile := v.outcome(j)
			reset()
			calls := v.calls(args)

			r := rand.New(rand.NewPCG(11, uint64(i)))
			mine := (n + len(jobs) - 1) / len(jobs)
			for k, landed := 0, 0; landed < mine; k++ {
				if k > 20*mine+20 {
					t.Fatalf("only %d of %d kills had an effect", landed, mine)
				}
				reset()
				var stages, found []string
				for range 1 + r.IntN(3) { // what makes up for a kill is killed, too
					where, ok := v.killed(r, args, length, strings.Count(said, "\n"), calls, k%2 == 0)
					if !ok {
						break
					}
					landed++
					stages = append(stages, j.name+", "+where)
					tally.Try(j.name + ", " + where)
					found = append(found, v.afterKill(j, before, beforeFile, wantFile))
				}
				if len(stages) == 0 {
					continue
				}
				if j.again {
					if code, errw := v.try(args...); code != exit.Done && code != exit.Usage {
						t.Errorf("said again: exit code %d\n%s", code, errw)
					}
				}
				finish()
				got, rows, file := v.outcome(j)
				for name, w := range want {
					if got[name] != w {
						t.Errorf("%s differs from the undisturbed one", name)
					}
				}
				for table, w := range wantRows {
					if rows[table] != w {
						t.Errorf("%s has %d rows or slices, %d without the kill", table, len(rows[table]), len(w))
					}
				}
				if file != wantFile {
					t.Errorf("in the end %s is\n%s\nnot\n%s", j.file, file, wantFile)
				}
				for _, left := range v.beside() {
					unfinished := j.file != "" && strings.HasPrefix(left, "."+j.file+".new-") || // it goes when it is a day old
						j.folder == "reports" && strings.HasPrefix(left, "second.new-") // or with the next run to that place
					if !unfinished && !slices.Contains([]string{"more.csv", "backup", "second", "restored", "out.csv"}, left) {
						t.Errorf("%s is left", left)
					}
				}
				if t.Failed() {
					t.Fatalf("killed %s", strings.Join(stages, "; then "))
				}
				for i, stage := range stages {
					tally.Hold(stage, found[i])
				}
			}
		})
	}
}

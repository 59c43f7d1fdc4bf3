package cmd

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/report"
	"github.com/pidledger/pidledger/testdata/faults"
)

// beside lists what lies beside ledger and reports and does not belong there.
func (v *victim) beside() []string {
	v.t.Helper()
	entries, err := os.ReadDir(v.dir)
	if err != nil {
		v.t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		switch e.Name() {
		case "exports", "ledger", "reports", "registry.csv", "exclusions.csv", "pidledger.yaml":
		default:
			out = append(out, e.Name())
		}
	}
	return out
}

// runOf is the run whose reports are in the report folder; empty when there are none.
func (v *victim) runOf() string {
	m, err := report.ReadManifest(filepath.Join(v.dir, "reports"))
	if err != nil {
		return ""
	}
	return m.RunID
}

// The moments at which publishing is killed. Each gets the victim and the run whose reports stood before, and returns when it is time.
var publishing = []struct {
	name string
	wait func(v *victim, before string, r *rand.Rand, length time.Duration)
}{
	{"while reports are written", func(_ *victim, _ string, r *rand.Rand, length time.Duration) {
		time.Sleep(time.Duration(r.Int64N(int64(length) + 1)))
	}},
	{"when the new folder has its manifest", func(v *victim, _ string, _ *rand.Rand, _ time.Duration) {
		poll(func() bool {
			found, err := filepath.Glob(filepath.Join(v.dir, "reports.new-*", report.ManifestName))
			return err == nil && len(found) > 0
		})
	}},
	{"when the folders are swapped", func(v *victim, before string, _ *rand.Rand, _ time.Duration) {
		poll(func() bool { now := v.runOf(); return now != "" && now != before })
	}},
	{"when the swap is done", func(v *victim, before string, r *rand.Rand, _ time.Duration) {
		poll(func() bool { now := v.runOf(); return now != "" && now != before })
		time.Sleep(time.Duration(r.Int64N(int64(20 * time.Millisecond))))
	}},
}

// poll asks again and again, for no longer than a run can take.
func poll(due func() bool) {
	for until := time.Now().Add(20 * time.Second); !due() && time.Now().Before(until); {
		time.Sleep(100 * time.Microsecond)
	}
}

// A SIGKILL while the reports are published leaves a complete set, the old one or the new one; the next run publishes what is right and
// sweeps away what the killed one left.
func TestKillWhilePublishing(t *testing.T) {
	n := max(kills(t)/10, 2) // TestKillCommands has the others
	tally := faults.Count(t, "SIGKILL")
	v := newVictim(t, t.TempDir())
	v.stock(firstNight)
	v.run(exit.Done)
	saved := t.TempDir()
	if err := os.CopyFS(saved, os.DirFS(v.dir)); err != nil {
		t.Fatal(err)
	}
	before := v.runOf()
	v.stock(everything)
	length := publishingTakes(v.run(exit.Done))
	want := v.reports()

	r := rand.New(rand.NewPCG(3, 3))
	landed := map[string]int{}
	for i := range n {
		if err := os.RemoveAll(v.dir); err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(v.dir, os.DirFS(saved)); err != nil {
			t.Fatal(err)
		}
		v.stock(everything)
		moment := publishing[i%len(publishing)]
		c := v.command()
		stderr, err := c.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		begun, drained := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(drained)
			for scan := bufio.NewScanner(stderr); scan.Scan(); {
				if strings.HasPrefix(scan.Text(), "pidledger: attribute, ") && strings.HasSuffix(scan.Text(), " s") {
					close(begun) // the stage is done: the reports are next
				}
			}
		}()
		select {
		case <-begun:
			moment.wait(v, before, r, length)
		case <-drained:
		}
		_ = c.Process.Kill() // fails when it has ended: then the kill does not count
		<-drained
		err = c.Wait()
		var ended *exec.ExitError
		if errors.As(err, &ended) && ended.Sys().(syscall.WaitStatus).Signaled() {
			landed[moment.name]++
			tally.Try("whole world, " + moment.name)
		}
		if got := completeReports(t, filepath.Join(v.dir, "reports")); got != "" {
			t.Errorf("kill %d, %s: %s", i, moment.name, got)
		}
		found := "new set"
		if v.runOf() == before {
			found = "old set"
		}
		v.run(exit.Done)
		v.compare(fmt.Sprintf("kill %d, %s", i, moment.name), want)
		if left := v.beside(); len(left) > 0 {
			t.Errorf("kill %d, %s: the next run left %v", i, moment.name, left)
		}
		if t.Failed() {
			return
		}
		if ended != nil {
			tally.Hold("whole world, "+moment.name, found)
		}
	}
	for _, m := range publishing[:3] {
		if landed[m.name] == 0 && n >= 20 {
			t.Errorf("no kill landed %s", m.name)
		}
	}
}

// publishingTakes reads from the progress how long the reports took.
func publishingTakes(stderr string) time.Duration {
	m := regexp.MustCompile(`write the reports, .* ([0-9.]+) s\n`).FindStringSubmatch(stderr)
	if m == nil {
		return 200 * time.Millisecond
	}
	seconds, _ := strconv.ParseFloat(m[1], 64) // the expression lets numbers pass only
	return time.Duration(seconds*float64(time.Second)) + 50*time.Millisecond
}

// What the lock file's companion says of its holder is talk: only the lock itself keeps a run out.
func TestTwoRunsHolder(t *testing.T) {
	kills(t)
	faults.Count(t, "second run").Watch(t, "its holder")
	v := newVictim(t, t.TempDir())
	v.stock(firstNight)
	v.run(exit.Done)
	holder := filepath.Join(v.dir, "ledger", "lock.holder")
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	alive := fmt.Sprintf(`{"host":%q,"pid":%d,"started":"2026-01-01T00:00:00Z"}`, host, os.Getpid())
	for name, text := range map[string]string{"a live process of another kind": alive, "garbage": "\x00\xff{{{", "nothing": "", "another form": `["x"]`} {
		if err := os.WriteFile(holder, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if out := v.run(exit.Done); strings.Contains(out, "in use") {
			t.Errorf("%s: %s", name, out)
		}
	}

	v.stock(everything)
	first := v.command()
	stderr, err := first.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(stderr).ReadString('\n'); err != nil { // a stage is done: the ledger is held
		t.Fatal(err)
	}
	if err := first.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"garbage": "\x00\xff{{{", "nothing": ""} {
		if err := os.WriteFile(holder, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if out := v.run(exit.InUse); !strings.Contains(out, "in use by another run") {
			t.Errorf("%s: %s", name, out)
		}
	}
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait() // killed
	v.run(exit.Done)
}

// What a run writes is its owner's alone, whatever the umask, and what it says on standard error names no customer, subscription or id.
func TestPrivate(t *testing.T) {
	kills(t)
	faults.Count(t, "rights of files").Watch(t, "what is written")
	guid := regexp.MustCompile(`(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	for _, mask := range []string{"000", "022", "777"} {
		v := newVictim(t, t.TempDir())
		v.stock(everything)
		usage := "SubscriptionGuid,ResourceGroup,UsageDateTime,MeterCategory,MeterId,UsageQuantity,PreTaxCost,InstanceId,Currency,CustomerName\n" +
			"0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0,rg,2026-03-01,Storage,m,1,secret-amount,/subscriptions/x,USD,Jane Doe\n"
		if err := os.WriteFile(filepath.Join(v.dir, "exports", "bad.csv"), []byte(usage), 0o600); err != nil {
			t.Fatal(err)
		}
		c := exec.Command("sh", "-c", "umask "+mask+`; exec "$0" run --config "$1"`, v.bin, filepath.Join(v.dir, "pidledger.yaml"))
		var errw bytes.Buffer
		c.Stderr = &errw
		_ = c.Run() // the exit code tells
		if code := c.ProcessState.ExitCode(); code != exit.Partial {
			t.Fatalf("umask %s: exit code %d\n%s", mask, code, &errw)
		}
		if id := guid.FindString(errw.String()); id != "" || strings.Contains(errw.String(), "Jane") || strings.Contains(errw.String(), "secret") {
			t.Errorf("standard error tells too much (%s):\n%s", id, &errw)
		}
		for _, top := range []string{"ledger", "reports"} {
			err := filepath.Walk(filepath.Join(v.dir, top), func(path string, info os.FileInfo, err error) error {
				if err != nil {
					return err
				}
				want := os.FileMode(0o600)
				if info.IsDir() {
					want = 0o700
				}
				if info.Mode()&os.ModeSymlink == 0 && info.Mode().Perm() != want {
					t.Errorf("umask %s: %s has mode %o", mask, path, info.Mode().Perm())
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		}
	}
}

// A file and a folder that the user of the job may not read fail by themselves; when they may be read, they are, and nothing else is needed.
func TestUnreadable(t *testing.T) {
	kills(t)
	faults.Count(t, "rights of files").Watch(t, "what is read")
	if os.Getuid() != 0 {
		t.Skip("SKIPPED: only root can run the binary as another user; root itself may read everything")
	}
	mask := syscall.Umask(0o022) // tests that ran the program in this process left its own
	t.Cleanup(func() { syscall.Umask(mask) })
	dir := t.TempDir()
	v := newVictim(t, dir)
	v.stock(everything)
	for path := dir; path != os.TempDir() && path != "/"; path = filepath.Dir(path) {
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	const nobody = 65534
	if err := os.Chown(dir, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Dir(v.bin), 0o755); err != nil {
		t.Fatal(err)
	}
	run := func(want int) string {
		t.Helper()
		c := v.command()
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		var out bytes.Buffer
		c.Stdout, c.Stderr = &out, &out
		err := c.Run()
		if code := c.ProcessState.ExitCode(); code != want {
			t.Fatalf("exit code %d (%v), expected %d\n%s", code, err, want, &out)
		}
		return out.String()
	}
	run(exit.Done)
	usage := "SubscriptionGuid,ResourceGroup,UsageDateTime,MeterCategory,MeterId,UsageQuantity,PreTaxCost,InstanceId,Currency\n" +
		"0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0,rg,2026-03-01,Storage,m,1,1,/subscriptions/x,USD\n"
	locked := filepath.Join(dir, "exports", "locked")
	if err := os.Mkdir(locked, 0o755); err != nil {
		t.Fatal(err)
	}
	closed := filepath.Join(dir, "exports", "closed.csv")
	for path, text := range map[string]string{filepath.Join(locked, "a.csv"): usage, closed: usage + usage[strings.Index(usage, "\n")+1:]} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	before := v.reports()["coverage.csv"]
	if err := errors.Join(os.Chmod(locked, 0), os.Chmod(closed, 0)); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second run tries again
		out := run(exit.Partial)
		for _, part := range []string{"exports/locked", "exports/closed.csv", "permission denied"} {
			if !strings.Contains(out, part) {
				t.Errorf("nothing says %q:\n%s", part, out)
			}
		}
	}
	if v.reports()["coverage.csv"] != before {
		t.Error("the reports changed")
	}
	if err := errors.Join(os.Chmod(locked, 0o755), os.Chmod(closed, 0o644)); err != nil {
		t.Fatal(err)
	}
	run(exit.Done)
	if v.reports()["coverage.csv"] == before {
		t.Error("what may be read now was not read")
	}
}

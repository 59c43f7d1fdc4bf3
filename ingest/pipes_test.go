//go:build unix

package ingest

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pidledger/pidledger/testdata/faults"
)

// pipe makes a named pipe that nobody writes to: who opens it to read waits for ever.
func pipe(t testing.TB, path string) {
	t.Helper()
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skipf("SKIPPED: no named pipes here: %v", err)
	}
}

// What is no file is passed over, and no run waits for it.
func TestPipesAndSockets(t *testing.T) {
	faults.Count(t, "hostile paths").Watch(t, "pipes and sockets")
	w := newWorkbench(t)
	w.put("usage.csv", mospHeader+mospRow(1, "1", "USD"))
	dir := filepath.Join(w.dir, "exports")
	pipe(t, filepath.Join(dir, "pipe.csv"))
	pipe(t, filepath.Join(dir, "manifest.json"))
	must(t, os.Symlink("pipe.csv", filepath.Join(dir, "link.csv")))
	short, err := os.MkdirTemp("", "s") //nolint:usetesting // the path of a socket must be short
	must(t, err)
	defer os.RemoveAll(short)
	sock, err := net.Listen("unix", filepath.Join(short, "s"))
	must(t, err)
	defer sock.Close()
	must(t, os.Rename(filepath.Join(short, "s"), filepath.Join(dir, "socket.csv")))
	done := make(chan *Result, 1)
	go func() {
		r, _ := w.ingest() // a nil result tells
		done <- r
	}()
	select {
	case r := <-done:
		if r == nil || len(r.Files) != 1 || w.money() != "1.00" {
			t.Errorf("%+v", r)
		}
	case <-time.After(time.Minute):
		t.Fatal("the run waits for somebody to write into a pipe")
	}
}

// A pipe that takes the place of a file after the listing does not hold the run up either.
func TestPipeInThePlaceOfAFile(t *testing.T) {
	faults.Count(t, "hostile paths").Watch(t, "a pipe in the place of a file")
	for _, name := range []string{"usage.csv", "cost/daily/20260301-20260331/" + run1 + "/manifest.json"} {
		w := newWorkbench(t)
		w.put("deployments.json", goodDeployment)
		w.putRun(run1, "2026-03-02T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-01T00:00:00Z", "1", mospHeader+mospRow(1, "1", "USD"))
		w.put("usage.csv", mospHeader+mospRow(1, "1", "USD"))
		path := filepath.Join(w.dir, "exports", filepath.FromSlash(name))
		w.opts.Progress = &meddler{stage: "read registry, exclusions and customers", do: func() {
			must(t, os.Remove(path))
			pipe(t, path)
		}}
		r, err := w.ingest()
		if err != nil {
			t.Fatal(err)
		}
		if f := status(t, r, name); f.Status != StatusFailed || !strings.Contains(f.Reason, "regular file") {
			t.Errorf("%+v", f)
		}
	}
}

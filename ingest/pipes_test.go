//go:build unix

package ingest_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/ingest/ingesttest"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/testdata/faults"
)

// pipe makes a named pipe that nobody writes to: who opens it to read waits for ever.
func pipe(t testing.TB, path string) {
	t.Helper()
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skipf("SKIPPED: no named pipes here: %v", err)
	}
}

// What is not a file is passed over, and no run waits for it.
func TestPipesAndSockets(t *testing.T) {
	faults.Count(t, "hostile paths").Watch(t, "pipes and sockets")
	w := ingesttest.New(t)
	w.Put("usage.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD"))
	dir := filepath.Join(w.Dir, "exports")
	pipe(t, filepath.Join(dir, "pipe.csv"))
	pipe(t, filepath.Join(dir, "manifest.json"))
	ingesttest.Must(t, os.Symlink("pipe.csv", filepath.Join(dir, "link.csv")))
	short, err := os.MkdirTemp("", "s") //nolint:usetesting // the path of a socket must be short
	ingesttest.Must(t, err)
	defer os.RemoveAll(short)
	sock, err := net.Listen("unix", filepath.Join(short, "s"))
	ingesttest.Must(t, err)
	defer sock.Close()
	ingesttest.Must(t, os.Rename(filepath.Join(short, "s"), filepath.Join(dir, "socket.csv")))
	done := make(chan *ingest.Result, 1)
	go func() {
		r, _ := w.Ingest() // a nil result tells
		done <- r
	}()
	select {
	case r := <-done:
		if r == nil || len(r.Files) != 1 || w.Money() != "1.00" {
			t.Errorf("%+v", r)
		}
	case <-time.After(time.Minute):
		t.Fatal("the run waits for somebody to write into a pipe")
	}
}

// A pipe that takes the place of a file after the listing does not hold the run up either.
func TestPipeInThePlaceOfAFile(t *testing.T) {
	faults.Count(t, "hostile paths").Watch(t, "a pipe in place of a file")
	for _, name := range []string{"usage.csv", "cost/daily/20260301-20260331/" + ingesttest.Run1 + "/manifest.json"} {
		w := ingesttest.New(t)
		w.Put("deployments.json", goodDeployment)
		w.PutRun(ingesttest.Run1, "2026-03-02T01:00:00Z", "MonthToDate", "2026-03-01T00:00:00", "2026-03-01T00:00:00Z", "1", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD"))
		w.Put("usage.csv", ingesttest.MOSPHeader+ingesttest.MOSPRow(1, "1", "USD"))
		path := filepath.Join(w.Dir, "exports", filepath.FromSlash(name))
		w.Opts.Progress = &ingesttest.Meddler{At: "read registry, exclusions and customers", Do: func() {
			ingesttest.Must(t, os.Remove(path))
			pipe(t, path)
		}}
		r, err := w.Ingest()
		if err != nil {
			t.Fatal(err)
		}
		if f := ingesttest.Status(t, r, name); f.Status != ledger.StatusFailed || !strings.Contains(f.Reason, "regular file") {
			t.Errorf("%+v", f)
		}
	}
}

package cmd

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/ingest/ledger"
)

// A run that holds the ledger does not block `files`: it lists what the last published run knew, and says so.
func TestFilesDuringRun(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a whole run takes seconds")
	}
	dir := t.TempDir()
	config := []string{"--config", filepath.Join("..", "testdata", "demo", "pidledger.yaml"), "--ledger", filepath.Join(dir, "ledger")}
	environ := []string{"PIDLEDGER_REPORT_DIR=" + filepath.Join(dir, "reports")}
	call := func(args ...string) (string, string) {
		t.Helper()
		code, out, errs := runWith(t, environ, append(args, config...)...)
		if code != exit.Done {
			t.Fatalf("%v: exit code %d\n%s", args, code, errs)
		}
		return out, errs
	}
	call("run", "--quiet")
	want, _ := call("files", "--json")
	l, err := ledger.Open(t.Context(), ledger.Options{
		Folder: filepath.Join(dir, "ledger"), Now: time.Now, Progress: &filler{},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	got, said := call("files", "--json")
	if !strings.Contains(said, "a run holds the ledger") {
		t.Errorf("nothing tells how old the list is: %q", said)
	}
	if n, all := strings.Count(got, `"status"`), strings.Count(want, `"status"`); n != all || n == 0 {
		t.Errorf("%d files, of %d", n, all)
	}
}

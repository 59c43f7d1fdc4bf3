package cmd

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/ingest/status"
)

// A run whose reports could not be published is not done, and status says so.
func TestFailedPublishingShows(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{"exports/a.csv": logRows, "reports/thesis.doc": "not ours"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	call := func(want int, args ...string) string {
		t.Helper()
		var out, errw strings.Builder
		args = append(args, "--quiet", "--ledger", filepath.Join(dir, "ledger"))
		if code := Main(args, strings.NewReader(""), &out, &errw); code != want {
			t.Fatalf("%v: exit code %d, want %d\n%s", args, code, want, &errw)
		}
		return out.String()
	}
	last := func() (last, done *status.RunRecord) {
		t.Helper()
		var st status.Status
		if err := json.Unmarshal([]byte(call(exit.Done, "status", "--json")), &st); err != nil {
			t.Fatal(err)
		}
		return st.LastRun, st.LastDone
	}
	run := []string{"run", "--source", filepath.Join(dir, "exports"), "--report-dir", filepath.Join(dir, "reports")}
	call(exit.Failed, run...)
	r, done := last()
	if r == nil || r.Result != ledger.ResultFailed || r.Command != "run" || r.RowsRead != 1 || r.Ended.IsZero() || done != nil {
		t.Errorf("last run %+v, last done %+v", r, done)
	}
	if err := os.Remove(filepath.Join(dir, "reports", "thesis.doc")); err != nil {
		t.Fatal(err)
	}
	call(exit.Done, run...)
	r, done = last()
	if r == nil || r.Result != ledger.ResultDone || done == nil || done.ID != r.ID {
		t.Errorf("last run %+v, last done %+v", r, done)
	}
	manifest, err := os.ReadFile(filepath.Join(dir, "reports", "manifest.json"))
	if err != nil || !strings.Contains(string(manifest), r.ID) {
		t.Errorf("the reports are not of run %s: %v", r.ID, err)
	}
}

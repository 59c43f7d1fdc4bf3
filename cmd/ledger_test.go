package cmd

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
)

// A ledger that was exported and imported says the same: the next run reads nothing and writes the same reports.
func TestRestoredLedger(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a whole world takes seconds")
	}
	dir := t.TempDir()
	call := func(args ...string) string {
		t.Helper()
		var out, errw strings.Builder
		args = append(args, "--quiet", "--config", filepath.Join("..", "testdata", "demo", config.Name))
		if code := Main(args, strings.NewReader(""), &out, &errw); code != exit.Done {
			t.Fatalf("%v: exit code %d\n%s", args, code, &errw)
		}
		return out.String()
	}
	at := func(name string) string { return filepath.Join(dir, name) }
	call("run", "--ledger", at("ledger"), "--report-dir", at("reports"))
	call("ledger", "export", at("backup"), "--ledger", at("ledger"))
	call("ledger", "import", at("backup"), "--ledger", at("restored"))
	call("run", "--rebuild", "--ledger", at("ledger"), "--report-dir", at("reports")) // no id is new to it now, as to the restored one
	out := call("run", "--details", "--ledger", at("restored"), "--report-dir", at("again"))
	if !strings.Contains(out, "unchanged") || strings.Contains(out, "  loaded") || !strings.Contains(out, "\n  0 rows read, 0 rejected\n") {
		t.Errorf("the restored ledger read something:\n%s", out)
	}
	if strings.Contains(out, "seen for the first time") {
		t.Errorf("the restored ledger forgot ids:\n%s", out)
	}
	reports, err := filepath.Glob(at("reports/*"))
	if err != nil || len(reports) < 20 {
		t.Fatal(reports, err)
	}
	// Only run id and time of the run may differ, the ledger that the snapshot lies in, and in what order the engine wrote the rows of
	// attributed_usage; and with the run, which the page shows, the hash of the page.
	detail := regexp.MustCompile(`(?s)\{\s*"report": "attributed_usage".*?\n    \}|"format": "html",\s*"bytes": \d+,\s*"sha256": "[0-9a-f]+"`)
	times := regexp.MustCompile(runMarks.String() + `|[^"]+/snapshots/`)
	for _, name := range reports {
		if info, err := os.Stat(name); err != nil || info.IsDir() {
			continue
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(at("again"), filepath.Base(name)))
		if err != nil {
			t.Fatal(err)
		}
		same := func(data []byte) string { return times.ReplaceAllString(detail.ReplaceAllString(string(data), ""), "") }
		if same(got) != same(want) {
			t.Errorf("%s differs", filepath.Base(name))
		}
	}
}

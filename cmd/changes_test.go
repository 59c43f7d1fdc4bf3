package cmd

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/report/changes"
	"github.com/pidledger/pidledger/report/summary"
)

// A customer who opted out after a month of usage is in no change, although the reports show that month; and a run with nothing new tells of
// late exports only.
func TestChangesOfRuns(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a whole run takes seconds")
	}
	const asked, stays = "959f3a51-8cfe-4cd1-9d5d-b79ba2a7ae1f", "8d103ed3-cc66-4e97-a773-308cdc6b13ab"
	dir := t.TempDir()
	exclusions := filepath.Join(dir, "exclusions.csv")
	run := func() (kinds map[string]int, text string) {
		t.Helper()
		code, out, errs := runWith(t, []string{"PIDLEDGER_EXCLUSIONS=" + exclusions}, "run", "--quiet", "--json", "--config", filepath.Join("..", "testdata", "demo", "pidledger.yaml"),
			"--ledger", filepath.Join(dir, "ledger"), "--report-dir", filepath.Join(dir, "reports"))
		if code != exit.Done {
			t.Fatalf("exit code %d: %s", code, errs)
		}
		var s summary.Summary
		if err := json.Unmarshal([]byte(out), &s); err != nil {
			t.Fatal(err)
		}
		kinds = map[string]int{}
		for _, c := range s.Changes {
			kinds[c.Kind]++
			text += c.What + ": " + c.Command + "\n"
			if !strings.HasPrefix(c.Command, "pidledger ") || !strings.Contains(c.Command, " --config ") {
				t.Errorf("the command %s cannot be typed", c.Command)
			}
		}
		return kinds, text
	}
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(exclusions, []byte("scope,reason,since\n"+text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(asked + ",customer asked,2026-03-25\n" + stays + ",customer asked,2026-04-01\n")
	kinds, text := run()
	if kinds[changes.ShareMoved] == 0 || kinds[changes.ChannelFell] == 0 || kinds[changes.ExportLate] != 1 || kinds[changes.NewID] != 23 {
		t.Errorf("changes %v", kinds)
	}
	if strings.Contains(text, asked) || strings.Contains(text, stays) || kinds[changes.CustomerGone] > 0 {
		t.Errorf("a customer who opted out is in\n%s", text)
	}
	customers, err := os.ReadFile(filepath.Join(dir, "reports", "customers.csv"))
	if err != nil || !bytes.Contains(customers, []byte(stays)) || !bytes.Contains(customers, []byte(asked)) {
		t.Errorf("the reports do not show what was used before: nothing was proven (%v)", err)
	}
	if kinds, _ := run(); len(kinds) != 1 || kinds[changes.ExportLate] != 1 {
		t.Errorf("a run with nothing new: %v", kinds)
	}
}

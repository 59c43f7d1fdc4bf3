package cmd

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/report/explain"
)

// Where the owner hangs on a run that a rule chose, the summary says so, and explain of what it created; not where all runs carried the same
// id, nor where the activity log has the starts.
func TestUnknownStarts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var out bytes.Buffer
	args := []string{"run", "--quiet", "--config", filepath.Join("..", "testdata", "cases", "unknown-starts", config.Name), "--ledger", filepath.Join(dir, "ledger"), "--report-dir", filepath.Join(dir, "reports")}
	if code := Main(args, strings.NewReader(""), &out, &out); code != exit.Done {
		t.Fatalf("exit code %d\n%s", code, &out)
	}
	if want := `the owner of 2 resources is in doubt: deployment "site" ran several times`; !strings.Contains(out.String(), want) {
		t.Errorf("the summary does not say %q:\n%s", want, &out)
	}
	e := explainerOf(t, filepath.Join(dir, "reports"))
	for resource, want := range map[string][]string{
		"site-1": {
			"3 runs of the deployment site could have written it", "request cccccccc-0000-4000-8000-000000000001 is that of the first that ended afterwards",
			"which carried pid-11111111-2222-4333-8444-555555555555, has an operation microsoft.resources/deployments/write of it",
		},
		"site-2":   {"2 runs of the deployment site could have written it"},
		"site-3":   nil,
		"same-1":   {"2 runs of the deployment same could have written it"},
		"logged-2": nil,
		"mixed-2":  nil,
	} {
		a, err := e.Explain(t.Context(), explain.Question{Text: resource})
		if err != nil {
			t.Fatal(err)
		}
		notes := strings.Join(a.Notes, "\n")
		for _, w := range want {
			if !strings.Contains(notes, w) {
				t.Errorf("%s: no note says %q:\n%s", resource, w, notes)
			}
		}
		if want == nil && strings.Contains(notes, "could have written it") {
			t.Errorf("%s: there is no doubt:\n%s", resource, notes)
		}
	}
}

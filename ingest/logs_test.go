package ingest_test

import (
	"os"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/ingest/evidence"
	"github.com/pidledger/pidledger/ingest/ingesttest"
	"github.com/pidledger/pidledger/ingest/ledger"
)

func evidenceFixture(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(ingesttest.Testdata("formats", "evidence", name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(b), "\r\n", "\n")
}

// A log of a build is read to its end for calls, and says so when it has none; so does a log of az or Terraform at the wrong level.
func TestLogsOfBuilds(t *testing.T) {
	const stamp = "2026-03-02T10:05:00.1234567Z "
	prefixed := func(text string) string {
		return stamp + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n"+stamp) + "\n"
	}
	talk := strings.Repeat("npm warn deprecated something, that \"nobody\" reads\n", 4000) // more than is looked at to know a file
	w := ingesttest.New(t)
	w.Put("far.log", prefixed(talk+evidenceFixture(t, "ua.azdebug.log")))
	w.Put("none.log", prefixed(talk))
	w.Put("level.log", prefixed("cli.azure.cli.core: Command arguments: ['disk', 'create']\n"))
	w.Put("terraform.log", "{\"@level\":\"info\",\"@message\":\"Terraform version: 1.9.0\",\"@timestamp\":\"2026-03-11T09:00:00Z\"}\nPlan: 1 to add\n"+
		strings.ReplaceAll(evidenceFixture(t, "ua.tfjson.jsonl"), "\n", "\nazurerm_virtual_network.a: Creating...\n"))
	r, err := w.Ingest()
	if err != nil {
		t.Fatal(err)
	}
	if f := ingesttest.Status(t, r, "far.log"); f.Status != ledger.StatusLoaded || f.Format != "ua.azdebug" || f.Loaded != 1 {
		t.Errorf("calls far from the start: %+v", f)
	}
	if f := ingesttest.Status(t, r, "none.log"); f.Status != ledger.StatusUnknown || f.Reason != evidence.NoCalls {
		t.Errorf("no calls: %+v", f)
	}
	f := ingesttest.Status(t, r, "level.log")
	if f.Status != ledger.StatusEmpty || f.Format != "ua.azdebug" || !strings.Contains(f.Reason, evidence.NoCalls) || !strings.Contains(strings.Join(r.Notes, "\n"), "level.log") {
		t.Errorf("wrong level: %+v, notes %q", f, r.Notes)
	}
	if f := ingesttest.Status(t, r, "terraform.log"); f.Status != ledger.StatusLoaded || f.Format != "ua.tfjson" || f.Rejected != 0 || f.Loaded < 3 {
		t.Errorf("JSON with talk between: %+v", f)
	}
}

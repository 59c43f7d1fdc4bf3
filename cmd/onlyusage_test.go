package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Where only cost exports were delivered, nothing is said of templates: the first line says what is missing and how to get it.
func TestOnlyCostExports(t *testing.T) {
	t.Parallel()
	e := newEstate(t, t.TempDir())
	e.put("pidledger.yaml", "ledger: ledger\nregistry: registry.csv\nsources:\n  - path: exports\nreport: {dir: reports, formats: [csv, html]}\n")
	e.charge("april.csv", usage{subOne, "a", "2026-04-02", "10", "EUR"})
	const first = "Nothing can be attributed: there is usage, but no evidence of who created it.\n"
	says := func(when string, want bool) {
		t.Helper()
		out := e.must("run", "--quiet")
		if strings.HasPrefix(out, first) != want || strings.Contains(out, "No evidence was delivered that could carry a tracking id") != want {
			t.Errorf("%s: the run says\n%s", when, out)
		}
		for line := range strings.Lines(out[:strings.Index(out, "\nRun ")+1]) {
			if len(line) > 81 && !strings.HasPrefix(line, "     pidledger ") { // a command is pasted, with a path as long as it is
				t.Errorf("%s: wider than 80 columns: %s", when, line)
			}
		}
		if strings.Contains(out, "published templates") == want {
			t.Errorf("%s: it blames templates: %s", when, out)
		}
		page, err := os.ReadFile(filepath.Join(e.dir, "reports", "report.html"))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(page), "Nothing can be attributed") != want || strings.Contains(string(page), "published templates") == want {
			t.Errorf("%s: the page says otherwise", when)
		}
		if lint := e.must("registry", "lint"); strings.Contains(lint, "template") == want {
			t.Errorf("%s: lint says %s", when, lint)
		}
		if text := e.must("explain", edgeMarket); strings.Contains(text, "no evidence was delivered that could carry an id") != want {
			t.Errorf("%s: explain says %s", when, text)
		}
	}
	says("the first run", true)
	if out := e.must("run", "--quiet"); !strings.HasPrefix(out, first) {
		t.Errorf("a run with nothing new says\n%s", out)
	}
	e.put("exports/changes.json", `[{"id":"`+plan(subOne, "a")+`/providers/Microsoft.Resources/changes/x","properties":{"targetResourceId":"`+plan(subOne, "a")+
		`","changeType":"Create","targetResourceType":"microsoft.web/serverfarms","changeAttributes":{"timestamp":"2026-04-01T10:00:00Z","correlationId":"c0000000-0000-4000-8000-000000000099"}}}]`)
	says("resource changes carry no ids", true)
	e.deploy(edgeGitHub, subTwo, "b", time.Date(2026, 4, 1, 10, 0, 0, 0, time.UTC))
	says("a deployment could have carried the id", false)
}

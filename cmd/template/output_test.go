package template

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/cmd/template/deployments"
	"github.com/pidledger/pidledger/queries/facts"
)

func TestSeverities(t *testing.T) {
	for _, c := range []struct {
		file string
		rule string
		want Severity
	}{
		{"L02/yes-literal.json", "L02", OK},
		{"L02/yes-complete-mode.json", "L02", Error},
		{"L09/yes-before.json", "L09", Warning},
		{"L09/yes-words-between.json", "L09", Error},
		{"L10/yes-bare.json", "L10", Warning},
		{"L12/yes-too-long.json", "L12", Error},
		{"L12/yes-id-cut.json", "L12", Error},
		{"L12/yes-hash-cut.json", "L12", Warning},
		{"L14/yes-never.json", "L14", Error},
		{"L15/yes-two.json", "L15", Warning},
		{"L15/yes-bypass.json", "L15", Error},
		{"L15/yes-twice.json", "L15", Error},
		{"L17/yes-no-location.json", "L17", Error},
		{"L17/yes-one-region.json", "L17", Warning},
		{"L17/yes-good.json", "L17", OK},
		{"L17/yes-fixed.json", "L17", OK},
		{"L18/yes-unknown.json", "L18", Warning},
	} {
		data, as := fixture(t, fixtures+"/"+c.file)
		found, err := Check(as, data, Options{})
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(found, func(f Finding) bool { return f.Rule == c.rule })
		if i < 0 || found[i].Severity != c.want {
			t.Errorf("%s: %v, want %v", c.file, found, c.want)
		}
	}
}

func TestRegistryFindings(t *testing.T) {
	check := func(name string, o Options) []Finding {
		t.Helper()
		o.Registry = registry
		found, err := Check("azuredeploy.json", []byte(pidTemplate(name)), o)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	has := func(found []Finding, rule, why string) bool {
		return slices.ContainsFunc(found, func(f Finding) bool { return f.Rule == rule && strings.Contains(f.Why, why) })
	}
	if f := check(idA, Options{}); !has(f, "L10", "the registered id") || Worst(f) != Error {
		t.Errorf("bare registered id: %v", f)
	}
	if f := check("pid-"+idA[:35], Options{}); !has(f, "L11", "the registry has pid-"+idA) {
		t.Errorf("no suggestion: %v", f)
	}
	if f := check("pid-f"+idA[1:], Options{}); !has(f, "R01", "the registry has pid-"+idA) {
		t.Errorf("no suggestion: %v", f)
	}
	if f := check("pid-"+idB, Options{}); !has(f, "L21", "") {
		t.Errorf("registered for the Marketplace: %v", f)
	}
	if f := check("pid-"+idRetired, Options{Today: date("2024-06-29")}); has(f, "R02", "") {
		t.Errorf("retired too early: %v", f)
	}
	if f := check("pid-"+idRetired, Options{Today: date("2024-06-30")}); !has(f, "R02", "since 2024-06-30") {
		t.Errorf("not retired: %v", f)
	}
}

func TestJSON(t *testing.T) {
	data, as := fixture(t, fixtures+"/L11/yes-short.json")
	found, err := Check(as, data, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := WriteJSON(&b, found); err != nil {
		t.Fatal(err)
	}
	var got []map[string]any
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0]["rule"] != "L11" || got[0]["severity"] != "error" || got[0]["path"] != "$.resources[0].name" || got[0]["line"] != 8.0 {
		t.Errorf("%s", b.Bytes())
	}
	b.Reset()
	if err := WriteJSON(&b, nil); err != nil || strings.TrimSpace(b.String()) != "[]" {
		t.Errorf("no findings: %s %v", b.String(), err)
	}
}

func TestSARIF(t *testing.T) {
	data, as := fixture(t, fixtures+"/L13/yes-opt-out.json")
	found, err := Check(as, data, Options{})
	if err != nil {
		t.Fatal(err)
	}
	found[0].File = "my templates/a.json"
	var b bytes.Buffer
	if err := WriteSARIF(&b, found, "1.2.3"); err != nil {
		t.Fatal(err)
	}
	var log struct {
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct{ Rules []struct{ ID string } }
			}
			Results []struct {
				RuleID    string
				RuleIndex int
				Kind      string
				Level     string
				Message   struct{ Text string }
				Locations []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           struct{ StartLine, StartColumn, EndLine, EndColumn int }
					}
				}
			}
		}
	}
	if err := json.Unmarshal(b.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	if log.Version != "2.1.0" || len(log.Runs) != 1 || len(log.Runs[0].Results) != len(found) {
		t.Fatalf("%s", b.Bytes())
	}
	for i, r := range log.Runs[0].Results {
		if log.Runs[0].Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID || r.RuleID != found[i].Rule || r.Message.Text == "" {
			t.Errorf("result %d: %+v", i, r)
		}
		if (r.Kind == "pass") != (found[i].Severity == OK) || (r.Level == "none") != (found[i].Severity == OK) {
			t.Errorf("result %d: kind %s, level %s of %v", i, r.Kind, r.Level, found[i].Severity)
		}
		if g := r.Locations[0].PhysicalLocation.Region; g.StartLine < 1 || g.EndLine < g.StartLine || g.EndLine == g.StartLine && g.EndColumn <= g.StartColumn {
			t.Errorf("result %d: region %+v", i, g)
		}
	}
	if uri := log.Runs[0].Results[0].Locations[0].PhysicalLocation.ArtifactLocation.URI; uri != "my%20templates/a.json" {
		t.Errorf("uri %s", uri)
	}
}

// TestTables reads every line of the embedded files.
func TestTables(t *testing.T) {
	table := func(file string) [][]string {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return facts.Rows(file, string(text))
	}
	for file, columns := range map[string]int{
		"arm/facts.csv": 4, "arm/words.csv": 2, "deployments/scopes.csv": 2, "places.csv": 2, "rules.csv": 4,
		"source/settings.csv": 9, "source/sources.csv": 2, "source/terraform/terraform.csv": 3,
	} {
		rows := table(file)
		text, _ := os.ReadFile(file)
		if lines := strings.Count(strings.TrimSpace(string(text)), "\n"); len(rows) != lines || lines == 0 {
			t.Errorf("%s: %d rows of %d lines", file, len(rows), lines)
		}
		for _, r := range rows {
			if len(r) != columns || r[0] == "" || r[1] == "" {
				t.Errorf("%s: %q", file, r)
			}
		}
	}
	for _, r := range table("rules.csv") {
		if !slices.Contains(severityNames[:], r[1]) || r[2] == "" || r[3] == "" || strings.HasSuffix(r[3], ".") {
			t.Errorf("rules: %q", r)
		}
	}
	for i := range 25 {
		if id := "L" + string(rune('0'+(i+1)/10)) + string(rune('0'+(i+1)%10)); data().rules[id].Title == "" {
			t.Errorf("no rule %s", id)
		}
	}
	for scope := range scopeNames {
		if !slices.ContainsFunc(table("deployments/scopes.csv"), func(r []string) bool { return deployments.Scope(r[1]) == scope }) {
			t.Errorf("no schema for scope %s", scope)
		}
	}
}

package snippet

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/cmd/template"
)

const id = "2b41c9a6-3d5e-4f70-8a91-b2c3d4e5f607"

// fileNames are what the lines of a language would be in.
var fileNames = map[string]string{
	"python": "a.py", "go": "a.go", "dotnet": "a.cs", "java": "a.java", "powershell": "a.ps1", "azcli": "a.sh", "terraform": "a.tf", "rest": "a.sh",
	"bicep": "main.bicep", "arm": "mainTemplate.json",
}

// What the snippets say passes the check that template check makes of such files.
func TestSnippetsPassTheCheck(t *testing.T) {
	if len(Languages()) != len(fileNames) {
		t.Fatalf("languages %q", Languages())
	}
	for _, name := range Languages() {
		for _, written := range []string{id, "pid-" + strings.ToUpper(id), id + "-partnercenter"} {
			s, err := For(name, written, false)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(s.Lines, id) || s.Trap == "" || s.What == "" || !strings.HasSuffix(s.Lines, "\n") {
				t.Errorf("%+v", s)
			}
			if name != "terraform" && !strings.Contains(s.Lines, "pid-"+id) {
				t.Errorf("%s has no token:\n%s", name, s.Lines)
			}
			if strings.HasSuffix(written, suffix) != strings.Contains(s.Lines, id+suffix) {
				t.Errorf("%s for %s:\n%s", name, written, s.Lines)
			}
			text, ok := s.Commented()
			if ok == (name == "arm") {
				t.Errorf("%s: comments %v", name, ok)
			}
			if name == "arm" {
				text = `{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0","resources":[` + text + `]}`
				if !json.Valid([]byte(text)) {
					t.Errorf("no JSON: %s", text)
				}
			}
			found, err := template.Check("src/"+fileNames[name], []byte(text), template.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if template.Worst(found) > template.Info {
				t.Errorf("%s for %s: %+v", name, written, found)
			}
		}
	}
}

// oneID is a registry of the one id.
type oneID struct{}

func (oneID) Lookup(tracking string) []template.Registration {
	if tracking == id {
		return []template.Registration{{Offer: "suite"}}
	}
	return nil
}

func (oneID) IDs() []string { return []string{id} }

// The check finds the id in every place that a snippet puts it: it says that all is well, and it sees when the id is broken or not registered.
func TestTheCheckReadsTheSnippets(t *testing.T) {
	check := func(name, text string) map[string]int {
		t.Helper()
		if name == "arm" {
			text = `{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0","resources":[` + text + `]}`
		}
		found, err := template.Check("src/"+fileNames[name], []byte(text), template.Options{Registry: oneID{}})
		if err != nil {
			t.Fatal(err)
		}
		rules := map[string]int{}
		for _, f := range found {
			rules[f.Rule]++
		}
		return rules
	}
	for _, name := range Languages() {
		s, err := For(name, id, false)
		if err != nil {
			t.Fatal(err)
		}
		good, broken := "U01", "U06"
		if name == "arm" || name == "bicep" {
			good, broken = "L02", "L11"
		}
		for _, eol := range []string{"\n", "\r\n"} {
			lines := strings.ReplaceAll(s.Lines, "\n", eol)
			if got := check(name, lines); got[good] == 0 || got["R01"] > 0 {
				t.Errorf("%s: %v, want %s", name, got, good)
			}
			places := 1
			if name == "terraform" {
				places = 2 // two providers
			}
			if got := check(name, strings.ReplaceAll(lines, id, id[:35])); got[broken] != places || got[good] > 0 {
				t.Errorf("%s with a broken id: %v, want %s", name, got, broken)
			}
			if got := check(name, strings.ReplaceAll(lines, id, "f"+id[1:])); got["R01"] != places {
				t.Errorf("%s with an id that is not registered: %v, want R01", name, got)
			}
		}
	}
}

func TestRefused(t *testing.T) {
	for _, c := range [][2]string{{"python", "2b41c9a6-3d5e-4f70-8a91-b2c3d4e5f60"}, {"go", ""}, {"terraform", "contoso-offer-partnercenter"}} {
		if _, err := For(c[0], c[1], false); !errors.Is(err, ErrBadID) {
			t.Errorf("%q: %v", c, err)
		}
	}
	if _, err := For("cobol", id, false); err == nil {
		t.Error("a language that is not there")
	}
	if s, err := For("rest", "contoso-offer-partnercenter", false); err != nil || !strings.Contains(s.Lines, "pid-contoso-offer-partnercenter") {
		t.Errorf("%+v, %v", s, err)
	}
	if s, err := For("terraform", id, true); err != nil || !strings.Contains(s.Lines, `"pid-`+id+suffix+`"`) || !strings.Contains(s.Lines, `"`+id+`"`) {
		t.Errorf("%+v, %v", s, err)
	}
}

package snippet

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/ingest/template"
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

package collect

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The Bicep file passes on every parameter of the template, with the same default and choices, and every output.
func TestKitIsOne(t *testing.T) {
	data, err := templates.ReadFile("kit/pidledger.json")
	if err != nil {
		t.Fatal(err)
	}
	var arm struct {
		Parameters map[string]json.RawMessage
		Outputs    map[string]any
	}
	if err := json.Unmarshal(data, &arm); err != nil {
		t.Fatal(err)
	}
	bicep, err := templates.ReadFile("kit/pidledger.bicep")
	if err != nil {
		t.Fatal(err)
	}
	text := string(bicep)
	names := func(pattern string) (found []string) {
		for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
			found = append(found, m[1])
		}
		slices.Sort(found)
		return found
	}
	for pattern, want := range map[string][]string{
		`(?m)^param (\w+) `: slices.Sorted(maps.Keys(arm.Parameters)), `(?m)^    (\w+): \w+$`: slices.Sorted(maps.Keys(arm.Parameters)),
		`(?m)^output (\w+) string = setup\.outputs\.\w+$`: slices.Sorted(maps.Keys(arm.Outputs)),
	} {
		if diff := cmp.Diff(want, names(pattern)); diff != "" {
			t.Errorf("%s: %s", pattern, diff)
		}
	}
	for name, raw := range arm.Parameters {
		var p struct {
			Default       any      `json:"defaultValue"`
			AllowedValues []string `json:"allowedValues"`
			Metadata      struct{ Description string }
		}
		if err := json.Unmarshal(raw, &p); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(text, "@description('"+p.Metadata.Description+"')") || p.Metadata.Description == "" {
			t.Errorf("%s has another description", name)
		}
		for _, v := range p.AllowedValues {
			if !strings.Contains(text, "'"+v+"'") {
				t.Errorf("%s cannot be %s", name, v)
			}
		}
		line := regexp.MustCompile(`(?m)^param ` + name + ` string(?: = (.*))?$`).FindStringSubmatch(text)
		standard, _ := p.Default.(string)
		if expression, ok := strings.CutPrefix(standard, "["); ok {
			standard = strings.TrimSuffix(expression, "]")
			if inner, ok := strings.CutPrefix(standard, "concat('pidledger', "); ok {
				standard = "'pidledger${" + strings.TrimSuffix(inner, ")") + "}'"
			}
		} else if standard != "" {
			standard = "'" + standard + "'"
		}
		if line == nil || line[1] != standard {
			t.Errorf("%s is %q in Bicep, and %q in the template", name, line, standard)
		}
	}
}

// Roles are the least that will do, by the ids that Azure documents.
func TestKitRoles(t *testing.T) {
	data, err := templates.ReadFile("kit/pidledger.json")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]string{
		"acdd72a7-3385-48ef-bd42-f606fba81ae7": "Reader",                   // learn.microsoft.com, built-in roles, general
		"2a2b9908-6ea1-4ae2-8e65-a410df84e7d1": "Storage Blob Data Reader", // the same, storage
	}
	guids := regexp.MustCompile(`[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}`).FindAllString(string(data), -1)
	if len(guids) != len(known) {
		t.Errorf("ids %v", guids)
	}
	for _, id := range guids {
		if known[id] == "" {
			t.Errorf("%s is no role that is needed", id)
		}
	}
}

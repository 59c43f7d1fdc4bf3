package template

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pidledger/pidledger/cmd/template/arm"
)

const (
	groupSchema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
	subSchema   = "https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#"
)

// TestTagGolden compares with files beside the input; TEMPLATE_UPDATE=1 writes them.
func TestTagGolden(t *testing.T) {
	dir := filepath.Join(fixtures, "tag")
	options := map[string]TagOptions{
		"plain":       {ID: idA},
		"opt-out":     {ID: "PID-" + strings.ToUpper(idA), OptOut: true},
		"marketplace": {ID: idA, PartnerCenter: true},
		"per-region":  {ID: idA, PerRegion: true, OptOutParameter: "telemetryOptOut"},
	}
	inputs, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(inputs) == 0 {
		t.Fatal("no inputs", err)
	}
	for _, input := range inputs {
		data, err := os.ReadFile(input)
		if err != nil {
			t.Fatal(err)
		}
		for kind, o := range options {
			golden := strings.TrimSuffix(input, ".json") + "." + kind + ".golden"
			got, err := Tag(data, o)
			if err != nil {
				t.Errorf("%s %s: %v", input, kind, err)
				continue
			}
			if os.Getenv("TEMPLATE_UPDATE") != "" {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("%s: %s", golden, diff)
			}
			checkTagged(t, data, got, o)
		}
	}
}

// checkTagged is what holds for every result of Tag.
func checkTagged(t *testing.T, before, after []byte, o TagOptions) {
	t.Helper()
	if !isSubsequence(before, after) {
		t.Errorf("more than insertions in\n%s", after)
	}
	again, err := Tag(after, o)
	var tagged *TaggedError
	if !errors.Is(err, ErrAlreadyTagged) || !errors.As(err, &tagged) || !tagged.Same || tagged.ID == "" || !bytes.Equal(again, after) {
		t.Errorf("tagged twice: %v\n%s", err, after)
	}
	found, err := Check("azuredeploy.json", after, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if f.Severity == Error && f.ID != "" && tagged != nil && f.ID == tagged.ID && f.Rule != "L15" {
			t.Errorf("the result does not pass: %+v\n%s", f, after)
		}
		if f.Rule == "L01" {
			t.Errorf("no id found in\n%s", after)
		}
	}
}

func TestTagLayouts(t *testing.T) {
	for _, text := range []string{
		`{"$schema":"` + groupSchema + `"}`,
		`{"$schema":"` + groupSchema + `","resources":[]}`,
		`{"$schema":"` + groupSchema + `","parameters":{},"resources":{}}`,
		`{"$schema":"` + subSchema + `","outputs":{},"resources":{"partnerTracking":{"type":"x"},"PARTNERTRACKING2":{"type":"x"}}}`,
		"{\"$schema\":\"" + groupSchema + "\", // first\n\"resources\":[ // all\n// none\n]}",
		"{\"$schema\":\"" + groupSchema + "\",\n\"parameters\":{\"a\":{} /* x */ , // y\n},\"resources\":[\n{\"type\":\"x\"},]}",
		"{\"$schema\":\"" + groupSchema + "\",\n\"parameters\":{\"a\":{}\n, },\n\"resources\":[{\"type\":\"x\"}]}",
		"{\"$schema\":\"" + groupSchema + "\",\n\"parameters\":{\"a\":{}} // , and so on\n, \"resources\":[{\"type\":\"x\"}]}",
		"{ \"$schema\":\"" + groupSchema + "\" // x, y\n}",
		"{ \"$schema\":\"" + groupSchema + "\", // x, y\n}",
		arm.BOM + "{\r\n\t\"$schema\": \"" + subSchema + "\",\r\n\t\"resources\": [\r\n\t\t{ \"type\": \"x\" }\r\n\t]\r\n}\r\n" + arm.BOM,
	} {
		for _, o := range []TagOptions{{ID: idA}, {ID: idA, OptOut: true}, {ID: idA, OptOutParameter: "a1_disable", PartnerCenter: true}} {
			out, err := Tag([]byte(text), o)
			if err != nil {
				t.Errorf("%s: %v", text, err)
				continue
			}
			checkTagged(t, []byte(text), out, o)
			if _, err := arm.Read(out); err != nil {
				t.Errorf("%v in\n%s", err, out)
			}
			if strings.Contains(text, "\r\n") && strings.Count(string(out), "\n") != strings.Count(string(out), "\r\n") {
				t.Errorf("mixed line ends in %q", out)
			}
		}
	}
}

func TestTagRefuses(t *testing.T) {
	tagged := func(name string) string {
		return `{"$schema":"` + groupSchema + `","resources":[{"type":"Microsoft.Resources/deployments","name":"` + name + `","properties":{"template":{"resources":[]}}}]}`
	}
	nested := `{"$schema":"` + groupSchema + `","resources":[{"type":"Microsoft.Resources/deployments","name":"m","properties":{"template":` + tagged("pid-"+idB) + `}}]}`
	plain := `{"$schema":"` + groupSchema + `","resources":[]}`
	for _, c := range []struct {
		text string
		o    TagOptions
		want error
	}{
		{tagged("pid-" + strings.ToUpper(idA) + "-partnercenter"), TagOptions{ID: idA}, ErrAlreadyTagged},
		{tagged("[concat('pid-" + idA + "-', uniqueString('x'))]"), TagOptions{ID: idA}, ErrAlreadyTagged},
		{tagged("pid-" + idB), TagOptions{ID: idA}, ErrOtherID},
		{tagged("pid-" + idB), TagOptions{ID: idA, AllowOthers: true}, nil},
		{tagged("pid-00000000-0000-0000-0000-000000000000"), TagOptions{ID: idA}, ErrOtherID},
		{tagged(idA), TagOptions{ID: idA}, nil},
		{nested, TagOptions{ID: idA}, ErrOtherID},
		{nested, TagOptions{ID: idB}, ErrAlreadyTagged},
		{plain, TagOptions{ID: idA, Name: "app/_vm.json"}, ErrNotMain},
		{plain, TagOptions{ID: idA, Name: "_vm.json"}, ErrNotMain},
		{plain, TagOptions{ID: idA, Name: "nested/vm.json", Role: Main}, nil},
		{plain, TagOptions{ID: idA, Role: Linked}, ErrNotMain},
		{`{"type":"Microsoft.Resources/deployments","name":"x"}`, TagOptions{ID: idA}, ErrNotMain},
		{`{"$schema":"` + groupSchema + `","resources":"x"}`, TagOptions{ID: idA}, ErrNotMain},
		{`[]`, TagOptions{ID: idA}, ErrNotMain},
		{plain, TagOptions{ID: idA[:35]}, ErrBadID},
		{plain, TagOptions{ID: ""}, ErrBadID},
		{plain, TagOptions{ID: strings.Repeat("a", 60) + "-partnercenter"}, ErrBadID},
	} {
		out, err := Tag([]byte(c.text), c.o)
		if !errors.Is(err, c.want) || (c.want == nil) != (err == nil) {
			t.Errorf("%s %+v: %v, want %v", c.text, c.o, err, c.want)
		}
		switch {
		case errors.Is(c.want, ErrAlreadyTagged) && string(out) != c.text:
			t.Errorf("%s: changed to %s", c.text, out)
		case c.want != nil && !errors.Is(c.want, ErrAlreadyTagged) && out != nil:
			t.Errorf("%s: output with error: %s", c.text, out)
		}
	}
	for _, c := range []struct{ text, param string }{
		{plain, "no name"},
		{`{"$schema":"` + groupSchema + `","parameters":{"Track":{"type":"string"}},"resources":[]}`, "track"},
		{`{"$schema":"` + groupSchema + `","parameters":[],"resources":[]}`, "track"},
	} {
		if _, err := Tag([]byte(c.text), TagOptions{ID: idA, OptOutParameter: c.param}); err == nil {
			t.Errorf("%s: %s accepted", c.text, c.param)
		}
	}
}

func TestTagUsesParameter(t *testing.T) {
	text := `{"$schema":"` + groupSchema + `","parameters":{"telemetryOptOut":{"type":"bool","defaultValue":false}},"resources":[]}`
	out, err := Tag([]byte(text), TagOptions{ID: idA, OptOutParameter: "telemetryOptOut"})
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(out), `"telemetryOptOut"`); n != 1 {
		t.Errorf("%d declarations in %s", n, out)
	}
	if !strings.Contains(string(out), `"condition":"[not(parameters('telemetryOptOut'))]"`) {
		t.Errorf("no condition in %s", out)
	}
}

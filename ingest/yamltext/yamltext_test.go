package yamltext

import (
	"strings"
	"testing"
)

func TestBounds(t *testing.T) {
	for name, c := range map[string]struct{ text, says string }{
		"a configuration":            {text: "sources: [{path: exports}]\nreport: {formats: [csv, html]}\n"},
		"deep brackets":              {text: "a: " + strings.Repeat("[", 50_000), says: "nested too deeply"},
		"deep brackets on lines":     {text: "a: " + strings.Repeat("[\n", 10_000), says: "nested too deeply"},
		"brackets that only look so": {text: `a: "` + strings.Repeat("[", 300) + `"`},
		"deep brackets after a text of closing ones": {
			text: `a: ["` + strings.Repeat("]", 500) + `", ` + strings.Repeat("[", 500), says: "nested too deeply",
		},
		"deep items": {text: strings.Repeat("- ", 10_000) + "x", says: "nested too deeply"},
		"many lines": {text: strings.Repeat("- x\n", maxMarks+1), says: "400,000 lines"},
		"long":       {text: strings.Repeat("# comment comment comment\n", maxText/20), says: "longer than 4 MB"},
		"long line":  {text: "a: " + strings.Repeat("x", maxLine), says: "longer than 64 kB"},
	} {
		_, err := Parse([]byte(c.text))
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

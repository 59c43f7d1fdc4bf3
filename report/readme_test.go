package report

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/report/reporttest"
	"github.com/pidledger/pidledger/report/spec"
	"github.com/pidledger/pidledger/testdata/generated"
)

// typeNames say in the documentation what a column holds.
var typeNames = map[columnar.Type]string{
	columnar.String:     "text",
	columnar.Int:        "integer",
	columnar.Decimal:    "decimal(38,18)",
	columnar.Ratio:      "decimal(38,6)",
	columnar.Date:       "date",
	columnar.Timestamp:  "timestamp (UTC)",
	columnar.Bool:       "boolean",
	columnar.StringList: "list of text",
}

// WriteMarkdown writes the columns of every report as Markdown tables, for the documentation. Key columns are bold.
func WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	for i, s := range spec.Reports {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "### `%s`\n\nOne row per %s.\n\n| column | type | meaning |\n|---|---|---|\n", s.Name, s.Title)
		for _, c := range s.Columns {
			name := "`" + c.Name + "`"
			if c.Key {
				name = "**" + name + "**"
			}
			fmt.Fprintf(&b, "| %s | %s | %s |\n", name, typeNames[c.Type], c.Meaning)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func TestSpecsAreDocumented(t *testing.T) {
	name := regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	reports := map[string]bool{}
	for _, s := range spec.Reports {
		if !name.MatchString(s.Name) || reports[s.Name] || s.Title == "" {
			t.Errorf("report %q: bad or double name, or no title", s.Name)
		}
		reports[s.Name] = true
		columns := map[string]bool{}
		for _, c := range s.Columns {
			if !name.MatchString(c.Name) || columns[c.Name] {
				t.Errorf("%s.%s: bad or double name", s.Name, c.Name)
			}
			columns[c.Name] = true
			if c.Meaning == "" || strings.ContainsAny(c.Meaning, "|\n") || strings.HasSuffix(c.Meaning, ".") {
				t.Errorf("%s.%s: meaning %q is not a table cell", s.Name, c.Name, c.Meaning)
			}
			if typeNames[c.Type] == "" {
				t.Errorf("%s.%s: type %v has no name", s.Name, c.Name, c.Type)
			}
		}
		// W25: money stands beside its currency.
		if (columns["effective_cost"] || columns["billed_cost"]) && !columns["currency"] && !columns["billing_currency"] {
			t.Errorf("%s has money and no currency", s.Name)
		}
	}
	var b bytes.Buffer
	if err := WriteMarkdown(&b); err != nil {
		t.Fatal(err)
	}
	generated.Part(t, "README.md", "<!-- columns: go test ./report -update -->\n", "", b.String(), *reporttest.Update)
}

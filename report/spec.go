package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/queries/columnar"
)

// Column is one column of a report.
type Column struct {
	Name    string
	Type    columnar.Type
	Key     bool   // part of the key: the key identifies a line, and lines are in byte order of it
	Meaning string // one line; says what NULL (empty) means where that is not plain
}

// Spec is the published contract of a report: its columns in their order. Columns may be added, never renamed or removed.
type Spec struct {
	Name    string // of the report and of its files
	Title   string // one row per ...
	Columns []Column
	// Partition names the column that splits a report too large for one file. Its Parquet form is a folder with one folder for
	// each value; its CSV is written only when asked for; it has no JSON.
	Partition string
}

// Schema gives the columns as names and types.
func (s Spec) Schema() columnar.Schema {
	schema := make(columnar.Schema, len(s.Columns))
	for i, c := range s.Columns {
		schema[i] = columnar.Column{Name: c.Name, Type: c.Type}
	}
	return schema
}

// Key gives the names of the key columns.
func (s Spec) Key() []string {
	var key []string
	for _, c := range s.Columns {
		if c.Key {
			key = append(key, c.Name)
		}
	}
	return key
}

// Find returns the report with that name.
func Find(name string) (Spec, bool) {
	i := slices.IndexFunc(Specs, func(s Spec) bool { return s.Name == name })
	if i < 0 {
		return Spec{}, false
	}
	return Specs[i], true
}

// check tells whether rows of that schema are rows of the report.
func (s Spec) check(got columnar.Schema) error {
	want := s.Schema()
	if slices.Equal(got, want) {
		return nil
	}
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			return fmt.Errorf("report %s: column %d, %s, is missing from the result", s.Name, i+1, want[i].Name)
		case i >= len(want):
			return fmt.Errorf("report %s: the result has a column too many: %s", s.Name, got[i].Name)
		case got[i] != want[i]:
			return fmt.Errorf("report %s: column %d of the result is %s %v, not %s %v", s.Name, i+1, got[i].Name, got[i].Type, want[i].Name, want[i].Type)
		}
	}
	return nil
}

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
	for i, s := range Specs {
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

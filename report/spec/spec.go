// Package spec is the published contract of the reports: which there are, with which columns, in which formats, and how a row of one is
// read by the names of its columns. It stands alone so that writers, summary and page need not know who publishes.
package spec

import (
	"fmt"
	"slices"

	"github.com/pidledger/pidledger/queries/columnar"
)

// Column is one column of a report.
type Column struct {
	Name    string
	Type    columnar.Type
	Key     bool   // part of the key: the key identifies a line, and lines are in byte order of it
	Meaning string // one line; says what NULL (empty) means where that is not plain
}

// Report is the published contract of a report: its columns in their order. Columns may be added, never renamed or removed.
type Report struct {
	Name    string // of the report and of its files
	Title   string // one row per ...
	Columns []Column
	// Partition names the column that splits a report too large for one file. Its Parquet form is a folder with one folder for
	// each value; its CSV is written only when asked for; it has no JSON.
	Partition string
}

// Schema gives the columns as names and types.
func (r Report) Schema() columnar.Schema {
	schema := make(columnar.Schema, len(r.Columns))
	for i, c := range r.Columns {
		schema[i] = columnar.Column{Name: c.Name, Type: c.Type}
	}
	return schema
}

// Key gives the names of the key columns.
func (r Report) Key() []string {
	var key []string
	for _, c := range r.Columns {
		if c.Key {
			key = append(key, c.Name)
		}
	}
	return key
}

// Find returns the report with that name.
func Find(name string) (Report, bool) {
	i := slices.IndexFunc(Reports, func(r Report) bool { return r.Name == name })
	if i < 0 {
		return Report{}, false
	}
	return Reports[i], true
}

// Check tells whether rows of that schema are rows of the report.
func (r Report) Check(got columnar.Schema) error {
	want := r.Schema()
	if slices.Equal(got, want) {
		return nil
	}
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			return fmt.Errorf("report %s: column %d, %s, is missing from the result", r.Name, i+1, want[i].Name)
		case i >= len(want):
			return fmt.Errorf("report %s: the result has a column too many: %s", r.Name, got[i].Name)
		case got[i] != want[i]:
			return fmt.Errorf("report %s: column %d of the result is %s %v, not %s %v", r.Name, i+1, got[i].Name, got[i].Type, want[i].Name, want[i].Type)
		}
	}
	return nil
}

package queries

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// EvidenceColumn is a column of an evidence table, as evidence_columns.csv describes it. The tables of the ledger, the Parquet that evidence
// is staged in, the readers of evidence and queries/README.md are made from this description.
type EvidenceColumn struct {
	Table, Name string
	Type        string // of SQL: string, bigint, timestamp, array<string>
	IsStaged    bool   // the reader fills it; else load/TABLE_staged.sql works it out
	Since       int64  // schema version of the ledger that the column came in
	Meaning     string
}

var evidenceColumns = func() (columns []EvidenceColumn) {
	for _, r := range Records("evidence_columns.csv") {
		since, err := strconv.ParseInt(r[4], 10, 64)
		if err != nil || r[3] != "reader" && r[3] != "merge" {
			panic(fmt.Sprintf("evidence_columns.csv: %s.%s is made by %q since %q", r[0], r[1], r[3], r[4]))
		}
		columns = append(columns, EvidenceColumn{Table: r[0], Name: r[1], Type: r[2], IsStaged: r[3] == "reader", Since: since, Meaning: r[5]})
	}
	return columns
}()

// EvidenceColumns returns the columns of an evidence table in their order. Columns may be added, never renamed or removed (SPEC 3).
func EvidenceColumns(table string) []EvidenceColumn {
	return slices.DeleteFunc(slices.Clone(evidenceColumns), func(c EvidenceColumn) bool { return c.Table != table })
}

// Evidence lists the evidence tables. Each has two files in load/: TABLE_staged gives staged rows their key, TABLE_winners chooses
// among rows of one key.
var Evidence = func() (tables []string) {
	for _, c := range evidenceColumns {
		if !slices.Contains(tables, c.Table) {
			tables = append(tables, c.Table)
		}
	}
	return tables
}()

// evidenceSince returns what gives the ledger the evidence columns of a schema version: tables that are new, or columns of those that were
// there before.
func evidenceSince(version int64) string {
	var ddl strings.Builder
	for _, table := range Evidence {
		var added []string
		first := version
		for _, c := range EvidenceColumns(table) {
			first = min(first, c.Since)
			if c.Since == version {
				added = append(added, c.Name+" "+strings.Replace(c.Type, "array<string>", "string[]", 1)) // as DuckDB writes a list
			}
		}
		if len(added) > 0 && first == version {
			ddl.WriteString("create table " + table + " (" + strings.Join(added, ", ") + ");\n")
			continue
		}
		for _, c := range added {
			ddl.WriteString("alter table " + table + " add column " + c + ";\n")
		}
	}
	return ddl.String()
}

package queries

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// SchemaVersion is one version of the ledger database.
type SchemaVersion struct {
	Number int64
	SQL    string // brings a ledger of the version before to it
}

// Schema lists the versions of the ledger database from the first to the one that this program writes: a version is a file NNNN_name.sql of
// schema/, or the columns that evidence_columns.csv has since then, or both. TestSchema holds that they are 1, 2, 3 and so on.
func Schema() []SchemaVersion {
	var out []SchemaVersion
	for _, name := range List("schema") {
		digits, _, _ := strings.Cut(name, "_")
		number, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			panic(fmt.Sprintf("queries: schema/%s.sql does not begin with its version", name))
		}
		out = append(out, SchemaVersion{number, strings.TrimRight(Text("schema/"+name+".sql"), "; \n") + ";\n"})
	}
	for _, c := range evidenceColumns {
		if !slices.ContainsFunc(out, func(v SchemaVersion) bool { return v.Number == c.Since }) {
			out = append(out, SchemaVersion{Number: c.Since})
		}
	}
	slices.SortFunc(out, func(a, b SchemaVersion) int { return int(a.Number - b.Number) })
	for i := range out {
		out[i].SQL += evidenceSince(out[i].Number)
	}
	return out
}

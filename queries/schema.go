package queries

import (
	"fmt"
	"strconv"
	"strings"
)

// SchemaVersion is one version of the ledger database: the file in schema/ that brings a ledger of the version before to it.
type SchemaVersion struct {
	Number int64
	File   string // for Text
}

// Schema lists the versions of the ledger database from the first to the one that this program writes. The number is that of the file,
// NNNN_name.sql; TestSchema holds that they are 1, 2, 3 and so on.
func Schema() []SchemaVersion {
	var out []SchemaVersion
	for _, name := range List("schema") {
		digits, _, _ := strings.Cut(name, "_")
		number, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			panic(fmt.Sprintf("queries: schema/%s.sql does not begin with its version", name))
		}
		out = append(out, SchemaVersion{Number: number, File: "schema/" + name + ".sql"})
	}
	return out
}

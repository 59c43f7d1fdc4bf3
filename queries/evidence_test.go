package queries

import (
	"flag"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/testdata/generated"
)

var update = flag.Bool("update", false, "rewrite the evidence tables in README.md")

// A new column is a line of the list: a table that is there gets it by its schema version, a new one is made.
func TestEvidenceSince(t *testing.T) {
	all := evidenceColumns
	defer func() { evidenceColumns = all }()
	evidenceColumns = []EvidenceColumn{
		{Table: "changes", Name: "dedupe_key", Type: "string", Since: 1},
		{Table: "changes", Name: "parts", Type: "array<string>", Since: 3},
		{Table: "changes", Name: "ts", Type: "timestamp", Since: 1},
	}
	for version, want := range map[int64]string{
		1: "create table changes (dedupe_key string, ts timestamp);\n", 2: "", 3: "alter table changes add column parts string[];\n",
	} {
		if got := evidenceSince(version); got != want {
			t.Errorf("version %d: %q, not %q", version, got, want)
		}
	}
	version := int64(len(List("schema")) + 1)
	evidenceColumns = append(evidenceColumns, EvidenceColumn{Table: "changes", Name: "late", Type: "bigint", Since: version})
	versions := Schema()
	if last := versions[len(versions)-1]; last.Number != version || last.SQL != "alter table changes add column late bigint;\n" {
		t.Errorf("a column alone makes version %d: %+v", version, last)
	}
}

// README.md has the evidence tables as they are.
func TestEvidenceIsDocumented(t *testing.T) {
	var b strings.Builder
	known := map[string]bool{}
	for _, table := range Evidence {
		fmt.Fprintf(&b, "| `%s` | type | meaning |\n|---|---|---|\n", table)
		for _, c := range EvidenceColumns(table) {
			if known[c.Table+"."+c.Name] || !regexp.MustCompile(`^[a-z][a-z_]*$`).MatchString(c.Name) || c.Meaning == "" || strings.Contains(c.Meaning, "|") {
				t.Errorf("evidence_columns.csv, %s.%s: each column once, with a meaning", c.Table, c.Name)
			}
			known[c.Table+"."+c.Name] = true
			fmt.Fprintf(&b, "| `%s` | `%s` | %s |\n", c.Name, c.Type, c.Meaning)
		}
		b.WriteString("\n")
	}
	generated.Part(t, "README.md", "<!-- evidence: go test ./queries -update -->\n", "## Which usage counts\n", b.String(), *update)
}

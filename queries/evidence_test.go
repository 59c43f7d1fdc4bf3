package queries

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
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
	const readme, mark, end = "README.md", "<!-- evidence: go test ./queries -update -->\n", "## Which usage counts\n"
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(strings.ReplaceAll(string(text), "\r\n", "\n"), mark)
	got, after, too := strings.Cut(rest, end)
	if !ok || !too {
		t.Fatalf("%s has no line %s before %s", readme, mark, end)
	}
	if *update {
		if err := os.WriteFile(readme, []byte(before+mark+b.String()+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != b.String() {
		t.Error("the evidence tables in README.md are not those of evidence_columns.csv: go test ./queries -update")
	}
}

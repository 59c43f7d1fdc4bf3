package queries

import (
	"regexp"
	"strings"
	"testing"
)

// The versions of the ledger's schema are 1, 2, 3 and so on: a gap would let a ledger skip a version, two files of one number would leave
// one of them out.
func TestSchema(t *testing.T) {
	all := Schema()
	for i, v := range all {
		if v.Number != int64(i+1) || v.SQL == "" {
			t.Errorf("version %d of the schema is number %d, with %d bytes of SQL", i+1, v.Number, len(v.SQL))
		}
	}
	for _, name := range List("schema") {
		if !regexp.MustCompile(`^\d{4}_[a-z_]+$`).MatchString(name) {
			t.Errorf("schema/%s.sql: the name must be NNNN_name.sql", name)
		}
		if version := strings.TrimLeft(name[:4], "0"); !strings.HasPrefix(Text("schema/"+name+".sql"), "-- Schema version "+version) {
			t.Errorf("schema/%s.sql: the first line must begin with \"-- Schema version %s\"", name, version)
		}
	}
}

// The first comment of a file names it, says what a row is, and why the table is made.
func TestHeaders(t *testing.T) {
	for _, folder := range []string{"attribute", "report", "snapshot", "explain", "published", "compare", "diff", "changes", "page", "workbook", "focus", "targets"} {
		for _, name := range List(folder) {
			text := Text(folder + "/" + name + ".sql")
			if !strings.HasPrefix(text, "-- "+name+": ") {
				t.Errorf("%s/%s.sql: the first line must begin with \"-- %s: \"", folder, name, name)
			}
			if !regexp.MustCompile(`(?m)^-- Why: `).MatchString(text) && !strings.Contains(text, "-- Why: ") {
				t.Errorf("%s/%s.sql: no line \"-- Why: \"", folder, name)
			}
		}
	}
}

// withoutComments removes comments and the texts of literals, so that neither is taken for SQL.
func withoutComments(text string) string {
	text = regexp.MustCompile(`--[^\n]*`).ReplaceAllString(text, "")
	return regexp.MustCompile(`'[^']*'`).ReplaceAllString(text, "''")
}

// What is not in the subset that DuckDB and Spark SQL share (SPEC 8), or does not mean the same in both.
var forbidden = []struct{ pattern, why string }{
	{`regexp_replace`, "replaces the first match in DuckDB, all in Spark"},
	{`\bqualify\b`, "Spark has it from 4.2 on only; use row_number in a subquery"},
	{`\bexclude\b`, "DuckDB only; list the columns"},
	{`::`, "DuckDB only; use cast"},
	{`\\`, "backslashes are escapes in Spark"},
	{`\bconcat\s*\(`, "skips NULL in DuckDB; use ||"},
	{`\bavg\s*\(`, "DOUBLE in DuckDB; use try_divide of sum and count"},
	{`[^/]/[^/]`, "DOUBLE in DuckDB; use try_divide"},
	{`//`, "no operator in Spark"},
	{`\[\s*\d`, "starts at 1 in DuckDB, at 0 in Spark; explode instead"},
	{`\blast_value\b`, "IGNORE NULLS stands elsewhere"},
	{`\bany_value\b`, "first non-null in DuckDB only"},
	{`\basof\b`, "no ASOF JOIN in Spark"},
	{`\bvarchar\b`, "needs a length in Spark; use string"},
	{`"`, "a literal in Spark; use plain identifiers"},
	{`;`, "one statement a file, without its semicolon"},
	{`\{\{|\$\w`, "no template text; parameters are the view params"},
	{`\bread_\w+\s*\(`, "files belong to the engine"},
	{`\bstrptime\b|\bepoch\w*\s*\(|\bunnest\s*\(|\bstarts_with\s*\(|\bregexp_matches\s*\(`, "use Spark's name, a macro in DuckDB"},
}

func TestPortableSubset(t *testing.T) {
	for _, folder := range []string{"attribute", "report", "snapshot", "changes", "page", "workbook", "focus", "targets"} {
		for _, name := range List(folder) {
			text := Text(folder + "/" + name + ".sql")
			code := withoutComments(text)
			if folder == "changes" || folder == "page" || folder == "workbook" { // they ask a published snapshot, where parameters are bound
				code = regexp.MustCompile(`\$\w+`).ReplaceAllString(code, "''")
			}
			if folder == "focus" { // its columns have the names of FOCUS
				code = regexp.MustCompile(`\bas (x_)?[A-Z]\w+`).ReplaceAllString(code, "as x")
			}
			if strings.ToLower(code) != code {
				t.Errorf("%s/%s.sql: SQL is written in lower case", folder, name)
			}
			if strings.Contains(regexp.MustCompile(`--[^\n]*`).ReplaceAllString(text, ""), `\`) {
				t.Errorf("%s/%s.sql: a backslash in a literal means something else in Spark", folder, name)
			}
			for _, f := range forbidden {
				if m := regexp.MustCompile(`(?i)` + f.pattern).FindString(code); m != "" {
					t.Errorf("%s/%s.sql: %q is not in the shared subset: %s", folder, name, strings.TrimSpace(m), f.why)
				}
			}
			orders := regexp.MustCompile(`(?is)order\s+by\s+(.*?)(\brows between\b|\n\s*\)|\)\s*as\b|$)`).FindAllStringSubmatch(code, -1)
			for _, o := range orders {
				if strings.Count(o[1], "nulls") < len(splitTop(o[1])) {
					t.Errorf("%s/%s.sql: order by %s: every key says where NULL goes", folder, name, strings.Join(strings.Fields(o[1]), " "))
				}
			}
			for _, sum := range regexp.MustCompile(`(?i)(\w*\(?)\b(sum|count)\s*\(`).FindAllStringSubmatchIndex(code, -1) {
				before := strings.TrimRight(code[max(0, sum[4]-40):sum[4]], " \n")
				if strings.HasSuffix(before, "cast(") || strings.Contains(before, "having") || strings.Contains(before, "case") {
					continue
				}
				t.Errorf("%s/%s.sql: %s( without a cast around it: its type differs between the engines", folder, name, code[sum[4]:sum[5]])
			}
		}
	}
}

// splitTop splits at commas outside of parentheses.
func splitTop(s string) []string {
	var parts []string
	depth, start := 0, 0
	for i, c := range s {
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				parts = append(parts, s[start:i])
				start = i + 1
			}
		}
	}
	return append(parts, s[start:])
}

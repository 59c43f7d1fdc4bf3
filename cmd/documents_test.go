package cmd

import (
	"encoding/csv"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/terminal"
	"github.com/pidledger/pidledger/queries"
)

// document is a Markdown file of ours that people read.
type document struct {
	path string // relative to the top folder
	text string
}

// documents gives those of the top folder and of the folders below it.
func documents(t *testing.T) []document {
	t.Helper()
	var out []document
	for _, pattern := range []string{"*.md", "*/README.md", "cmd/*/README.md"} {
		files, err := filepath.Glob(filepath.Join("..", pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			path, err := filepath.Rel("..", f)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, document{path, strings.ReplaceAll(string(b), "\r\n", "\n")})
		}
	}
	if len(out) < 7 {
		t.Fatalf("only %d documents were found", len(out))
	}
	return out
}

// The README is short enough to be read.
func TestReadmeLength(t *testing.T) {
	for _, d := range documents(t) {
		if n := strings.Count(d.text, "\n"); d.path == "README.md" && n > 250 {
			t.Errorf("README.md has %d lines: what is looked up belongs into the README of the folder that does it", n)
		}
	}
}

// Every link of a document leads to a file, and to a heading in it.
func TestDocumentLinks(t *testing.T) {
	texts := map[string]string{}
	for _, d := range documents(t) {
		texts[d.path] = d.text
	}
	checked := 0
	for path, text := range texts {
		for _, m := range regexp.MustCompile(`\]\(([^)#\s]*)(#[^)\s]*)?\)`).FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			checked++
			target := path
			if m[1] != "" {
				target = filepath.Join(filepath.Dir(path), m[1])
				if _, err := os.Stat(filepath.Join("..", target)); err != nil {
					t.Errorf("%s: the link %s leads nowhere", path, m[0])
					continue
				}
			}
			if m[2] != "" && !anchors(texts[target])[m[2]] {
				t.Errorf("%s: %s has no heading %s", path, target, m[2])
			}
		}
	}
	if checked < 60 {
		t.Errorf("only %d links were found", checked)
	}
}

// anchors are the links to the headings of a document.
func anchors(text string) map[string]bool {
	out := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text, -1) {
		name := regexp.MustCompile(`[^a-z0-9 _-]`).ReplaceAllString(strings.ToLower(m[1]), "")
		out["#"+strings.ReplaceAll(name, " ", "-")] = true
	}
	return out
}

// Every command in a document is one that the program knows, with flags that it has.
func TestDocumentCommands(t *testing.T) {
	checked := 0
	for _, d := range documents(t) {
		for _, block := range regexp.MustCompile("(?ms)^```(?:sh|console)\n(.*?)^```$").FindAllStringSubmatch(d.text, -1) {
			for line := range strings.Lines(strings.ReplaceAll(block[1], "\\\n", " ")) {
				words, err := shellWords(strings.TrimPrefix(line, "$ "))
				if err != nil || len(words) < 2 || words[0] != "pidledger" {
					continue
				}
				checked++
				c, rest, err := newRootCommand(&program{Program: &cli.Program{}}).Find(words[1:])
				if err != nil || c.Name() == "pidledger" {
					t.Errorf("%s: there is no such command: %s", d.path, line)
					continue
				}
				if err := c.ParseFlags(rest); err != nil {
					t.Errorf("%s: %v: %s", d.path, err, line)
				}
			}
		}
		for _, m := range regexp.MustCompile("`pidledger ([a-z]+)( [a-z]+)?[^`]*`").FindAllStringSubmatch(d.text, -1) {
			checked++
			c, _, err := newRootCommand(&program{Program: &cli.Program{}}).Find([]string{m[1], strings.TrimSpace(m[2])})
			if err != nil || c.Name() == "pidledger" {
				t.Errorf("%s: there is no command %s", d.path, m[0])
				continue
			}
			for _, f := range regexp.MustCompile(`--([a-z-]+)`).FindAllStringSubmatch(m[0], -1) {
				known := c.Flags().Lookup(f[1]) != nil || c.InheritedFlags().Lookup(f[1]) != nil
				c.VisitParents(func(p *cobra.Command) { known = known || p.PersistentFlags().Lookup(f[1]) != nil })
				if !known && f[1] != "help" {
					t.Errorf("%s: %s has no flag --%s", d.path, c.CommandPath(), f[1])
				}
			}
		}
	}
	if checked < 100 {
		t.Errorf("only %d commands were found", checked)
	}
}

// Every topic of the help says something, within 80 columns but for code.
func TestTopics(t *testing.T) {
	for _, topic := range topics {
		text := topic.text()
		if len(text) < 200 {
			t.Errorf("help %s says %q", topic.name, text)
		}
		for line := range strings.Lines(text) {
			isCode := strings.HasPrefix(line, "    ")
			if !isCode && utf8.RuneCountInString(line) > terminal.HelpWidth+1 || strings.Contains(line, "](") {
				t.Errorf("help %s has the line %q", topic.name, line)
			}
		}
	}
}

// The recipes of a column name every file that has to know one that is read as it is: pec_rate and template_hash are such. All others are made
// from the lists of columns.
func TestRecipesOfColumns(t *testing.T) {
	contributing, err := os.ReadFile(filepath.Join("..", "CONTRIBUTING.md"))
	if err != nil {
		t.Fatal(err)
	}
	for title, spellings := range map[string]*regexp.Regexp{
		"A usage column.":     regexp.MustCompile(`pec_rate`),
		"An evidence column.": regexp.MustCompile(`template_hash|TemplateHash`),
	} {
		_, recipe, ok := strings.Cut(string(contributing), "**"+title+"**")
		recipe, _, _ = strings.Cut(recipe, "\n**")
		var named []string
		for _, m := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(recipe, -1) {
			named = append(named, m[1])
		}
		if !ok {
			t.Errorf("CONTRIBUTING.md has no recipe %q", title)
		}
		found := 0
		for _, top := range []string{"cmd", "ingest", "queries", "report", "testdata/steps"} {
			err := filepath.WalkDir(filepath.Join("..", top), func(path string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") || d.Name() == "testdata" {
					return err
				}
				text, err := os.ReadFile(path)
				if err != nil || !spellings.Match(text) {
					return err
				}
				found++
				path, err = filepath.Rel("..", path)
				path = filepath.ToSlash(path)
				// Version 1 of the ledger had a table with the columns of usage; version 9 drops it.
				if path != "queries/schema/0001_ledger.sql" && !slices.ContainsFunc(named, func(n string) bool { return path == n || strings.HasPrefix(path, n+"/") }) {
					t.Errorf("the recipe %q lacks %s", title, path)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if found < 4 {
			t.Errorf("%q: only %d files know the column", title, found)
		}
	}
}

// Every column of usage_columns.csv is where the recipe says that it has to be.
func TestUsageColumns(t *testing.T) {
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	cases := map[string]string{}
	for step, table := range map[string]string{"counted_usage": "usage", "attributed_usage": "judged_usage"} {
		for _, file := range []string{table, "want"} {
			for line := range strings.Lines(read("testdata/steps/" + step + "/every-column/" + file + ".csv")) {
				if !strings.HasPrefix(line, "#") {
					cases[step+"/every-column/"+file+".csv"] = "," + strings.TrimSpace(line) + ","
					break
				}
			}
		}
	}
	selects := map[string]string{"u.": read("queries/attribute/counted_usage.sql"), "j.": read("queries/report/attributed_usage.sql")}
	aliases := read("ingest/usage/aliases.csv")
	for _, c := range queries.UsageColumns() {
		for table, text := range selects {
			if !regexp.MustCompile(`\b` + regexp.QuoteMeta(table+c.Name) + `\b`).MatchString(text) {
				t.Errorf("a SELECT lacks %s", table+c.Name)
			}
		}
		for name, header := range cases {
			if !strings.Contains(header, ","+c.Name+",") {
				t.Errorf("%s lacks %s", name, c.Name)
			}
		}
		if c.Cell != "" && !strings.Contains(aliases, ","+c.Name+",") {
			t.Errorf("aliases.csv has no header for %s", c.Name)
		}
		if (c.Type == "string") != (c.Identity != "") || c.Meaning == "" {
			t.Errorf("usage_columns.csv, %s: a text, and nothing else, has an identity; everything has a meaning", c.Name)
		}
	}
}

// The README has the words of the glossary.
func TestReadmeGlossary(t *testing.T) {
	rows, err := csv.NewReader(strings.NewReader(glossaryCSV)).ReadAll()
	if err != nil || len(rows) < 12 {
		t.Fatalf("%d words, %v", len(rows), err)
	}
	var want strings.Builder
	for i, row := range rows {
		want.WriteString("| " + row[0] + " | " + row[1] + " |\n")
		if i == 0 {
			want.WriteString("|---|---|\n")
		}
	}
	readme, err := os.ReadFile(filepath.Join("..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(section(string(readme), "The words")) + "\n"; got != want.String() {
		t.Errorf("README.md and cmd/glossary.csv differ, -want +got:\n%s", gocmp.Diff(want.String(), got))
	}
}

package ingest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// statement is how SQL begins that asks or changes something.
var statement = regexp.MustCompile(`^\s*(select|with|insert into|update|delete from|create|merge into|alter table)\s.*\b(from|values|set|table|view|into)\b`)

// mostSQL is how long a statement in Go may be: long enough to name a table, too short to say what a row is.
const mostSQL = 50

// SQL stands in files, where it has a comment and can be read: Go says no more than which table to count, to fill or to empty.
func TestSQLIsInFiles(t *testing.T) {
	found := 0
	for _, root := range []string{".", filepath.Join("..", "cmd"), filepath.Join("..", "report")} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(filepath.Dir(path), "test") {
				return err
			}
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				lit, ok := n.(*ast.BasicLit)
				if !ok || lit.Kind != token.STRING {
					return true
				}
				text, err := strconv.Unquote(lit.Value)
				if err != nil || !statement.MatchString(strings.ReplaceAll(text, "\n", " ")) {
					return true
				}
				found++
				if len(text) > mostSQL && !strings.HasPrefix(text, "select count(") {
					t.Errorf("%s: a statement of %d characters belongs into a file of queries: %s", set.Position(lit.Pos()), len(text), text)
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if found == 0 {
		t.Error("no statement was found: the test does not see them")
	}
}

package cmd

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/testdata/faults"
)

// What the README of testdata names is there: tests, fuzz targets and targets of make; and so are the tests of the table of faults.
func TestPromises(t *testing.T) {
	root := ".."
	there := map[string]string{} // folder by test or fuzz target
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	for _, pattern := range []string{"*/*_test.go", "*/*/*_test.go"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			folder, _ := filepath.Rel(root, filepath.Dir(f))
			for _, m := range declared.FindAllStringSubmatch(string(text), -1) {
				there[m[1]] += filepath.ToSlash(folder) + " "
			}
		}
	}
	read := func(name string) string {
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	text, makefile := read("testdata/README.md"), read("Makefile")
	named := 0
	for _, m := range regexp.MustCompile("`(?:(Test|Fuzz)(\\w+)|make ([a-z-]+)[^`]*)`").FindAllStringSubmatch(text, -1) {
		named++
		if m[3] != "" && !strings.Contains(makefile, "\n"+m[3]+":") || m[1] != "" && there[m[1]+m[2]] == "" {
			t.Errorf("%s is not there", m[0])
		}
	}
	if named < 30 {
		t.Errorf("only %d names were found", named)
	}
	for _, l := range faults.Tests() {
		if !strings.Contains(there[l.Test], l.Package+" ") {
			t.Errorf("%s has no %s", l.Package, l.Test)
		}
		if !strings.Contains(text, "`"+l.Fault+"`") {
			t.Errorf("the README does not name the fault %s", l.Fault)
		}
	}
}

// make race runs the tests of every package that starts goroutines or locks something.
func TestRaceDetector(t *testing.T) {
	makefile, err := os.ReadFile(filepath.Join("..", "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(makefile), "\nRACE  := ")
	list, _, _ = strings.Cut(list, "\n")
	concurrent := regexp.MustCompile(`(?m)^\s*go [\w.]+\(|\.Go\(|errgroup\.|atomic\.|sync\.(Cond|Map|Mutex|Pool|RWMutex|WaitGroup)`)
	found := map[string]bool{}
	for _, top := range []string{"cmd", "ingest", "queries", "report"} {
		err := filepath.WalkDir(filepath.Join("..", top), func(path string, d fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil || !concurrent.Match(text) {
				return err
			}
			tests, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*_test.go"))
			if len(tests) > 0 { // what has none is run by those above it
				found[filepath.ToSlash(rel("..", filepath.Dir(path)))] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for name := range found {
		if !slices.Contains(strings.Fields(list), name) {
			t.Errorf("the list of make race lacks %s", name)
		}
	}
	if len(found) < 10 {
		t.Errorf("only %d packages were found", len(found))
	}
}

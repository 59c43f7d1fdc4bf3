package cmd

import (
	"os"
	"path/filepath"
	"regexp"
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

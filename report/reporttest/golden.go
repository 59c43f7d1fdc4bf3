// Package reporttest has what the tests of the reports share: an engine that serves reports from texts, and the golden files.
package reporttest

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Update is set when the golden files are to be written.
var Update = flag.Bool("update", false, "rewrite the golden files")

// Golden compares got with testdata/report/NAME at the top of the repository.
func Golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join(top(t), "testdata", "report", name)
	if *Update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (make golden writes it)", err)
	}
	want = bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n"))
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", name, diff)
	}
}

// Read reads a file.
func Read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// top finds the folder of the module: the tests of every package share the golden files.
func top(t *testing.T) string {
	t.Helper()
	for dir := "."; ; dir = filepath.Join(dir, "..") {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if abs, err := filepath.Abs(dir); err != nil || filepath.Dir(abs) == abs {
			t.Fatal("no go.mod above the package")
		}
	}
}

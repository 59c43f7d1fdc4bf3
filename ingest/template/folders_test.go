package template

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// TestFolders checks folders of files together. The comment of each says what is to be found: one line for each warning and error, as
// `want: RULE FILE:LINE`.
func TestFolders(t *testing.T) {
	for _, name := range fixtureFiles(t, filepath.Join(fixtures, "folders")) {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			found, want := checkFolder(t, name)
			var got []string
			for _, f := range found {
				if f.Severity > Info {
					got = append(got, fmt.Sprintf("%s %s:%d", f.Rule, f.File, f.Line))
				}
			}
			slices.Sort(got)
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s\n%+v", d, found)
			}
		})
	}
}

func checkFolder(t *testing.T, name string) (found []Finding, want []string) {
	t.Helper()
	a, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(a.Comment), "\n") {
		if w, ok := strings.CutPrefix(line, "want: "); ok {
			want = append(want, w)
		}
	}
	slices.Sort(want)
	var files []File
	for _, f := range a.Files {
		file, beside := strings.CutSuffix(f.Name, " (beside)")
		text, crlf := strings.CutPrefix(string(f.Data), "CRLF\n")
		if crlf {
			text = strings.ReplaceAll(text, "\n", "\r\n")
		}
		files = append(files, File{Name: file, Data: []byte(text), Beside: beside})
	}
	found, err = CheckAll(files, Options{Registry: registry, Today: date("2025-01-01")})
	if err != nil {
		t.Fatal(err)
	}
	return found, want
}

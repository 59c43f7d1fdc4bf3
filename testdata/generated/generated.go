// Package generated holds parts of documents to what they are made of.
package generated

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Part compares what stands in a document between a mark, which says how it is made, and an end, or the end of the document if that is empty, with
// what it is to be. With update it writes it there.
func Part(t testing.TB, document, mark, end, want string, update bool) {
	t.Helper()
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	before, got, ok := strings.Cut(strings.ReplaceAll(string(text), "\r\n", "\n"), mark)
	after := ""
	if end != "" && ok {
		got, after, ok = strings.Cut(got, end)
	}
	if !ok {
		t.Fatalf("%s has no %q with %q behind it", document, mark, end)
	}
	if update {
		if err := os.WriteFile(document, []byte(before+mark+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("%s is not what it is made of (-document +made):\n%s\nIf the change is meant: %s", document, diff, mark)
	}
}

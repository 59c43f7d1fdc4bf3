package arm

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

const fixtures = "../../../testdata/templates"

// FuzzRead reads anything without a panic; what strict JSON accepts reads the same, and nodes lie within their parents.
func FuzzRead(f *testing.F) {
	err := filepath.WalkDir(fixtures, func(name string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || !slices.Contains([]string{".json", ".golden"}, filepath.Ext(name)) {
			return err
		}
		data, err := os.ReadFile(name)
		f.Add(data)
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte("[1,,2]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		sameAsJSON(t, string(data))
		d, err := Read(data)
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Line < 1 || syntax.Column < 1 || syntax.Offset > len(data) {
				t.Fatalf("error %#v", err)
			}
			return
		}
		within(t, d.Root, 0, len(data))
	})
}

func within(t *testing.T, n *Node, from, to int) {
	if n.Start < from || n.End > to || n.Start >= n.End {
		t.Fatalf("%s at %d..%d, not within %d..%d", n.Path(), n.Start, n.End, from, to)
	}
	at := n.Start
	for _, m := range n.Members {
		within(t, m.Key, at, n.End)
		within(t, m.Value, m.Key.End, n.End)
		at = m.Value.End
	}
	for _, x := range n.Items {
		within(t, x, at, n.End)
		at = x.End
	}
}

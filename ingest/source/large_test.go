package source

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Of two files with a large record the second waits until the first is closed.
func TestOneLargeRecordAtATime(t *testing.T) {
	open := func(name string) (*File, *CSV) {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte("a,b\n1,"+strings.Repeat("x", 2*largeBuffer)+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := Open(path, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		c, err := NewCSV(f.Reader(), CSVOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return f, c
	}
	first, c := open("first.csv")
	if b, err := c.Next(); err != nil || !IsLarge(b.Size()) {
		t.Fatalf("%v", err)
	}
	second, c := open("second.csv")
	read := make(chan error)
	go func() {
		_, err := c.Next()
		read <- err
	}()
	select {
	case err := <-read:
		t.Errorf("both are read at once: %v", err)
	case largeTurn <- struct{}{}:
		t.Error("the first has no turn")
	default:
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	if err := <-read; err != nil {
		t.Error(err)
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
	if len(largeTurn) != 0 {
		t.Error("a closed file keeps its turn")
	}
}

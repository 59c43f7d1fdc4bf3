package columnar

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// What a Writer leaves in its workspace never shows in the next file, whatever that holds.
func TestWorkspaceLeavesNoTrace(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, seed uint64, rows int, abort bool) []byte {
		r := rand.New(rand.NewPCG(seed, 1))
		s := allTypes
		if seed%3 == 0 { // the same types under other names
			s = append(Schema{{"other", String}}, allTypes[1:]...)
		}
		path := filepath.Join(dir, name)
		w, err := Create(path, s, Options{RowGroup: 3000, Compression: Compression(seed % 2)}) //nolint:gosec // 0 or 1
		if err != nil {
			t.Fatal(err)
		}
		b := NewBatch(s)
		setConstants(b)
		for n := range rows {
			randomRow(r, b, n)
			if b.Rows() == 700 || n == rows-1 {
				if err := w.Write(b); err != nil {
					t.Fatal(err)
				}
				b.Reset()
			}
		}
		if abort {
			if err := w.Abort(); err != nil {
				t.Fatal(err)
			}
			return nil
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	sizes := []int{7000, 1, 20, 9000, 0, 3000, 5}
	for i, rows := range sizes {
		seed := uint64(i) //nolint:gosec // small
		workspaces = sync.Pool{}
		fresh := write(fmt.Sprint("fresh-", i), seed, rows, false)
		for before, more := range sizes {
			write("before", uint64(before)+10, more, before%2 == 0) //nolint:gosec // small
			if again := write(fmt.Sprint("again-", i), seed, rows, false); !bytes.Equal(fresh, again) {
				t.Fatalf("file %d of %d rows differs after one of %d rows", i, rows, more)
			}
		}
	}
}

package source

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"unicode/utf8"
)

// FuzzOpen: whatever the bytes, text comes out as UTF-8, twice the same, or there is an error.
func FuzzOpen(f *testing.F) {
	for _, s := range []string{"", "a,b\n", "\xff\xfea\x00", "\xfe\xff\x00a", "a\x00,\x00", "\xef\xbb\xbf{}", "\x1f\x8b\x08", "PAR1", "\xe4", string(zipped(f, "a", "b"))} {
		f.Add([]byte(s))
	}
	path := filepath.Join(f.TempDir(), "x")
	f.Fuzz(func(t *testing.T, data []byte) {
		must(t, os.WriteFile(path, data, 0o600))
		file, err := Open(path, Limits{})
		if err != nil {
			return
		}
		defer file.Close()
		first, err := io.ReadAll(file.Reader())
		if err != nil {
			return
		}
		second, err := io.ReadAll(file.Reader())
		must(t, err)
		if string(first) != string(second) {
			t.Fatalf("%q, then %q", first, second)
		}
		if (file.Kind == KindText || file.Kind == KindJSON) && !utf8.Valid(first) {
			t.Fatalf("%q is not UTF-8", first)
		}
	})
}

// TestBlocksAreIndependent: blocks may be parsed and released on other goroutines while the next are read.
func TestBlocksAreIndependent(t *testing.T) {
	path := tempFile(t, sampleCSV(5000))
	file, err := Open(path, Limits{})
	must(t, err)
	defer file.Close()
	c, err := NewCSV(file.Reader(), CSVOptions{BlockSize: 64 << 10})
	must(t, err)
	var (
		workers sync.WaitGroup
		blocks  = make(chan *Block)
		rows    [4]int64
	)
	for w := range rows {
		workers.Go(func() {
			for b := range blocks {
				err := b.Each(func(record, line int64, f [][]byte) error {
					if record+1 != line || len(f) != 65 || string(f[62]) != "Microsoft" {
						t.Errorf("record %d on line %d has %d fields", record, line, len(f))
					}
					rows[w]++
					return nil
				})
				if err != nil {
					t.Error(err)
				}
				b.Release()
			}
		})
	}
	for {
		b, err := c.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		must(t, err)
		blocks <- b
	}
	close(blocks)
	workers.Wait()
	if n := rows[0] + rows[1] + rows[2] + rows[3]; n != 5000 {
		t.Errorf("%d rows", n)
	}
}

package columnar

import (
	"fmt"
	"os"
	"path/filepath"
	gostrings "strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/decimal128"
)

func TestInvalidUTF8BecomesReplacement(t *testing.T) {
	s := Schema{{"s", String}}
	path := filepath.Join(t.TempDir(), "t.parquet")
	w, err := Create(path, s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := NewBatch(s)
	var want oracle
	for n := range 1000 {
		v := fmt.Sprintf("Z\xfcrich %d", n)
		b.Str(0, v)
		b.EndRow()
		want = append(want, []string{gostrings.ToValidUTF8(v, "\uFFFD")})
	}
	if err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	compare(t, path, s, want)
}

func TestMistakes(t *testing.T) {
	s := Schema{{"a", String}, {"b", Int}}
	for _, tc := range []struct {
		name string
		do   func(b *Batch)
		want string
	}{
		{"type", func(b *Batch) { b.Int(0, 1) }, "column a is of type String, not Int"},
		{"twice", func(b *Batch) { b.Int(1, 1); b.Int(1, 2) }, "column b got two values in row 1"},
		{"open row", func(b *Batch) { b.Int(1, 1) }, "column b has values after the last complete row"},
		{"late constant", func(b *Batch) { b.EndRow(); b.ConstInt(1, 1) }, "constant of column b was set after the first row"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "t.parquet")
			w, err := Create(path, s, Options{})
			if err != nil {
				t.Fatal(err)
			}
			b := NewBatch(s)
			tc.do(b)
			err = w.Write(b)
			if err == nil || !gostrings.Contains(err.Error(), tc.want) || !gostrings.Contains(err.Error(), path) {
				t.Fatalf("got %v, want %q and the path", err, tc.want)
			}
			if err := w.Close(); err == nil {
				t.Error("Close after an error succeeded")
			}
			if err := w.Abort(); err != nil {
				t.Error(err)
			}
			if _, err := os.Stat(path); !os.IsNotExist(err) {
				t.Errorf("the file is still there: %v", err)
			}
		})
	}
	if _, err := Create(filepath.Join(t.TempDir(), "x"), Schema{{"a", Int}, {"a", Int}}, Options{}); err == nil {
		t.Error("a schema with one name twice was accepted")
	}
}

func TestEmptyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.parquet")
	w, err := Create(path, allTypes, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(NewBatch(allTypes)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	compare(t, path, allTypes, nil)
}

func TestAppendersDoNotAllocate(t *testing.T) {
	b := NewBatch(allTypes)
	setConstants(b)
	text, list := []byte("some text"), []string{"a", "b"}
	fill := func() {
		b.Reset()
		for n := range 500 {
			b.String(0, text)
			b.Str(1, "x")
			b.Int(3, int64(n))
			b.Decimal(4, decimal128.FromU64(uint64(n)))
			b.Bool(8, true)
			b.Strings(9, list)
			b.EndRow()
		}
	}
	fill()
	if n := testing.AllocsPerRun(10, fill); n > 0 {
		t.Errorf("%v allocations per 500 rows, want none", n)
	}
}

// A list column that has no value in the rows after the end of a row group.
func TestListsThatEndEarly(t *testing.T) {
	s := Schema{{"n", Int}, {"l", StringList}}
	b := NewBatch(s)
	for i := range 100 {
		b.Int(0, int64(i))
		if i < 3 {
			b.Strings(1, []string{"a", "b"})
		}
		b.EndRow()
	}
	w, err := Create(filepath.Join(t.TempDir(), "x.parquet"), s, Options{RowGroup: 10})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if w.Rows() != 100 {
		t.Errorf("%d rows", w.Rows())
	}
}

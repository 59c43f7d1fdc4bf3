package columnar

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	gostrings "strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/pqarrow"
	"github.com/apache/arrow/go/v15/parquet/schema"
)

var allTypes = Schema{
	{"text", String}, {"unique", String}, {"whole", Int}, {"row", Int}, {"money", Decimal}, {"share", Ratio},
	{"day", Date}, {"at", Timestamp}, {"flag", Bool}, {"list", StringList}, {"constant", String}, {"nothing", Decimal},
	{"wide", Int}, {"costs", Decimal}, {"flagged", Bool}, {"default", Int},
}

// oracle is what a file must hold: one text per cell, "NULL" for NULL.
type oracle [][]string

// randomRow appends a row to b and returns its cells.
func randomRow(r *rand.Rand, b *Batch, n int) []string {
	row := make([]string, len(b.Schema()))
	for i := range row {
		row[i] = "NULL"
	}
	set := func(i int, v any) bool { row[i] = fmt.Sprint(v); return true }
	if r.IntN(4) > 0 {
		v := []string{"", "a", "bb", "Zürich", gostrings.Repeat("x", 300)}[r.IntN(5)]
		set(0, v)
		b.Str(0, v)
	} else if r.IntN(2) == 0 {
		b.Null(0)
	}
	v := fmt.Sprintf("/subscriptions/%d/%d", n, r.Uint64())
	set(1, v)
	b.String(1, []byte(v))
	if r.IntN(10) > 0 {
		set(2, r.IntN(7)-3)
		b.Int(2, map[string]int64{"-3": -3, "-2": -2, "-1": -1, "0": 0, "1": 1, "2": 2, "3": 3}[row[2]])
	}
	set(3, n)
	b.Int(3, int64(n))
	if r.IntN(3) > 0 {
		d := decimal128.New(int64(r.IntN(9)-4), uint64(r.IntN(3)))
		set(4, FormatDecimal(d))
		b.Decimal(4, d)
	}
	share := decimal128.FromI64(int64(r.IntN(2_000_000)) - 1_000_000)
	set(5, FormatRatio(share))
	b.Decimal(5, share)
	day := int32(r.IntN(40) - 20)
	set(6, arrow.Date32(day).FormattedString())
	b.Date(6, day)
	if r.IntN(20) > 0 {
		at := int64(n)*1_000_003 + r.Int64N(1000)
		set(7, at)
		b.Time(7, at)
	}
	if r.IntN(3) > 0 {
		f := r.IntN(2) == 0
		set(8, f)
		b.Bool(8, f)
	}
	if k := r.IntN(6); k > 0 {
		l := make([]string, 0, 4)
		for range k - 1 {
			l = append(l, fmt.Sprint("e", r.IntN(50)))
		}
		set(9, gostrings.Join(l, "|"))
		b.Strings(9, l)
	}
	set(10, "always")
	wide := int64(r.Uint64())
	set(12, wide)
	b.Int(12, wide)
	cost := decimal128.New(r.Int64N(1<<60)-1<<59, r.Uint64())
	set(13, FormatDecimal(cost))
	b.Decimal(13, cost)
	set(14, true)
	switch r.IntN(10) {
	case 0:
		b.Null(15)
	case 1:
		set(15, 5)
		b.Int(15, 5)
	default:
		set(15, 42)
	}
	if r.IntN(50) == 0 {
		b.DropRow()
		return nil
	}
	b.EndRow()
	return row
}

func setConstants(b *Batch) {
	b.ConstStr(10, "always")
	b.ConstBool(14, true)
	b.ConstInt(15, 42)
}

func TestRoundTrip(t *testing.T) {
	for _, o := range []Options{
		{}, {Compression: Snappy}, {RowGroup: 777}, {RowGroup: 1}, {RowGroup: 40_000, Sync: true},
	} {
		rows := 60_000
		if o.RowGroup == 1 {
			rows = 50
		}
		t.Run(fmt.Sprintf("%+v", o), func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			path := filepath.Join(t.TempDir(), "t.parquet")
			w, err := Create(path, allTypes, o)
			if err != nil {
				t.Fatal(err)
			}
			b := NewBatch(allTypes)
			setConstants(b)
			var want oracle
			for len(want) < rows {
				b.Reset()
				for range r.IntN(3000) {
					if row := randomRow(r, b, len(want)); row != nil {
						want = append(want, row)
					}
				}
				if err := w.Write(b); err != nil {
					t.Fatal(err)
				}
			}
			if w.Rows() != int64(len(want)) {
				t.Fatalf("Rows() = %d, want %d", w.Rows(), len(want))
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			compare(t, path, allTypes, want)
		})
	}
}

// compare reads the file with the arrow library's own reader.
func compare(t *testing.T, path string, s Schema, want oracle) {
	t.Helper()
	pf, err := file.OpenParquetFile(path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer pf.Close()
	fr, err := pqarrow.NewFileReader(pf, pqarrow.ArrowReadProperties{BatchSize: 5000}, memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	rr, err := fr.GetRecordReader(t.Context(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer rr.Release()
	n := 0
	for rr.Next() {
		rec := rr.Record()
		for i := range int(rec.NumRows()) {
			for c := range s {
				if got := cell(rec.Column(c), i); got != want[n][c] {
					t.Fatalf("row %d, column %s: got %q, want %q", n, s[c].Name, got, want[n][c])
				}
			}
			n++
		}
	}
	if err := rr.Err(); err != nil && err.Error() != "EOF" {
		t.Fatal(err)
	}
	if n != len(want) {
		t.Fatalf("%d rows, want %d", n, len(want))
	}
}

func cell(a arrow.Array, i int) string {
	if a.IsNull(i) {
		return "NULL"
	}
	switch a := a.(type) {
	case *array.String:
		return a.Value(i)
	case *array.Int64:
		return fmt.Sprint(a.Value(i))
	case *array.Decimal128:
		if a.DataType().(*arrow.Decimal128Type).Scale == 6 {
			return FormatRatio(a.Value(i))
		}
		return FormatDecimal(a.Value(i))
	case *array.Date32:
		return a.Value(i).FormattedString()
	case *array.Timestamp:
		// The arrow reader says UTC for every timestamp; TestTimestampHasNoZone looks at the file's schema.
		return fmt.Sprint(int64(a.Value(i)))
	case *array.Boolean:
		return fmt.Sprint(a.Value(i))
	case *array.List:
		lo, hi := a.ValueOffsets(i)
		var l []string
		for j := lo; j < hi; j++ {
			l = append(l, a.ListValues().(*array.String).Value(int(j)))
		}
		return gostrings.Join(l, "|")
	}
	return fmt.Sprintf("unexpected %T", a)
}

// Repetition far apart, and columns that stop repeating or start to, change the encoding in the middle of a row group.
func TestEncodingChanges(t *testing.T) {
	s := Schema{{"late", String}, {"early", String}, {"sorted", Int}, {"nulls", String}, {"money", Decimal}, {"far", String}}
	path := filepath.Join(t.TempDir(), "t.parquet")
	w, err := Create(path, s, Options{RowGroup: 50_000})
	if err != nil {
		t.Fatal(err)
	}
	b := NewBatch(s)
	var want oracle
	for n := range 120_000 {
		row := []string{"same", "same", "NULL", "NULL", "1", fmt.Sprint("resource ", n%10_000)}
		if n >= 30_000 {
			row[0] = fmt.Sprint("unique ", n)
		}
		if n < 30_000 {
			row[1] = fmt.Sprint("unique ", n)
		}
		if n < 70_000 || n%3 != 0 {
			row[2] = fmt.Sprint(n * n)
			b.Int(2, int64(n*n))
		}
		if n == 119_999 {
			row[3] = "x"
			b.Str(3, "x")
		}
		if n > 60_000 {
			row[4] = FormatDecimal(decimal128.FromU64(uint64(n)))
			b.Decimal(4, decimal128.FromU64(uint64(n)))
		} else {
			b.Decimal(4, decimal128.FromU64(scale18))
		}
		b.Str(0, row[0])
		b.Str(1, row[1])
		b.Str(5, row[5])
		b.EndRow()
		want = append(want, row)
		if n%1500 == 1499 {
			if err := w.Write(b); err != nil {
				t.Fatal(err)
			}
			b.Reset()
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	compare(t, path, s, want)
}

func TestBigValuesAndExtremes(t *testing.T) {
	s := Schema{{"s", String}, {"i", Int}, {"d", Decimal}, {"t", Timestamp}, {"y", Date}}
	path := filepath.Join(t.TempDir(), "t.parquet")
	w, err := Create(path, s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := NewBatch(s)
	var want oracle
	for n := range 40 {
		v := gostrings.Repeat(string(rune('a'+n%26)), 300_000+n)
		i := []int64{math.MinInt64, math.MaxInt64, 0, -1}[n%4]
		d, _ := ParseDecimal([]byte([]string{"-99999999999999999999.999999999999999999", "99999999999999999999.999999999999999999", "-0.000000000000000001"}[n%3]))
		y := []int32{math.MinInt32 / 1000, math.MaxInt32 / 1000}[n%2]
		b.Str(0, v)
		b.Int(1, i)
		b.Decimal(2, d)
		b.Time(3, i)
		b.Date(4, y)
		b.EndRow()
		want = append(want, []string{v, fmt.Sprint(i), FormatDecimal(d), fmt.Sprint(i), arrow.Date32(y).FormattedString()})
	}
	if err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	compare(t, path, s, want)
}

func TestStatisticsAndSchema(t *testing.T) {
	s := Schema{{"s", String}, {"d", Decimal}, {"y", Date}, {"l", StringList}}
	path := filepath.Join(t.TempDir(), "t.parquet")
	w, err := Create(path, s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := NewBatch(s)
	for _, v := range []string{"m", "b", "z", "c"} {
		b.Str(0, v)
		d, _ := ParseDecimal([]byte(map[string]string{"m": "0", "b": "-5", "z": "7", "c": "1"}[v]))
		b.Decimal(1, d)
		b.Date(2, int32(v[0]))
		b.EndRow()
	}
	b.EndRow()
	if err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	pf, err := file.OpenParquetFile(path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer pf.Close()
	for i, want := range []struct{ min, max []byte }{
		{[]byte("b"), []byte("z")},
		{(&chunk{typ: Decimal}).appendNumber(nil, mustDec("-5")), (&chunk{typ: Decimal}).appendNumber(nil, mustDec("7"))},
		{[]byte{'b', 0, 0, 0}, []byte{'z', 0, 0, 0}},
	} {
		cc, err := pf.MetaData().RowGroup(0).ColumnChunk(i)
		if err != nil {
			t.Fatal(err)
		}
		st, err := cc.Statistics()
		if err != nil || st == nil {
			t.Fatalf("column %d: no statistics (%v)", i, err)
		}
		if !bytes.Equal(st.EncodeMin(), want.min) || !bytes.Equal(st.EncodeMax(), want.max) || st.NullCount() != 1 {
			t.Errorf("column %d: %x %x %d, want %x %x 1", i, st.EncodeMin(), st.EncodeMax(), st.NullCount(), want.min, want.max)
		}
	}
	if fi, _ := os.Stat(path); fi.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, want 0600", fi.Mode().Perm())
	}
}

func TestTimestampHasNoZone(t *testing.T) {
	ps, err := Schema{{"at", Timestamp}}.parquet()
	if err != nil {
		t.Fatal(err)
	}
	lt, ok := ps.Column(0).LogicalType().(*schema.TimestampLogicalType)
	if !ok || lt.IsAdjustedToUTC() || lt.TimeUnit() != schema.TimeUnitMicros || ps.Column(0).ConvertedType() != schema.ConvertedTypes.None {
		t.Errorf("got %v, converted %v", ps.Column(0).LogicalType(), ps.Column(0).ConvertedType())
	}
}

func mustDec(s string) Dec {
	d, err := ParseDecimal([]byte(s))
	if err != nil {
		panic(err)
	}
	return d
}

func TestSameInputSameBytes(t *testing.T) {
	write := func() []byte {
		r := rand.New(rand.NewPCG(3, 4))
		path := filepath.Join(t.TempDir(), "t.parquet")
		w, err := Create(path, allTypes, Options{RowGroup: 9000})
		if err != nil {
			t.Fatal(err)
		}
		b := NewBatch(allTypes)
		setConstants(b)
		for k := range 10 {
			b.Reset()
			for n := range 2000 {
				randomRow(r, b, k*2000+n)
			}
			if err := w.Write(b); err != nil {
				t.Fatal(err)
			}
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
	if !bytes.Equal(write(), write()) {
		t.Error("two files of the same rows differ")
	}
}

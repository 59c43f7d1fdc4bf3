package source

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

type row struct {
	Record, Line int64
	Fields       []string
}

// readCSV reads everything and checks what blocks say about themselves.
func readCSV(t testing.TB, r io.Reader, o CSVOptions) (header []string, rows []row, err error) {
	t.Helper()
	c, err := NewCSV(r, o)
	if err != nil {
		return nil, nil, err
	}
	for {
		b, err := c.Next()
		if errors.Is(err, io.EOF) {
			return c.Header(), rows, nil
		}
		if err != nil {
			return c.Header(), rows, err
		}
		n := int64(0)
		err = b.Each(func(record, line int64, f [][]byte) error {
			if n == 0 && (record != b.FirstRecord || line < b.FirstLine) {
				t.Fatalf("block starts at record %d line %d, says %d and %d", record, line, b.FirstRecord, b.FirstLine)
			}
			n++
			cells := make([]string, len(f))
			for i := range f {
				cells[i] = string(f[i])
			}
			rows = append(rows, row{record, line, cells})
			return nil
		})
		if err != nil || n != b.Records {
			t.Fatalf("block of %d records gave %d, error %v", b.Records, n, err)
		}
		b.Release()
	}
}

func TestCSV(t *testing.T) {
	tests := []struct {
		name, text string
		options    CSVOptions
		header     []string
		rows       []row
		err        string
	}{
		{name: "plain", text: "a,b\n1,2\n3,4\n", header: []string{"a", "b"}, rows: []row{{1, 2, []string{"1", "2"}}, {2, 3, []string{"3", "4"}}}},
		{name: "no newline at the end", text: "a,b\n1,2", header: []string{"a", "b"}, rows: []row{{1, 2, []string{"1", "2"}}}},
		{name: "CRLF", text: "a,b\r\n1,2\r\n\r\n3,\"4\"\r\n", header: []string{"a", "b"}, rows: []row{{1, 2, []string{"1", "2"}}, {2, 4, []string{"3", "4"}}}},
		{name: "CR at the end of the file", text: "a,b\r\n1,2\r", header: []string{"a", "b"}, rows: []row{{1, 2, []string{"1", "2"}}}},
		{name: "lone CR is data", text: "a,b\n1\r,2\n", header: []string{"a", "b"}, rows: []row{{1, 2, []string{"1\r", "2"}}}},
		{name: "blank lines", text: "\n\r\na\n\n1\n\n\n2\n\n", header: []string{"a"}, rows: []row{{1, 5, []string{"1"}}, {2, 8, []string{"2"}}}},
		{name: "BOM", text: "\ufeffa,b\n1,2\n", header: []string{"a", "b"}, rows: []row{{1, 2, []string{"1", "2"}}}},
		{name: "BOM inside quotes", text: "\"\ufeffa\", b \n1,2\n", header: []string{"a", "b"}, rows: []row{{1, 2, []string{"1", "2"}}}},
		{name: "quotes", text: "a,b\n\"x, y\",\"say \"\"hi\"\"\"\n", header: []string{"a", "b"}, rows: []row{{1, 2, []string{"x, y", `say "hi"`}}}},
		{name: "empty quoted", text: "a,b\n\"\",\"\"\n\"\"\n", header: []string{"a", "b"}, rows: []row{{1, 2, []string{"", ""}}, {2, 3, []string{""}}}},
		{name: "quoted line ends kept", text: "a,b\n\"x\r\ny\n\nz\",1\n2,3\n", header: []string{"a", "b"}, rows: []row{{1, 2, []string{"x\r\ny\n\nz", "1"}}, {2, 6, []string{"2", "3"}}}},
		{name: "EA tags without braces", text: "a,b\n\"\"\"k\"\": \"\"v\"\",\"\"k2\"\": \"\"v2\"\"\",2\n", header: []string{"a", "b"}, rows: []row{{1, 2, []string{`"k": "v","k2": "v2"`, "2"}}}},
		{name: "quote inside an unquoted field", text: "a,b\n5\" disk,x\n19\" rack 5\",\"y\"\n", header: []string{"a", "b"}, rows: []row{{1, 2, []string{`5" disk`, "x"}}, {2, 3, []string{`19" rack 5"`, "y"}}}},
		{name: "text after a closing quote", text: "a,b\n\"x\" tail,\"y\"z\n\"a\"\"b\"c,\"d\"\r\n", header: []string{"a", "b"}, rows: []row{{1, 2, []string{"x tail", "yz"}}, {2, 3, []string{`a"bc`, "d"}}}},
		{name: "blank before a quote", text: "a,b\n \"x\", \"y\"\n", header: []string{"a", "b"}, rows: []row{{1, 2, []string{` "x"`, ` "y"`}}}},
		{name: "backslash is data", text: "a,b\n\"x\\\",y\n", header: []string{"a", "b"}, rows: []row{{1, 2, []string{`x\`, "y"}}}},
		{name: "ragged", text: "a,b\n1\n1,2,3\n,\n", header: []string{"a", "b"}, rows: []row{{1, 2, []string{"1"}}, {2, 3, []string{"1", "2", "3"}}, {3, 4, []string{"", ""}}}},
		{name: "delimiter at the end", text: "a,b\n1,\n\"1\",\n", header: []string{"a", "b"}, rows: []row{{1, 2, []string{"1", ""}}, {2, 3, []string{"1", ""}}}},
		{name: "semicolon", text: "a;\"b,c,d\";c\n1,5;2;\"x;y\"\n", header: []string{"a", "b,c,d", "c"}, rows: []row{{1, 2, []string{"1,5", "2", "x;y"}}}},
		{name: "tab", text: "a\tb\n1\t\"2\t3\"\n", header: []string{"a", "b"}, rows: []row{{1, 2, []string{"1", "2\t3"}}}},
		{name: "single column", text: "scope\nx\n", header: []string{"scope"}, rows: []row{{1, 2, []string{"x"}}}},
		{name: "sep line", text: "sep=;\na;b\n1;2\n", header: []string{"a", "b"}, rows: []row{{1, 3, []string{"1", "2"}}}},
		{name: "header with line end", text: "a,\"b\nc\"\n1,2\n", header: []string{"a", "b\nc"}, rows: []row{{1, 3, []string{"1", "2"}}}},
		{name: "localised header", text: "Ressourcengruppe (ResourceGroup),Kosten (Cost)\nrg,1\n", header: []string{"Ressourcengruppe (ResourceGroup)", "Kosten (Cost)"}, rows: []row{{1, 2, []string{"rg", "1"}}}},
		{name: "CR only", text: "a,b\r1,2\r\r3,\"4\"\r", header: []string{"a", "b"}, rows: []row{{1, 2, []string{"1", "2"}}, {2, 4, []string{"3", "4"}}}},
		{name: "CR only, no line end at the end", text: "a,b\r1,2", header: []string{"a", "b"}, rows: []row{{1, 2, []string{"1", "2"}}}},
		{name: "CR only, in quotes too", text: "a,\"b\rc\"\r1,\"x\ry\"\r2,3\r", header: []string{"a", "b\nc"}, rows: []row{{1, 3, []string{"1", "x\ny"}}, {2, 5, []string{"2", "3"}}}},
		{name: "CR only, then CRLF", text: "a,b\r1,2\r\n3,4\n5,6\r", header: []string{"a", "b"}, rows: []row{{1, 2, []string{"1", "2"}}, {2, 3, []string{"3", "4"}}, {3, 4, []string{"5", "6"}}}},
		{name: "CR CR LF", text: "a,b\r\r\n1,2\r\r\n3,4\r\r\n", header: []string{"a", "b"}, rows: []row{{1, 3, []string{"1", "2"}}, {2, 5, []string{"3", "4"}}}},
		{name: "pipe", text: "a|b,c|d\n1|\"2|3\"|4\n", header: []string{"a", "b,c", "d"}, rows: []row{{1, 2, []string{"1", "2|3", "4"}}}},
		{name: "sep line with pipe", text: "sep=|\na|b\n1|2\n", header: []string{"a", "b"}, rows: []row{{1, 3, []string{"1", "2"}}}},
		{name: "BOM before records", text: "\ufeffa,b\n\ufeff1,2\n3,4\n\ufeff\"5,\n\",6\r\n\ufeff\r\n7,8\n\ufeff\n", header: []string{"a", "b"},
			rows: []row{{1, 2, []string{"1", "2"}}, {2, 3, []string{"3", "4"}}, {3, 4, []string{"5,\n", "6"}}, {4, 7, []string{"7", "8"}}}},
		{name: "BOM before a header in quotes", text: "talk, and more\n\ufeff\"a\",\"b,\nc\"\n1,2\n", header: []string{"a", "b,\nc"}, rows: []row{{1, 4, []string{"1", "2"}}},
			options: CSVOptions{HeaderLine: 2}},
		{name: "BOM inside a record is data", text: "a,b\n1,\ufeff2\n", header: []string{"a", "b"}, rows: []row{{1, 2, []string{"1", "\ufeff2"}}}},
		{name: "header line", text: "one \"quote,\n\nsep=;\na,b\n1,2\n", header: []string{"a", "b"}, rows: []row{{1, 5, []string{"1", "2"}}}, options: CSVOptions{HeaderLine: 4}},
		{name: "header line beyond the end", text: "a,b\n1,2\n", options: CSVOptions{HeaderLine: 4}},
		{name: "header only", text: "a,b\n", header: []string{"a", "b"}},
		{name: "header only, no newline", text: "a,b", header: []string{"a", "b"}},
		{name: "zero bytes"},
		{name: "blank", text: "\n \t\r\n\n"},
		{name: "blanks before the header", text: "\n  \t\r\na,b\n1,2\n", header: []string{"a", "b"}, rows: []row{{1, 4, []string{"1", "2"}}}},
		{name: "preamble", text: "Usage Data Extract\n\n\"Statement, \"\"x\"\"\"\nInstanceId,Cost\nx,1\n", header: []string{"InstanceId", "Cost"}, rows: []row{{1, 5, []string{"x", "1"}}},
			options: CSVOptions{SkipPreamble: func(line []byte) bool { return !bytes.Contains(line, []byte("InstanceId")) }}},
		{name: "all preamble", text: "x\ny\n", options: CSVOptions{SkipPreamble: func([]byte) bool { return true }}},
		{name: "ends inside quotes", text: "a,b\n1,2\n\n3,\"4\n5,6\n", header: []string{"a", "b"}, rows: []row{{1, 2, []string{"1", "2"}}}, err: "record 2 that begins on line 4"},
		{name: "ends inside quotes of a later line", text: "a,b\n\"x\ny\",\"z\n", header: []string{"a", "b"}, err: "record 1 that begins on line 3"},
		{name: "header ends inside quotes", text: "a,\"b\n", err: "header that begins on line 1"},
		{name: "record too long", text: "a,b\n1,2\n1,\"" + strings.Repeat("x\n", 600) + "\"\n", options: CSVOptions{MaxRecord: 1024}, header: []string{"a", "b"}, rows: []row{{1, 2, []string{"1", "2"}}}, err: "begins on line 3"},
	}
	for _, tt := range tests {
		for _, size := range []int{1, 2, 7, 0} {
			t.Run(fmt.Sprintf("%s/%d", tt.name, size), func(t *testing.T) {
				o := tt.options
				o.BlockSize = size
				if o.MaxRecord > 0 && size == 0 {
					o.BlockSize = 16
				}
				header, rows, err := readCSV(t, strings.NewReader(tt.text), o)
				if d := cmp.Diff(tt.header, header); d != "" {
					t.Errorf("header: %s", d)
				}
				if d := cmp.Diff(tt.rows, rows); d != "" {
					t.Errorf("rows: %s", d)
				}
				switch {
				case tt.err == "" && err != nil:
					t.Errorf("error %v", err)
				case tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)):
					t.Errorf("error %v, want %q", err, tt.err)
				}
			})
		}
	}
}

func TestCSVErrors(t *testing.T) {
	_, _, err := readCSV(t, strings.NewReader("a\n\"x"), CSVOptions{})
	if !errors.Is(err, ErrTruncatedQuote) {
		t.Errorf("%v is not an ErrTruncatedQuote", err)
	}
	_, _, err = readCSV(t, strings.NewReader("a\n"+strings.Repeat("x", 5000)), CSVOptions{BlockSize: 10, MaxRecord: 1000})
	if !errors.Is(err, ErrTooLong) {
		t.Errorf("%v is not an ErrTooLong", err)
	}
	broken := errors.New("disk on fire")
	_, _, err = readCSV(t, io.MultiReader(strings.NewReader("a\n1\n"), iotest.ErrReader(broken)), CSVOptions{})
	if !errors.Is(err, broken) {
		t.Errorf("%v does not pass on the error of the reader", err)
	}
	stop := errors.New("stop")
	c, err := NewCSV(strings.NewReader("a\n1\n2\n"), CSVOptions{})
	if err != nil {
		t.Fatal(err)
	}
	b, err := c.Next()
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Each(func(int64, int64, [][]byte) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("Each returned %v", err)
	}
}

// TestCSVMegabyteRecords: records above the block size.
func TestCSVMegabyteRecords(t *testing.T) {
	long := strings.Repeat("x\",\"\ny", 200_000)
	text := "a,b\n1,\"" + strings.ReplaceAll(long, `"`, `""`) + "\"\n2,3\n"
	_, rows, err := readCSV(t, strings.NewReader(text), CSVOptions{BlockSize: 4096})
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 || rows[0].Fields[1] != long || rows[1].Line != 2+200_001 {
		t.Errorf("%d rows, second on line %d", len(rows), rows[1].Line)
	}
}

// TestCSVRandom: what encoding/csv writes comes back equal, for any block size and any way to read.
func TestCSVRandom(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	alphabet := []string{"a", "bc", "ü", "漢", `"`, `""`, ",", ";", "\t", "\n", "\r\n", " ", `\`, "{", "0.0000000000000001", ""}
	for i := range 3000 {
		var want []row
		var text bytes.Buffer
		w := csv.NewWriter(&text)
		w.Comma = []rune{',', ';', '\t'}[rng.Intn(3)]
		columns := 1 + rng.Intn(6)
		header := make([]string, columns)
		for c := range header {
			header[c] = fmt.Sprintf("c%d", c)
		}
		if columns == 1 {
			w.Comma = ','
		}
		must(t, w.Write(header))
		w.Flush()
		for n := range rng.Intn(30) {
			w.Flush()
			line := int64(1 + bytes.Count(text.Bytes(), newline))
			cells := make([]string, columns)
			for c := range cells {
				for range rng.Intn(8) {
					cells[c] += alphabet[rng.Intn(len(alphabet))]
				}
			}
			if columns == 1 && cells[0] == "" {
				cells[0] = "x" // it would be written as a blank line
			}
			must(t, w.Write(cells))
			want = append(want, row{int64(n + 1), line, cells})
		}
		w.Flush()
		if rng.Intn(4) == 0 && text.Len() > 0 {
			text.Truncate(text.Len() - 1) // without the last line end
		}
		var r io.Reader = bytes.NewReader(text.Bytes())
		if rng.Intn(3) == 0 {
			r = iotest.OneByteReader(r)
		}
		got, rows, err := readCSV(t, r, CSVOptions{BlockSize: 1 + rng.Intn(200)})
		if err != nil {
			t.Fatalf("%d: %v\n%s", i, err, text.Bytes())
		}
		if d := cmp.Diff(header, got); d != "" {
			t.Fatalf("%d: %s", i, d)
		}
		if d := cmp.Diff(want, rows); d != "" {
			t.Fatalf("%d: %s\n%q", i, d, text.Bytes())
		}
	}
}

// FuzzCSV: where encoding/csv accepts the input, the result is the same; and the result never depends on
// the block size.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "a;b\n\"x;\"\"\",2\r\n", "a\tb\n\n\"x\ny\"\t\n", "a\n5\" disk\n\"x\"y\n", "\ufeffa,b\n1", "a,b\n\"", "\"a\"\r\n\r\n1\r"} {
		f.Add([]byte(s), 5)
	}
	f.Fuzz(func(t *testing.T, data []byte, size int) {
		header, rows, err := readCSV(t, bytes.NewReader(data), CSVOptions{})
		header2, rows2, err2 := readCSV(t, iotest.HalfReader(bytes.NewReader(data)), CSVOptions{BlockSize: 1 + (size&0xff)%50})
		if d := cmp.Diff(header, header2); d != "" {
			t.Fatalf("block size matters: %s", d)
		}
		if d := cmp.Diff(rows, rows2); d != "" {
			t.Fatalf("block size matters: %s", d)
		}
		if fmt.Sprint(err) != fmt.Sprint(err2) {
			t.Fatalf("block size matters: %v, %v", err, err2)
		}
		lines := bytes.Split(data, newline)
		for i := range lines {
			if l := bytes.TrimPrefix(trimCR(lines[i]), utf8BOM); len(l) == 0 {
				continue
			} else if isSep(l) || len(bytes.TrimSpace(bytes.ReplaceAll(l, utf8BOM, nil))) == 0 {
				return // encoding/csv takes it for the header
			}
			break
		}
		if cr, _ := endsWithCR(bytes.TrimPrefix(data, utf8BOM)); cr {
			return // encoding/csv takes a CR alone for a part of the cell
		}
		ref := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, utf8BOM)))
		c, err3 := NewCSV(bytes.NewReader(data), CSVOptions{})
		if err3 != nil {
			ref.Comma = ','
		} else {
			ref.Comma = rune(c.Delimiter())
		}
		ref.FieldsPerRecord = -1
		want, refErr := ref.ReadAll()
		if refErr != nil {
			return
		}
		if err != nil {
			t.Fatalf("encoding/csv reads it, but: %v", err)
		}
		unix := func(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") } // encoding/csv does that to quoted line ends
		if len(want) == 0 {
			if len(header) > 0 || len(rows) > 0 {
				t.Fatalf("encoding/csv finds nothing, got %q %v", header, rows)
			}
			return
		}
		for i, cell := range want[0] {
			if got := strings.TrimSpace(strings.Trim(cell, "\ufeff")); i >= len(header) || unix(header[i]) != got {
				t.Fatalf("header %q, want %q", header, want[0])
			}
		}
		if len(rows) != len(want)-1 {
			t.Fatalf("%d rows, want %d", len(rows), len(want)-1)
		}
		for i, r := range rows {
			for k := range r.Fields {
				r.Fields[k] = unix(r.Fields[k])
			}
			if d := cmp.Diff(want[i+1], r.Fields); d != "" {
				t.Fatal(d)
			}
		}
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// The lines before the header are dropped a buffer at a time, across buffers and with the line numbers right.
func TestCSVBlankLines(t *testing.T) {
	const blank = 300_000
	text := strings.Repeat("\n \r\n", blank/2) + "a,b\n\n1,2\n"
	for _, size := range []int{0, 16, 4096} {
		c, err := NewCSV(strings.NewReader(text), CSVOptions{BlockSize: size})
		if err != nil {
			t.Fatal(err)
		}
		if c.HeaderLine() != blank+1 || !slices.Equal(c.Header(), []string{"a", "b"}) {
			t.Errorf("blocks of %d: header %q in line %d, want a, b in line %d", size, c.Header(), c.HeaderLine(), blank+1)
		}
		header, rows, err := readCSV(t, strings.NewReader(text), CSVOptions{BlockSize: size})
		if err != nil || len(header) != 2 || len(rows) != 1 || rows[0].Line != blank+3 {
			t.Errorf("blocks of %d: %v, rows %v, want one in line %d", size, err, rows, blank+3)
		}
	}
}

// Who is told to stop does not wait for the header of a file without an end.
func TestCSVCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	endless := readerFunc(func(p []byte) (int, error) {
		if n++; n == 3 {
			cancel()
		}
		for i := range p {
			p[i] = '\n'
		}
		return len(p), nil
	})
	if _, err := NewCSV(WithContext(ctx, endless), CSVOptions{BlockSize: 4096}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

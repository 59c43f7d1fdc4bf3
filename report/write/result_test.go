package write

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/pqarrow"

	"github.com/pidledger/pidledger/queries/adhoc"
	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/report/reporttest"
	"github.com/pidledger/pidledger/report/spec"
)

var resultFields = []adhoc.Field{
	{Name: "text", Type: "VARCHAR"},
	{Name: "int", Type: "BIGINT", Kind: adhoc.KindInt},
	{Name: "big", Type: "HUGEINT", Kind: adhoc.KindBig},
	{Name: "cost", Type: "DECIMAL(38,18)", Kind: adhoc.KindDecimal, Width: 38, Scale: 18},
	{Name: "float", Type: "DOUBLE", Kind: adhoc.KindFloat, Width: 64},
	{Name: "yes", Type: "BOOLEAN", Kind: adhoc.KindBool},
	{Name: "day", Type: "DATE", Kind: adhoc.KindDate},
	{Name: "time", Type: "TIMESTAMP", Kind: adhoc.KindTime},
	{Name: "list", Type: "VARCHAR[]", Kind: adhoc.KindJSON},
}

func number(t testing.TB, s string) *big.Int {
	n, ok := new(big.Int).SetString(s, 10)
	if !ok {
		t.Fatalf("%s is not a number", s)
	}
	return n
}

// resultRows are three rows: ordinary, as odd as can be, and all NULL.
func resultRows(t testing.TB) [][]adhoc.Cell {
	null := make([]adhoc.Cell, len(resultFields))
	for i := range null {
		null[i].Null = true
	}
	return [][]adhoc.Cell{
		{{S: "plain"}, {I: 7}, {N: big.NewInt(8)}, {N: number(t, "1500000000000000000")}, {F: 0.5}, {I: 1}, {I: 20513}, {I: 1_500_000}, {S: `["a"]`}},
		{{S: "=1+1|<b>\x1b[31m\"ä\",\nnew"}, {I: math.MinInt64}, {N: number(t, "-99999999999999999999999999999999999999")}, {N: number(t, "-12345678901234567890000000000000000001")},
			{F: math.Inf(-1)}, {}, {I: -1}, {I: math.MaxInt64}, {S: `[]`}},
		null,
	}
}

func writeRows(t testing.TB, format string, o ResultOptions, fields []adhoc.Field, rows [][]adhoc.Cell) string {
	t.Helper()
	var b bytes.Buffer
	w, err := NewResult(format, &b, fields, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if err := w.Row(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestResultFormats(t *testing.T) {
	for _, format := range []string{TableFormat, LineFormat, spec.CSV, spec.JSON, JSONLines, Markdown} {
		reporttest.Golden(t, "result."+format+".txt", []byte(writeRows(t, format, ResultOptions{}, resultFields, resultRows(t))))
	}
	for _, format := range []string{TableFormat, LineFormat} {
		reporttest.Golden(t, "result.rounded-"+format+".txt", []byte(writeRows(t, format, ResultOptions{Round: true}, resultFields, resultRows(t))))
	}
	reporttest.Golden(t, "result.narrow.txt", []byte(writeRows(t, TableFormat, ResultOptions{Width: 80, Color: true}, resultFields, resultRows(t))))
}

// Readers of each format get the rows back.
func TestResultsAreReadable(t *testing.T) {
	rows := resultRows(t)
	records, err := csv.NewReader(strings.NewReader(writeRows(t, spec.CSV, ResultOptions{}, resultFields, rows))).ReadAll()
	if err != nil || len(records) != 4 || records[2][0] != "'"+rows[1][0].S || records[2][3] != "-12345678901234567890.000000000000000001" {
		t.Errorf("csv %q, %v", records, err)
	}
	for _, format := range []string{spec.JSON, JSONLines} {
		text := writeRows(t, format, ResultOptions{}, resultFields, rows)
		if format == JSONLines {
			text = "[" + strings.ReplaceAll(strings.TrimSpace(text), "\n", ",") + "]"
		}
		var objects []struct {
			Text *string
			Int  *json.Number
			Big  *json.Number
			Cost *string
			Time *string
		}
		if err := json.Unmarshal([]byte(text), &objects); err != nil || len(objects) != 3 {
			t.Fatalf("%s: %v in %s", format, err, text)
		}
		o := objects[1]
		if *o.Text != rows[1][0].S || *o.Big != "-99999999999999999999999999999999999999" || *o.Cost != "-12345678901234567890.000000000000000001" || *o.Time != "infinity" || objects[2].Int != nil {
			t.Errorf("%s: %+v", format, o)
		}
	}
	for _, format := range []string{spec.JSON, spec.CSV, JSONLines, TableFormat, Arrow, spec.Parquet, Markdown} {
		text := writeRows(t, format, ResultOptions{}, resultFields, nil)
		if format == spec.JSON && text != "[]\n" || format == JSONLines && text != "" || format == spec.CSV && text != "text,int,big,cost,float,yes,day,time,list\n" {
			t.Errorf("%s without rows: %q", format, text)
		}
	}
}

// readArrow reads both binary formats as one table.
func readArrow(t *testing.T, format, text string) arrow.Table {
	t.Helper()
	if format == spec.Parquet {
		table, err := pqarrow.ReadTable(t.Context(), strings.NewReader(text), parquet.NewReaderProperties(memory.DefaultAllocator), pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
		if err != nil {
			t.Fatal(err)
		}
		return table
	}
	r, err := ipc.NewReader(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var records []arrow.Record
	for r.Next() {
		r.Record().Retain()
		records = append(records, r.Record())
	}
	if r.Err() != nil {
		t.Fatal(r.Err())
	}
	return array.NewTableFromRecords(r.Schema(), records)
}

func TestBinaryResults(t *testing.T) {
	rows := resultRows(t)
	rows[1][6] = adhoc.Cell{I: -1}
	for _, format := range []string{Arrow, spec.Parquet} {
		var many [][]adhoc.Cell
		for range 10_000 { // more than a batch
			many = append(many, rows...)
		}
		table := readArrow(t, format, writeRows(t, format, ResultOptions{}, resultFields, many))
		if table.NumRows() != 30_000 {
			t.Fatalf("%s: %d rows", format, table.NumRows())
		}
		types := ""
		for _, f := range table.Schema().Fields() {
			types += f.Type.String() + " "
		}
		if types != "utf8 int64 decimal(38, 0) decimal(38, 18) float64 bool date32 timestamp[us, tz=UTC] utf8 " {
			t.Errorf("%s: types %s", format, types)
		}
		for i, f := range resultFields {
			last := table.Column(i).Data().Chunks()
			chunk := last[len(last)-1]
			if !chunk.IsNull(chunk.Len() - 1) {
				t.Errorf("%s: %s is not NULL", format, f.Name)
			}
		}
		chunks := table.Column(3).Data().Chunks()
		cost := chunks[len(chunks)-1].(*array.Decimal128)
		if got := cost.Value(cost.Len() - 2).BigInt().String(); got != "-12345678901234567890000000000000000001" {
			t.Errorf("%s: cost %s", format, got)
		}
		if got := table.Column(0).Data().Chunks()[0].(*array.String).Value(1); got != rows[1][0].S {
			t.Errorf("%s: text %q", format, got)
		}
	}
	for _, c := range []struct {
		field adhoc.Field
		cell  adhoc.Cell
	}{{resultFields[2], adhoc.Cell{N: number(t, "100000000000000000000000000000000000000")}}, {resultFields[6], adhoc.Cell{I: math.MaxInt64}}} {
		w, err := NewResult(Arrow, &bytes.Buffer{}, []adhoc.Field{c.field}, ResultOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Row([]adhoc.Cell{c.cell}); err == nil || !strings.Contains(err.Error(), "cast it to varchar") {
			t.Errorf("%s: error %v", c.field.Name, err)
		}
	}
}

// The engine reads every type back as it was, at both ends of it.
func TestParquetOfEveryType(t *testing.T) {
	fields := append(slices.Clone(resultFields), adhoc.Field{Name: "single", Type: "FLOAT", Kind: adhoc.KindFloat, Width: 32})
	row := append(slices.Clone(resultRows(t)[1]), adhoc.Cell{F: -1.5})
	row[6], row[7] = adhoc.Cell{I: -1}, adhoc.Cell{I: -1}
	where := `"text" = '=1+1|<b>' || chr(27) || '[31m"ä",' || chr(10) || 'new' and "int" = -9223372036854775808 and big = -99999999999999999999999999999999999999::decimal(38,0)
		and cost = -12345678901234567890.000000000000000001::decimal(38,18) and float = '-inf'::double and not yes and day = date '1969-12-31'
		and epoch_us("time") = -1 and list = '[]' and single = -1.5::float and typeof(single) = 'FLOAT' and typeof("time") = 'TIMESTAMP WITH TIME ZONE'`
	for digits := 1; digits <= 38; digits++ {
		name := fmt.Sprintf("d%d", digits)
		fields = append(fields, adhoc.Field{Name: name, Type: "DECIMAL", Kind: adhoc.KindDecimal, Width: digits, Scale: digits / 2})
		least := number(t, "-"+strings.Repeat("9", digits))
		row = append(row, adhoc.Cell{N: least})
		where += fmt.Sprintf(" and %s = %s::decimal(%d,%d) and typeof(%s) = 'DECIMAL(%d,%d)'", name, spec.AppendUnits(nil, least, digits/2), digits, digits/2, name, digits, digits/2)
	}
	empty := make([]adhoc.Cell, len(row))
	for i := range empty {
		empty[i].Null = true
	}
	path := filepath.Join(t.TempDir(), "result.parquet")
	if err := os.WriteFile(path, []byte(writeRows(t, spec.Parquet, ResultOptions{}, fields, [][]adhoc.Cell{empty, row, empty})), 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := engine.Open(t.Context(), engine.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for text, want := range map[string]int64{"": 3, " where " + where: 1, ` where "text" is null and d38 is null and single is null`: 2} {
		if n, err := db.Count(t.Context(), "select count(*) from "+engine.ParquetSource([]string{path})+text); err != nil || n != want {
			t.Errorf("%d rows, want %d: %s (%v)", n, want, text, err)
		}
	}
}

// full takes so many bytes.
type full int

func (f *full) Write(b []byte) (int, error) {
	if len(b) > int(*f) {
		return 0, errors.New("the disk is full")
	}
	*f -= full(len(b))
	return len(b), nil
}

// A disk that is full is an error, wherever the output is then.
func TestResultsOnAFullDisk(t *testing.T) {
	for _, format := range ResultFormats {
		whole := len(writeRows(t, format, ResultOptions{}, resultFields, resultRows(t)[:1]))
		for _, room := range []int{0, 1, whole / 2, whole - 1} {
			disk := full(room)
			w, err := NewResult(format, &disk, resultFields, ResultOptions{})
			if err == nil {
				err = w.Row(resultRows(t)[0])
			}
			if err == nil {
				err = w.Close()
			}
			if err == nil {
				t.Errorf("%s: %d bytes were written where %d have room", format, whole, room)
			}
		}
	}
}

// Lines fit the terminal, whatever is in them, also after the rows that decide on the widths.
func TestTableFits(t *testing.T) {
	var rows [][]adhoc.Cell
	for i := range 2 * tableSample {
		row := resultRows(t)[i%3]
		if !row[0].Null && i > tableSample {
			row[0].S = strings.Repeat("ä", 300)
		}
		rows = append(rows, row)
	}
	for _, width := range []int{1, 10, 40, 80, 200} {
		text := writeRows(t, TableFormat, ResultOptions{Width: width}, resultFields, rows)
		lines := slices.Collect(strings.Lines(text))
		if len(lines) < len(rows)+1 || width == 200 && len(lines) != len(rows)+1 {
			t.Errorf("width %d: %d lines", width, len(lines))
		}
		if note := strings.Join(strings.Fields(strings.Join(lines[len(rows)+1:], " ")), " "); width < 200 && !strings.HasPrefix(note, "left out, for want of room: ") {
			t.Errorf("width %d: the last line is %q", width, note)
		}
		for _, line := range lines[:len(rows)+1] {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > width {
				t.Fatalf("width %d: a line of %d: %s", width, n, line)
			}
		}
	}
}

// counter counts what is written and keeps nothing.
type counter struct{ n int64 }

func (c *counter) Write(b []byte) (int, error) { c.n += int64(len(b)); return len(b), nil }

// What a writer keeps does not grow with the rows: the second half of a long result takes no more memory than the first.
func TestResultsStream(t *testing.T) {
	if testing.Short() {
		t.Skip("many rows")
	}
	row := resultRows(t)[0]
	digest := fnv.New64a()
	for _, format := range ResultFormats {
		out := &counter{}
		w, err := NewResult(format, out, resultFields, ResultOptions{})
		if err != nil {
			t.Fatal(err)
		}
		half := int64(0)
		rows := 50_000
		if format == spec.Parquet {
			rows = 3 * parquetRow // it keeps a row group
		}
		for i := range rows {
			row[0].S = string(strconv.AppendUint(nil, digest.Sum64(), 36)) // nothing that could be squeezed
			digest.Write([]byte{byte(i)})
			if err := w.Row(row); err != nil {
				t.Fatal(err)
			}
			if i == rows/2 {
				half = out.n
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if half < out.n/4 {
			t.Errorf("%s: only %d of %d bytes were written after half of the rows", format, half, out.n)
		}
	}
}

func TestFormatOf(t *testing.T) {
	for path, want := range map[string]string{"a.csv": spec.CSV, "a.JSON": spec.JSON, "x/a.jsonl": JSONLines, "a.md": Markdown, "a.parquet": spec.Parquet, "a.arrow": Arrow, "a.table": "", "a": "", "csv": spec.CSV, "a.csv.gz": ""} {
		if got := FormatOf(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	if _, err := NewResult("xml", nil, nil, ResultOptions{}); err == nil {
		t.Error("xml is a format")
	}
}

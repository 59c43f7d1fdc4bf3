package evidence

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/pqarrow"

	"github.com/pidledger/pidledger/ingest/source"
	"github.com/pidledger/pidledger/queries/columnar"
)

// result is what a whole file became.
type result struct {
	tally  Tally
	sink   *Sink
	format string // json, csv: shape, text: shape
	err    error  // that ended reading
}

// readFile reads a file the way the pipeline does: by content.
func readFile(t testing.TB, path string, o Options) result {
	t.Helper()
	f, err := source.Open(path, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p, err := NewParser(o)
	if err != nil {
		t.Fatal(err)
	}
	res := result{sink: NewSink()}
	switch f.Kind {
	case source.KindJSON:
		res.format = "json"
		res.err = readJSON(p, f.Reader(), res.sink)
	case source.KindAvro:
		res.format = "avro"
		res.err = readAvro(p, f.Reader(), res.sink)
	case source.KindText:
		res.format, res.err = readText(p, f, res.sink)
	}
	p.Flush(res.sink)
	res.tally = p.Tally()
	return res
}

func readJSON(p *Parser, r io.Reader, sink *Sink) error {
	j := source.NewJSON(r, source.JSONOptions{})
	for {
		block, err := j.NextBlock()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := block.Each(func(v source.Value) error {
			p.Value(v, sink)
			return nil
		}); err != nil {
			return err
		}
		block.Release()
	}
}

func readAvro(p *Parser, r io.Reader, sink *Sink) error {
	a, err := source.NewAvro(r, "Body")
	if err != nil {
		return err
	}
	defer a.Close()
	for {
		body, record, err := a.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		p.Event(record, body, sink)
	}
}

func readText(p *Parser, f *source.File, sink *Sink) (string, error) {
	c, err := source.NewCSV(f.Reader(), source.CSVOptions{})
	if err == nil && len(c.Header()) > 1 {
		if h, err := p.Header(c.Header()); err == nil {
			return "csv: " + h.Shape().Name, readCSV(p, h, c, sink)
		}
	}
	shape, _, ok := DetectText(f.Head())
	if !ok {
		return "", nil
	}
	return "text: " + shape, p.Text(f.Reader(), sink)
}

func readCSV(p *Parser, h *Header, c *source.CSV, sink *Sink) error {
	for {
		block, err := c.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := block.Each(func(record, line int64, fields [][]byte) error {
			p.CSVRow(h, record, line, fields, sink)
			return nil
		}); err != nil {
			return err
		}
		block.Release()
	}
}

// dump writes all rows of a sink as text: one "column=value" per line, NULLs left out.
func dump(t testing.TB, sink *Sink) string {
	t.Helper()
	var out strings.Builder
	for _, table := range sink.Batches() {
		if err := table.Batch.Err(); err != nil {
			t.Fatal(err)
		}
		for i, row := range rows(t, table.Batch) {
			fmt.Fprintf(&out, "[%s %d]\n", table.Name, i+1)
			for _, cell := range row {
				out.WriteString(cell + "\n")
			}
		}
	}
	return out.String()
}

// rows reads a batch back through a Parquet file.
func rows(t testing.TB, b *columnar.Batch) [][]string {
	t.Helper()
	if b.Rows() == 0 {
		return nil
	}
	path := filepath.Join(t.TempDir(), "rows.parquet")
	w, err := columnar.Create(path, b.Schema(), columnar.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Write(b), w.Close()); err != nil {
		t.Fatal(err)
	}
	pf, err := file.OpenParquetFile(path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer pf.Close()
	fr, err := pqarrow.NewFileReader(pf, pqarrow.ArrowReadProperties{BatchSize: 1000}, memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	rr, err := fr.GetRecordReader(t.Context(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer rr.Release()
	var all [][]string
	for rr.Next() {
		rec := rr.Record()
		for i := range int(rec.NumRows()) {
			var row []string
			for c := range int(rec.NumCols()) {
				if a := rec.Column(c); !a.IsNull(i) {
					row = append(row, rec.ColumnName(c)+"="+cellText(a, i))
				}
			}
			all = append(all, row)
		}
	}
	return all
}

func cellText(a arrow.Array, i int) string {
	switch a := a.(type) {
	case *array.String:
		return a.Value(i)
	case *array.Int64:
		return fmt.Sprint(a.Value(i))
	case *array.Timestamp:
		return time.UnixMicro(int64(a.Value(i))).UTC().Format("2006-01-02T15:04:05.000000")
	case *array.List:
		lo, hi := a.ValueOffsets(i)
		var l []string
		for j := lo; j < hi; j++ {
			l = append(l, a.ListValues().(*array.String).Value(int(j)))
		}
		return "[" + strings.Join(l, ", ") + "]"
	}
	return fmt.Sprintf("unexpected %T", a)
}

// parse reads a text as one JSON file.
func parse(t testing.TB, text string, o Options) (string, Tally) {
	t.Helper()
	p, err := NewParser(o)
	if err != nil {
		t.Fatal(err)
	}
	sink := NewSink()
	if err := readJSON(p, bytes.NewReader([]byte(text)), sink); err != nil {
		t.Fatal(err)
	}
	p.Flush(sink)
	return dump(t, sink), p.Tally()
}

func mustRead(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

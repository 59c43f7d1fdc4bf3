package usage

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/pqarrow"
	"github.com/google/go-cmp/cmp"
	"github.com/valyala/fastjson"

	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/ingest/source"
	"github.com/pidledger/pidledger/queries/columnar"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const fixtures = "../../testdata/formats/usage"

// result is a file after normalising.
type result struct {
	schema  Schema
	dates   string
	unknown []string
	hints   Hints
	rows    []row
	rejects []source.Reject
}

// row is a canonical row as text, without NULLs.
type row map[string]string

// normaliseFile does what the pipeline does with one file.
func normaliseFile(t *testing.T, path string, meta Meta) result {
	t.Helper()
	f, err := source.Open(path, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.Kind == source.KindJSON {
		return normaliseJSON(t, f.Reader(), meta)
	}
	return normaliseCSV(t, f.Reader(), meta)
}

func normaliseCSV(t *testing.T, r io.Reader, meta Meta) result {
	t.Helper()
	c, err := source.NewCSV(r, source.CSVOptions{SkipPreamble: SkipPreamble()})
	if err != nil {
		t.Fatal(err)
	}
	schema, ok := DetectHeader(c.Header())
	if !ok {
		t.Fatalf("not recognised: %s", schema.Reason)
	}
	reader, err := NewReader(schema, c.Header(), meta)
	if err != nil {
		t.Fatal(err)
	}
	type record struct {
		record, line int64
		cells        [][]byte
	}
	var all []record
	for {
		b, err := c.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		_ = b.Each(func(no, line int64, f [][]byte) error {
			cells := make([][]byte, len(f))
			for i := range f {
				cells[i] = bytes.Clone(f[i])
			}
			all = append(all, record{no, line, cells})
			return nil
		})
	}
	reader.DecideDates(func(yield func([]string) bool) {
		for _, r := range all {
			var cells []string
			for _, c := range r.cells {
				cells = append(cells, string(c))
			}
			if !yield(cells) {
				return
			}
		}
	})
	n := reader.NewNormaliser()
	b := columnar.NewBatch(Columns)
	res := result{}
	for _, r := range all {
		if rej := n.Row(b, r.record, r.line, r.cells); rej != nil {
			res.rejects = append(res.rejects, *rej)
		}
	}
	res.schema, res.dates, res.hints, res.unknown = reader.schema, dates(reader), n.Hints(), unknownColumns(reader)
	res.rows = readBack(t, b)
	return res
}

func normaliseJSON(t *testing.T, r io.Reader, meta Meta) result {
	t.Helper()
	j := source.NewJSON(r, source.JSONOptions{})
	var (
		res    result
		reader *Reader
		n      *Normaliser
		p      fastjson.Parser
		b      = columnar.NewBatch(Columns)
	)
	for {
		el, err := j.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		v, err := p.ParseBytes(el.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		if reader == nil {
			schema, ok := DetectJSON(v)
			if !ok {
				t.Fatalf("not recognised: %s", schema.Reason)
			}
			if reader, err = NewReader(schema, nil, meta); err != nil {
				t.Fatal(err)
			}
			n = reader.NewNormaliser()
		}
		if rej := n.JSON(b, el.Record, el.Line, v); rej != nil {
			res.rejects = append(res.rejects, *rej)
		}
	}
	if reader == nil {
		t.Fatal("no record")
	}
	res.schema, res.dates, res.hints = reader.schema, dates(reader), n.Hints()
	res.rows = readBack(t, b)
	return res
}

// readBack writes the batch as Parquet and reads it again.
func readBack(t *testing.T, b *columnar.Batch) []row {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rows.parquet")
	w, err := columnar.Create(path, Columns, columnar.Options{})
	if err != nil {
		t.Fatal(err)
	}
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
	fr, err := pqarrow.NewFileReader(pf, pqarrow.ArrowReadProperties{BatchSize: 1 << 16}, memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	rr, err := fr.GetRecordReader(t.Context(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	var rows []row
	for rr.Next() {
		rec := rr.Record()
		for i := range int(rec.NumRows()) {
			r := row{}
			for c := range int(rec.NumCols()) {
				if a := rec.Column(c); !a.IsNull(i) {
					r[Columns[c].Name] = cellText(a, i)
				}
			}
			rows = append(rows, r)
		}
	}
	return rows
}

func cellText(a arrow.Array, i int) string {
	switch a := a.(type) {
	case *array.String:
		return a.Value(i)
	case *array.Int64:
		return fmt.Sprint(a.Value(i))
	case *array.Boolean:
		return fmt.Sprint(a.Value(i))
	case *array.Date32:
		return a.Value(i).ToTime().Format(time.DateOnly)
	case *array.Timestamp:
		return a.Value(i).ToTime(arrow.Microsecond).UTC().Format(time.RFC3339Nano)
	case *array.Decimal128:
		return columnar.FormatDecimal(a.Value(i))
	}
	return fmt.Sprintf("%T", a)
}

// String is the golden form.
func (r result) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "kind=%s version=%q basis=%q low_confidence=%v dates=%s\nreason: %s\n", r.schema.Kind, r.schema.Version, r.schema.Basis, r.schema.LowConfidence, r.dates, r.schema.Reason)
	if len(r.unknown) > 0 {
		fmt.Fprintf(&b, "unknown columns: %q\n", r.unknown)
	}
	if basis := r.hints.Basis(); basis != "" {
		fmt.Fprintf(&b, "rows say: %s\n", basis)
	}
	for _, row := range r.rows {
		fmt.Fprintf(&b, "\nrow %s\n", row["row_no"])
		for _, c := range Columns {
			if v, ok := row[c.Name]; ok && c.Name != "row_no" && c.Name != "source_kind" && c.Name != "schema_version" {
				if strings.ContainsAny(v, "\r\n") || v == "" || v != strings.TrimSpace(v) {
					v = fmt.Sprintf("%q", v)
				}
				fmt.Fprintf(&b, "  %s = %s\n", c.Name, v)
			}
		}
	}
	for _, j := range r.rejects {
		fmt.Fprintf(&b, "\nreject record %d line %d column %q value %q\n  %s\n", j.Record, j.Line, j.Column, j.Value, j.Reason)
	}
	return b.String()
}

// Every fixture is a schema or a quirk; its golden file holds the canonical rows, NULLs left out.
func TestFixtures(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(fixtures, "*.*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, path := range files {
		name := filepath.Base(path)
		t.Run(name, func(t *testing.T) {
			got := normaliseFile(t, path, Meta{}).String()
			golden := filepath.Join(fixtures, "golden", name+".txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), got); diff != "" {
				t.Errorf("canonical rows differ (-want +got):\n%s\nRun go test ./ingest/usage -update if the change is meant.", diff)
			}
		})
	}
}

// Each source_kind and version must have a fixture.
func TestFixturesCoverSchemas(t *testing.T) {
	want := []string{
		"azcli ", "csp_sub 2021-10-01", "ea 2020-01-01", "ea 2021-01-01", "ea 2021-10-01", "ea 2023-12-01-preview", "ea 2024-08-01", "ea c360",
		"ea_2019 2019-10-01", "focus 1.0", "focus 1.0-preview", "focus 1.0r2", "focus 1.2", "focus 1.2-preview", "generic ",
		"mca 2019-11-01", "mca 2021-01-01", "mca 2021-10-01", "mca 2023-12-01-preview", "mg ", "mosp 2019-11-01", "mpa 2023-12-01-preview", "pc_daily ", "rest_legacy ", "rest_modern ",
	}
	files, _ := filepath.Glob(filepath.Join(fixtures, "*.*"))
	var have []string
	for _, path := range files {
		s := normaliseFile(t, path, Meta{}).schema
		have = append(have, s.Kind+" "+s.Version)
	}
	for _, w := range want {
		if !slices.Contains(have, w) {
			t.Errorf("no fixture of %s", w)
		}
	}
}

// dates names how the file writes its dates.
func dates(r *Reader) string { return azure.DateStyle(r.dates.Load()).String() }

// unknownColumns are those whose cells go to extra.
func unknownColumns(r *Reader) (list []string) {
	for _, u := range r.plan.unknown {
		list = append(list, r.plan.header[u.cells.first])
	}
	return list
}

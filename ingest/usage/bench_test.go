package usage

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/valyala/fastjson"

	"github.com/pidledger/pidledger/ingest/source"
	"github.com/pidledger/pidledger/queries/columnar"
)

// mcaCSV makes rows of the shape of SPEC 9: 65 columns, about 750 bytes.
func mcaCSV(tb testing.TB, rows, resources int) []byte {
	tb.Helper()
	fixture, err := os.ReadFile(filepath.Join(fixtures, "mca_2023-12-01-preview.csv"))
	if err != nil {
		tb.Fatal(err)
	}
	header, rest, _ := bytes.Cut(fixture, []byte("\n"))
	first, _, _ := bytes.Cut(rest, []byte("\n"))
	line := string(first)
	r := rand.New(rand.NewPCG(3, 4))
	type res struct{ id, tags string }
	list := make([]res, resources)
	for i := range list {
		list[i].id = fmt.Sprintf("/subscriptions/5b1f6c7e-0d5c-4e83-9a41-7c2f3d9b%04x/resourceGroups/RG-App-%d/providers/Microsoft.Compute/virtualMachines/vm-Web-%06d", i%40, i%900, i)
		list[i].tags = fmt.Sprintf(`"{""env"": ""prod"", ""cost center"": ""10,%d"", ""app"": ""web-%d""}"`, i%50, i%500)
	}
	var b bytes.Buffer
	b.Write(header)
	b.WriteByte('\n')
	for range rows {
		x := list[r.IntN(len(list))]
		s := strings.Replace(line, "/subscriptions/5b1f6c7e-0d5c-4e83-9a41-7c2f3d9be001/resourceGroups/RG-App/providers/Microsoft.Compute/virtualMachines/vm-Web-01", x.id, 1)
		s = strings.Replace(s, `"{""env"": ""prod""}"`, x.tags, 1)
		s = strings.Replace(s, "05/03/2026", fmt.Sprintf("05/%02d/2026", 1+r.IntN(28)), 1)
		s = strings.Replace(s, ",24,1 Hour", fmt.Sprintf(",%.6f,1 Hour", r.Float64()*100), 1)
		s = strings.Replace(s, ",2.112,2.4,2.4,2.2,2.5,", fmt.Sprintf(",%.15f,%.15f,%.15f,%.6f,2.5,", r.Float64(), r.Float64(), r.Float64(), r.Float64()), 1)
		b.WriteString(s)
		b.WriteByte('\n')
	}
	return b.Bytes()
}

func benchmarkRows(b *testing.B, resources int) {
	const rows = 20000
	data := mcaCSV(b, rows, resources)
	c, err := source.NewCSV(bytes.NewReader(data), source.CSVOptions{})
	if err != nil {
		b.Fatal(err)
	}
	schema, _ := DetectHeader(c.Header())
	reader, err := NewReader(schema, c.Header(), Meta{})
	if err != nil {
		b.Fatal(err)
	}
	var records [][][]byte
	for {
		block, err := c.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			b.Fatal(err)
		}
		_ = block.Each(func(_, _ int64, f [][]byte) error {
			cells := make([][]byte, len(f))
			for i := range f {
				cells[i] = bytes.Clone(f[i])
			}
			records = append(records, cells)
			return nil
		})
	}
	n, batch := reader.NewNormaliser(), columnar.NewBatch(Columns)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if i == len(records) {
			i = 0
		}
		if batch.Rows() == 8192 {
			batch.Reset()
		}
		if rej := n.Row(batch, int64(i+1), 0, records[i]); rej != nil {
			b.Fatal(rej)
		}
		i++
	}
}

// A row of 65 columns; the target is 2 microseconds.
func BenchmarkRow(b *testing.B)              { benchmarkRows(b, 2000) }
func BenchmarkRowManyResources(b *testing.B) { benchmarkRows(b, 20000) }

func BenchmarkCSV(b *testing.B) {
	const rows = 20000
	data := mcaCSV(b, rows, 2000)
	batch := columnar.NewBatch(Columns)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		c, err := source.NewCSV(bytes.NewReader(data), source.CSVOptions{})
		if err != nil {
			b.Fatal(err)
		}
		schema, _ := DetectHeader(c.Header())
		reader, err := NewReader(schema, c.Header(), Meta{})
		if err != nil {
			b.Fatal(err)
		}
		n := reader.NewNormaliser()
		batch.Reset()
		for {
			block, err := c.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			_ = block.Each(func(record, line int64, f [][]byte) error {
				if batch.Rows() == 8192 {
					batch.Reset()
				}
				if rej := n.Row(batch, record, line, f); rej != nil {
					b.Fatal(rej)
				}
				return nil
			})
			block.Release()
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
}

func BenchmarkJSON(b *testing.B) {
	data, err := os.ReadFile(filepath.Join(fixtures, "rest_modern.json"))
	if err != nil {
		b.Fatal(err)
	}
	v, err := fastjson.ParseBytes(data)
	if err != nil {
		b.Fatal(err)
	}
	v = v.GetArray("value")[0]
	schema, _ := DetectJSON(v)
	reader, err := NewReader(schema, nil, Meta{})
	if err != nil {
		b.Fatal(err)
	}
	n, batch := reader.NewNormaliser(), columnar.NewBatch(Columns)
	b.ReportAllocs()
	for b.Loop() {
		if batch.Rows() == 8192 {
			batch.Reset()
		}
		if rej := n.JSON(batch, 1, 1, v); rej != nil {
			b.Fatal(rej)
		}
	}
}

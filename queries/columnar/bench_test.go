package columnar

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/decimal128"
)

// usageLike is a table shaped like canonical usage: 60 columns, of which 20 are constant in a file, 12 empty, 3 nearly unique.
func usageLike() Schema {
	s := make(Schema, 60)
	for i := range s {
		t := String
		switch {
		case i == 20 || i == 21:
			t = Date
		case i == 22:
			t = Int
		case i >= 23 && i < 30:
			t = Decimal
		}
		s[i] = Column{fmt.Sprintf("c%02d", i), t}
	}
	return s
}

type usageRow struct {
	resource, lower, group, tags, meter, name []byte
	day                                       int32
	dec                                       [7]Dec
}

func usageRows(n int) []usageRow {
	r := rand.New(rand.NewPCG(7, 7))
	rows := make([]usageRow, n)
	for i := range rows {
		id := r.IntN(20_000)
		rows[i] = usageRow{
			resource: fmt.Appendf(nil, "/subscriptions/%08x-1111-2222-3333-444444444444/resourceGroups/RG-%04d/providers/Microsoft.Compute/virtualMachines/vm-%06d", id%50, id%900, id),
			lower:    fmt.Appendf(nil, "/subscriptions/%08x-1111-2222-3333-444444444444/resourcegroups/rg-%04d/providers/microsoft.compute/virtualmachines/vm-%06d", id%50, id%900, id),
			group:    fmt.Appendf(nil, "rg-%04d", id%900),
			tags:     fmt.Appendf(nil, `{"costcenter": "%d", "env": "%s"}`, id%300, []string{"prod", "dev"}[id%2]),
			meter:    fmt.Appendf(nil, "%08x-aaaa-bbbb-cccc-dddddddddddd", id%700),
			name:     fmt.Appendf(nil, "meter %d", id%700),
			day:      int32(20_000 + i*30/n),
		}
		for j := range rows[i].dec {
			rows[i].dec[j] = decimal128.New(int64(r.IntN(2)), r.Uint64()>>(j*4))
			if j > 2 {
				rows[i].dec[j] = decimal128.FromU64(scale18 / 1000 * uint64(r.IntN(5000)))
			}
		}
	}
	return rows
}

func fillUsage(b *Batch, rows []usageRow, first int) {
	for i := range rows {
		u := &rows[i]
		b.Date(20, u.day)
		b.Date(21, u.day/30*30)
		b.Int(22, int64(first+i))
		for j := range u.dec {
			b.Decimal(23+j, u.dec[j])
		}
		b.String(30, u.resource)
		b.String(31, u.lower)
		b.String(32, u.group)
		b.String(33, u.tags)
		b.String(34, u.meter)
		for c := 35; c < 45; c++ {
			b.String(c, u.name)
		}
		for c := 45; c < 48; c++ {
			b.String(c, u.group)
		}
		b.EndRow()
	}
}

const benchRows = 2_000_000

// BenchmarkWriteUsage writes 2 million rows of 60 columns from one goroutine; encoding uses all processors.
func BenchmarkWriteUsage(b *testing.B) {
	rows := usageRows(200_000)
	s := usageLike()
	for _, c := range []Compression{Zstd, Snappy} {
		b.Run([]string{"zstd", "snappy"}[c], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				path := filepath.Join(b.TempDir(), "u.parquet")
				w, err := Create(path, s, Options{Compression: c})
				if err != nil {
					b.Fatal(err)
				}
				batch := NewBatch(s)
				for i := range 20 {
					batch.ConstStr(i, fmt.Sprint("constant ", i))
				}
				const size = 1400 // about 1 MiB of CSV
				for done := 0; done < benchRows; done += size {
					batch.Reset()
					at := done % (len(rows) - size)
					fillUsage(batch, rows[at:at+size], done)
					if err := w.Write(batch); err != nil {
						b.Fatal(err)
					}
				}
				if err := w.Close(); err != nil {
					b.Fatal(err)
				}
				fi, err := os.Stat(path)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(fi.Size())/1e6, "MB")
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows/60, "ns/value")
		})
	}
}

func BenchmarkFillBatch(b *testing.B) {
	rows := usageRows(4096)
	batch := NewBatch(usageLike())
	for b.Loop() {
		batch.Reset()
		fillUsage(batch, rows, 0)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(rows))/28, "ns/append")
}

func BenchmarkParseDecimal(b *testing.B) {
	for _, s := range []string{"0", "12.5", "0.0123456789", "-1234.567890123456", "9.2E-05", "0.000123456789012345678901"} {
		in := []byte(s)
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ParseDecimal(in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkFormatDecimal(b *testing.B) {
	for _, s := range []string{"0", "12.5", "-1234.567890123456", "99999999999999999999.999999999999999999"} {
		d := mustDec(s)
		var buf [64]byte
		b.Run("append/"+s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				AppendDecimal(buf[:0], d)
			}
		})
	}
}

package engine

import (
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/schema"
)

func node(t *testing.T, name string, logical schema.LogicalType, physical parquet.Type, length int) schema.Node {
	t.Helper()
	n, err := schema.NewPrimitiveNodeLogical(name, parquet.Repetitions.Required, logical, physical, length, -1)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// twos is the big-endian two's complement of v in n bytes.
func twos(v *big.Int, n int) []byte {
	x := new(big.Int).Set(v)
	if v.Sign() < 0 {
		x.Add(x, new(big.Int).Lsh(big.NewInt(1), uint(8*n)))
	}
	return x.FillBytes(make([]byte, n))
}

// A cell of a Parquet file reads the same whatever physical type its column has; a decimal that the engine would read wrongly is an error.
func TestParquetTypes(t *testing.T) {
	tenth := big.NewInt(-100_000_000_000_000_000)
	for _, c := range []struct {
		name     string
		logical  schema.LogicalType
		physical parquet.Type
		length   int
		value    any
		want     string // "" for an error
	}{
		{"decimal in 16 bytes", schema.NewDecimalLogicalType(38, 18), parquet.Types.FixedLenByteArray, 16, twos(tenth, 16), "-0.100000000000000000"},
		{"decimal in more bytes than it needs", schema.NewDecimalLogicalType(38, 18), parquet.Types.FixedLenByteArray, 20, twos(tenth, 20), "-0.100000000000000000"},
		{"decimal in few bytes", schema.NewDecimalLogicalType(38, 18), parquet.Types.ByteArray, -1, twos(tenth, 9), "-0.100000000000000000"},
		{"decimal in many bytes", schema.NewDecimalLogicalType(38, 18), parquet.Types.ByteArray, -1, twos(tenth, 20), "-0.100000000000000000"},
		{"small decimal in 12 bytes", schema.NewDecimalLogicalType(10, 2), parquet.Types.FixedLenByteArray, 12, twos(big.NewInt(-12345), 12), "-123.45"},
		{"decimal of 39 digits", schema.NewDecimalLogicalType(39, 18), parquet.Types.FixedLenByteArray, 17, twos(tenth, 17), ""},
		{"decimal of 39 digits in bytes", schema.NewDecimalLogicalType(39, 18), parquet.Types.ByteArray, -1, twos(tenth, 17), ""},
		{"decimal of 76 digits", schema.NewDecimalLogicalType(76, 18), parquet.Types.FixedLenByteArray, 32, twos(tenth, 32), ""},
		{"decimal in an integer", schema.NewDecimalLogicalType(18, 6), parquet.Types.Int64, -1, int64(-1500000), "-1.500000"},
		{"decimal in a short integer", schema.NewDecimalLogicalType(9, 2), parquet.Types.Int32, -1, int32(-150), "-1.50"},
		{"unsigned 64", schema.NewIntLogicalType(64, false), parquet.Types.Int64, -1, int64(-1), "18446744073709551615"},
		{"unsigned 32", schema.NewIntLogicalType(32, false), parquet.Types.Int32, -1, int32(-1), "4294967295"},
		{"unsigned 8", schema.NewIntLogicalType(8, false), parquet.Types.Int32, -1, int32(200), "200"},
		{"double", schema.NoLogicalType{}, parquet.Types.Double, -1, float64(0.1), "0.1"},
		{"small double", schema.NoLogicalType{}, parquet.Types.Double, -1, float64(1.5e-7), "1.5e-07"},
		{"float", schema.NoLogicalType{}, parquet.Types.Float, -1, float32(0.1), "0.1"},
		{"bytes that are a text", schema.NoLogicalType{}, parquet.Types.ByteArray, -1, []byte("h\u00e9"), "h\u00e9"},
		{"bytes of one length that are a text", schema.NoLogicalType{}, parquet.Types.FixedLenByteArray, 4, []byte("abcd"), "abcd"},
		{"nanoseconds", schema.NewTimestampLogicalType(true, schema.TimeUnitNanos), parquet.Types.Int64, -1, int64(1772323200000000000), "2026-03-01 00:00:00+00"},
		{"milliseconds", schema.NewTimestampLogicalType(false, schema.TimeUnitMillis), parquet.Types.Int64, -1, int64(1772323200000), "2026-03-01 00:00:00"},
		{"date", schema.DateLogicalType{}, parquet.Types.Int32, -1, int32(20513), "2026-03-01"},
		{"enum", schema.EnumLogicalType{}, parquet.Types.ByteArray, -1, []byte("Usage"), "Usage"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "one[1].parquet")
			writeCell(t, path, node(t, "Cost", c.logical, c.physical, c.length), c.value)
			db, err := Open(t.Context(), Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			got := ""
			err = db.ParquetText(t.Context(), path, func(row []string, _ []bool) error {
				got = row[0]
				return nil
			})
			var wide *WideDecimalError
			if errors.As(err, &wide) != (c.want == "") || got != c.want {
				t.Errorf("got %q, error %v, want %q", got, err, c.want)
			}
			if wide != nil && (wide.Column != "Cost" || wide.Precision < 39 || wide.Scale != 18) {
				t.Errorf("%+v", wide)
			}
		})
	}
}

// writeCell writes a Parquet file of one row and column.
func writeCell(t *testing.T, path string, column schema.Node, value any) {
	t.Helper()
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	root, err := schema.NewGroupNode("schema", parquet.Repetitions.Required, schema.FieldList{column}, -1)
	if err != nil {
		t.Fatal(err)
	}
	w := file.NewParquetWriter(out, root)
	cells, err := w.AppendRowGroup().NextColumn()
	if err != nil {
		t.Fatal(err)
	}
	switch x := cells.(type) {
	case *file.FixedLenByteArrayColumnChunkWriter:
		_, err = x.WriteBatch([]parquet.FixedLenByteArray{value.([]byte)}, nil, nil)
	case *file.ByteArrayColumnChunkWriter:
		_, err = x.WriteBatch([]parquet.ByteArray{value.([]byte)}, nil, nil)
	case *file.Int64ColumnChunkWriter:
		_, err = x.WriteBatch([]int64{value.(int64)}, nil, nil)
	case *file.Int32ColumnChunkWriter:
		_, err = x.WriteBatch([]int32{value.(int32)}, nil, nil)
	case *file.Float64ColumnChunkWriter:
		_, err = x.WriteBatch([]float64{value.(float64)}, nil, nil)
	case *file.Float32ColumnChunkWriter:
		_, err = x.WriteBatch([]float32{value.(float32)}, nil, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

package write

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/big"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/schema"
)

// parquetRow is how many rows a row group has, DuckDB's own number.
const parquetRow = 122_880

// parquetResult writes batches of a result as Parquet. It stands on the library's column writers and not on its Arrow layer (pqarrow), which
// needs gRPC for nothing; queries/columnar has only the types of the reports.
type parquetResult struct {
	out   *bufio.Writer
	file  *file.Writer
	group file.BufferedRowGroupWriter // nil: the next batch begins one
	rows  int                         // in the group
}

func newParquetResult(w io.Writer, s *arrow.Schema) (*parquetResult, error) {
	var fields schema.FieldList
	for _, f := range s.Fields() {
		node, err := parquetNode(f)
		if err != nil {
			return nil, err
		}
		fields = append(fields, node)
	}
	root, err := schema.NewGroupNode("schema", parquet.Repetitions.Repeated, fields, -1)
	if err != nil {
		return nil, err
	}
	// The library panics when its first bytes cannot be written and forgets other errors: the buffer takes those, and remembers these.
	out := bufio.NewWriterSize(w, 64<<10)
	properties := parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd))
	return &parquetResult{out: out, file: file.NewParquetWriter(out, root, file.WithWriterProps(properties))}, nil
}

// parquetNode describes a column, which may hold NULL.
func parquetNode(f arrow.Field) (schema.Node, error) {
	leaf := func(l schema.LogicalType, t parquet.Type, bytes int) (schema.Node, error) {
		return schema.NewPrimitiveNodeLogical(f.Name, parquet.Repetitions.Optional, l, t, bytes, -1)
	}
	switch t := f.Type.(type) {
	case *arrow.Int64Type:
		return leaf(schema.NewIntLogicalType(64, true), parquet.Types.Int64, -1)
	case *arrow.Decimal128Type:
		return leaf(schema.NewDecimalLogicalType(t.Precision, t.Scale), parquet.Types.FixedLenByteArray, decimalBytes(t))
	case *arrow.Float64Type:
		return leaf(schema.NoLogicalType{}, parquet.Types.Double, -1)
	case *arrow.Float32Type:
		return leaf(schema.NoLogicalType{}, parquet.Types.Float, -1)
	case *arrow.BooleanType:
		return leaf(schema.NoLogicalType{}, parquet.Types.Boolean, -1)
	case *arrow.Date32Type:
		return leaf(schema.DateLogicalType{}, parquet.Types.Int32, -1)
	case *arrow.TimestampType:
		return leaf(schema.NewTimestampLogicalType(true, schema.TimeUnitMicros), parquet.Types.Int64, -1)
	case *arrow.StringType:
		return leaf(schema.StringLogicalType{}, parquet.Types.ByteArray, -1)
	}
	return nil, fmt.Errorf("column %s has the type %s", f.Name, f.Type)
}

// decimalBytes is how many bytes hold every number of so many digits, and its sign.
func decimalBytes(t *arrow.Decimal128Type) int {
	largest := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(t.Precision)), nil)
	return largest.Sub(largest, big.NewInt(1)).BitLen()/8 + 1
}

func (p *parquetResult) write(batch arrow.Record) error {
	if p.group == nil {
		p.group, p.rows = p.file.AppendBufferedRowGroup(), 0
	}
	for i, a := range batch.Columns() {
		w, err := p.group.Column(i)
		if err == nil {
			err = writeColumn(w, a)
		}
		if err != nil {
			return fmt.Errorf("column %s: %w", batch.ColumnName(i), err)
		}
	}
	if p.rows += int(batch.NumRows()); p.rows < parquetRow {
		return nil
	}
	return p.endGroup()
}

func (p *parquetResult) endGroup() error {
	if p.group == nil {
		return nil
	}
	err := p.group.Close()
	p.group = nil
	return err
}

func (p *parquetResult) end() error {
	return errors.Join(p.endGroup(), p.file.Close(), p.out.Flush())
}

func writeColumn(w file.ColumnChunkWriter, column arrow.Array) error {
	switch a := column.(type) {
	case *array.Int64:
		return writeValues(w, a, a.Value)
	case *array.Decimal128:
		t := a.DataType().(*arrow.Decimal128Type)
		width := decimalBytes(t)
		modulus := new(big.Int).Lsh(big.NewInt(1), uint(8*width))
		return writeValues(w, a, func(i int) parquet.FixedLenByteArray {
			n := a.Value(i).BigInt() // two's complement, the highest byte first
			if n.Sign() < 0 {
				n.Add(n, modulus)
			}
			return n.FillBytes(make([]byte, width))
		})
	case *array.Float64:
		return writeValues(w, a, a.Value)
	case *array.Float32:
		return writeValues(w, a, a.Value)
	case *array.Boolean:
		return writeValues(w, a, a.Value)
	case *array.Date32:
		return writeValues(w, a, func(i int) int32 { return int32(a.Value(i)) })
	case *array.Timestamp:
		return writeValues(w, a, func(i int) int64 { return int64(a.Value(i)) })
	case *array.String:
		return writeValues(w, a, func(i int) parquet.ByteArray { return parquet.ByteArray(a.Value(i)) })
	}
	return fmt.Errorf("the type %s is not known", column.DataType())
}

// valueWriter is the column writer of the library for one type.
type valueWriter[T any] interface {
	WriteBatch(values []T, defined, repeated []int16) (int64, error)
}

// writeValues writes the values that are not NULL, and which those are.
func writeValues[T any](w file.ColumnChunkWriter, a arrow.Array, value func(int) T) error {
	typed, ok := w.(valueWriter[T])
	if !ok {
		return fmt.Errorf("%T does not write %s", w, a.DataType())
	}
	values, defined := make([]T, 0, a.Len()), make([]int16, a.Len())
	for i := range a.Len() {
		if a.IsValid(i) {
			values, defined[i] = append(values, value(i)), 1
		}
	}
	_, err := typed.WriteBatch(values, defined, nil)
	return err
}

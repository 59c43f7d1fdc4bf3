package write

import (
	"errors"
	"fmt"
	"io"
	"math/big"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/pidledger/pidledger/queries/adhoc"
)

// arrowRows is how many rows a batch has.
const arrowRows = 8192

// arrowResult writes a result as an Arrow stream or as Parquet, batch by batch.
type arrowResult struct {
	fields  []adhoc.Field
	builder *array.RecordBuilder
	rows    int
	write   func(arrow.Record) error
	end     func() error
}

func newArrowResult(w io.Writer, fields []adhoc.Field, asParquet bool) (*arrowResult, error) {
	columns := make([]arrow.Field, len(fields))
	for i, f := range fields {
		columns[i] = arrow.Field{Name: f.Name, Type: arrowType(f), Nullable: true}
	}
	schema := arrow.NewSchema(columns, nil)
	a := &arrowResult{fields: fields, builder: array.NewRecordBuilder(memory.DefaultAllocator, schema)}
	if !asParquet {
		stream := ipc.NewWriter(w, ipc.WithSchema(schema))
		a.write, a.end = stream.Write, stream.Close
		return a, nil
	}
	file, err := newParquetResult(w, schema)
	if err != nil {
		return nil, err
	}
	a.write, a.end = file.write, file.end
	return a, nil
}

func arrowType(f adhoc.Field) arrow.DataType {
	switch f.Kind {
	case adhoc.KindInt:
		return arrow.PrimitiveTypes.Int64
	case adhoc.KindBig:
		return &arrow.Decimal128Type{Precision: 38}
	case adhoc.KindDecimal:
		return &arrow.Decimal128Type{Precision: int32(f.Width), Scale: int32(f.Scale)}
	case adhoc.KindFloat:
		if f.Width == 32 {
			return arrow.PrimitiveTypes.Float32
		}
		return arrow.PrimitiveTypes.Float64
	case adhoc.KindBool:
		return arrow.FixedWidthTypes.Boolean
	case adhoc.KindDate:
		return arrow.FixedWidthTypes.Date32
	case adhoc.KindTime:
		return &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"} // all times are UTC (SPEC 3.6), those without zone, too
	}
	return arrow.BinaryTypes.String
}

// decimal128Digits is how many digits the decimals of Arrow and Parquet have.
const decimal128Digits = 38

var decimalEnd = new(big.Int).Exp(big.NewInt(10), big.NewInt(decimal128Digits), nil)

func (a *arrowResult) Row(cells []adhoc.Cell) error {
	for i := range cells {
		f, c := &a.fields[i], &cells[i]
		b := a.builder.Field(i)
		if c.Null {
			b.AppendNull()
			continue
		}
		switch b := b.(type) {
		case *array.Int64Builder:
			b.Append(c.I)
		case *array.Decimal128Builder:
			if c.N.CmpAbs(decimalEnd) >= 0 {
				return fmt.Errorf("column %s: %s has more than %d digits; cast it to varchar", f.Name, c.N, decimal128Digits)
			}
			b.Append(decimal128.FromBigInt(c.N))
		case *array.Float64Builder:
			b.Append(c.F)
		case *array.Float32Builder:
			b.Append(float32(c.F))
		case *array.BooleanBuilder:
			b.Append(c.I != 0)
		case *array.Date32Builder:
			if infinite(c.I) != "" {
				return fmt.Errorf("column %s: the format has no infinite dates; cast it to varchar", f.Name)
			}
			b.Append(arrow.Date32(c.I))
		case *array.TimestampBuilder:
			b.Append(arrow.Timestamp(c.I))
		case *array.StringBuilder:
			b.Append(c.S)
		default:
			return fmt.Errorf("column %s has the type %s", f.Name, f.Type)
		}
	}
	if a.rows++; a.rows < arrowRows {
		return nil
	}
	return a.flush()
}

func (a *arrowResult) flush() error {
	if a.rows == 0 {
		return nil
	}
	a.rows = 0
	record := a.builder.NewRecord()
	defer record.Release()
	return a.write(record)
}

func (a *arrowResult) Close() error {
	defer a.builder.Release()
	if err := a.flush(); err != nil {
		return errors.Join(err, a.end())
	}
	return a.end()
}

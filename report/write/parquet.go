package write

import (
	"fmt"

	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/queries/engine"
)

// batchRows is how many rows go to the Parquet writer at once.
const batchRows = 4096

// parquetWriter writes a Parquet file with the types of the report.
type parquetWriter struct {
	w     *columnar.Writer
	batch *columnar.Batch
}

func newParquetWriter(path string, schema columnar.Schema) (*parquetWriter, error) {
	w, err := columnar.Create(path, schema, columnar.Options{})
	if err != nil {
		return nil, err
	}
	return &parquetWriter{w: w, batch: columnar.NewBatch(schema)}, nil
}

func (p *parquetWriter) Row(values []engine.Value) error {
	for i := range values {
		if err := appendValue(p.batch, i, &values[i]); err != nil {
			return err
		}
	}
	p.batch.EndRow()
	if p.batch.Rows() < batchRows {
		return nil
	}
	return p.flush()
}

func (p *parquetWriter) flush() error {
	if err := p.w.Write(p.batch); err != nil {
		return err
	}
	p.batch.Reset()
	return nil
}

func (p *parquetWriter) Close() error {
	if err := p.flush(); err != nil {
		return err
	}
	return p.w.Close()
}

func appendValue(b *columnar.Batch, i int, v *engine.Value) error {
	if v.Null {
		b.Null(i)
		return nil
	}
	switch v.Type {
	case columnar.String:
		b.Str(i, v.S)
	case columnar.StringList:
		b.Strings(i, v.L)
	case columnar.Int:
		b.Int(i, v.I)
	case columnar.Decimal, columnar.Ratio:
		b.Decimal(i, v.D)
	case columnar.Date:
		b.Date(i, int32(v.I))
	case columnar.Timestamp:
		b.Time(i, v.I)
	case columnar.Bool:
		b.Bool(i, v.I != 0)
	default:
		return fmt.Errorf("column %d has a value of type %v", i+1, v.Type)
	}
	return nil
}

package write

import (
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
		if err := values[i].Append(p.batch, i); err != nil {
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

package ledger

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/queries/engine"
)

// Batches pass rows from this program to the engine, through temporary Parquet files in a folder.
type Batches struct {
	db     *engine.DB
	folder string
}

// Temp makes a temporary table of a batch.
func (b *Batches) Temp(ctx context.Context, table string, batch *columnar.Batch) error {
	return b.staged(table, batch, func(source string) error { return b.db.Table(ctx, table, "from "+source) })
}

// Insert adds the rows of a batch to a table of the ledger.
func (b *Batches) Insert(ctx context.Context, table string, batch *columnar.Batch) error {
	return b.staged(table, batch, func(source string) error {
		return b.db.Exec(ctx, "insert into "+table+" by name select * from "+source)
	})
}

// staged passes the rows of a batch to a statement.
func (b *Batches) staged(name string, batch *columnar.Batch, use func(source string) error) error {
	path := filepath.Join(b.folder, name+".parquet")
	if err := writeBatch(path, batch); err != nil {
		return err
	}
	if err := use(engine.ParquetSource([]string{path})); err != nil {
		return err
	}
	return os.Remove(path)
}

// writeBatch writes one batch to a Parquet file of its own.
func writeBatch(path string, batch *columnar.Batch) error {
	w, err := columnar.Create(path, batch.Schema(), columnar.Options{})
	if err != nil {
		return err
	}
	if err := w.Write(batch); err != nil {
		return errors.Join(err, w.Abort())
	}
	return w.Close()
}

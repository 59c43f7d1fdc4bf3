// Package read reads the records of one file, with several goroutines when it is large: blocks of text from package source go through
// package usage or evidence to Parquet.
package read

import (
	"context"
	"errors"
	"sync"

	"github.com/pidledger/pidledger/ingest/discover"
	"github.com/pidledger/pidledger/ingest/source"
	"github.com/pidledger/pidledger/queries/engine"
)

// Engine asks the engine of Parquet files, one goroutine at a time: its connection is not safe for concurrent use.
type Engine struct {
	mu sync.Mutex
	db *engine.DB
}

// NewEngine lets several goroutines ask a connection.
func NewEngine(db *engine.DB) *Engine { return &Engine{db: db} }

// Do keeps the others waiting while f uses the connection.
func (e *Engine) Do(f func() error) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return f()
}

// ParquetColumns lists the columns of a file.
func (e *Engine) ParquetColumns(ctx context.Context, path string) ([]string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.db.ParquetColumns(ctx, path)
}

// ParquetText gives every row of a file as text.
func (e *Engine) ParquetText(ctx context.Context, path string, each func(row []string, valid []bool) error) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.db.ParquetText(ctx, path, each)
}

// ParquetBytes gives every cell of a column of a file.
func (e *Engine) ParquetBytes(ctx context.Context, path, column string, each func(cell []byte) error) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.db.ParquetBytes(ctx, path, column, each)
}

// Progress is told how much was read.
type Progress interface {
	Add(items, bytes int64)
}

// Reader reads the records of files.
type Reader struct {
	Engine   *Engine
	Threads  int // that work on one large file
	Progress Progress
}

// internalError marks what is not a fault of an input file: the disk, the database, the program. It ends the run.
type internalError struct{ err error }

func (e *internalError) Error() string { return e.err.Error() }
func (e *internalError) Unwrap() error { return e.err }

func Internal(err error) error {
	if err == nil {
		return nil
	}
	return &internalError{err}
}

func IsInternal(err error) bool {
	var e *internalError
	return errors.As(err, &e)
}

// UnknownFormatError says that no format claims a file.
type UnknownFormatError struct{ Path, Reason string }

func (e *UnknownFormatError) Error() string { return "no known format: " + e.Reason }

// Open opens a listed file. What is no fault of the file is an internal error.
func Open(ctx context.Context, f discover.File) (*source.File, error) {
	file, err := f.Open(ctx)
	if errors.As(err, new(*discover.CacheError)) {
		err = Internal(err)
	}
	return file, err
}

// Unchanged is asked after a file was read. A file that changed meanwhile is not read as a whole, whatever reading it gave.
func Unchanged(file *source.File, err error) error {
	if IsInternal(err) {
		return err
	}
	if changed := file.CheckUnchanged(); changed != nil {
		return changed
	}
	return err
}

func IsChanged(err error) bool {
	var changed *source.ChangedError
	return errors.As(err, &changed)
}

// Package write writes rows to files and streams: reports as CSV, JSON and Parquet, and results of queries in
// these and more formats. What is written keeps every digit.
package write

import (
	"errors"
	"os"

	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/report/spec"
)

// Writer writes a report in one format. Close completes the file; without it the file is worthless.
type Writer interface {
	// Row writes a row; the values are not kept.
	Row(values []engine.Value) error
	Close() error
}

// fileWriter is a Writer and the file below it.
type fileWriter struct {
	Writer
	file *os.File
}

func (w *fileWriter) Close() error { return errors.Join(w.Writer.Close(), w.file.Close()) }

// Open makes the file of a report in one of the formats with a file for each report. It must not be there.
func Open(path, format string, schema columnar.Schema) (Writer, error) {
	if format == spec.Parquet {
		return newParquetWriter(path, schema)
	}
	f, err := createFile(path)
	if err != nil {
		return nil, err
	}
	var w Writer
	if format == spec.CSV {
		w, err = newCSVWriter(f, schema)
	} else {
		w, err = newJSONWriter(f, schema)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &fileWriter{w, f}, nil
}

// createFile makes a file that was not there, readable by its owner alone.
func createFile(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

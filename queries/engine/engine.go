package engine

import (
	"context"

	"github.com/pidledger/pidledger/queries/columnar"
)

// Engine is all that the chain needs of a database (SPEC 8): tables come in, SELECTs make tables of them, tables are written and read. DB
// is DuckDB; another engine implements these methods and nothing else.
//
// The SELECTs are those of queries/, and a few that the chain writes around them, in the subset that DuckDB and Spark SQL share. Names of tables and
// columns are words of a-z, 0-9 and _, which need no quotes in any engine. Tables are gone when the
// engine is closed; files are all that remains. Making a table again replaces it.
//
// An Engine is not safe for concurrent use.
type Engine interface {
	Asker

	// Input makes Parquet files a table.
	Input(ctx context.Context, table string, from Files) error
	// Values makes a table of rows that the program has. A cell is a string, bool, int64 or time.Time as its column says, or nil for NULL.
	Values(ctx context.Context, table string, columns columnar.Schema, rows [][]any) error
	// View makes a table of a SELECT that is run where the table is read.
	View(ctx context.Context, table, selectText string) error
	// Table makes a table of the rows that a SELECT returns now.
	Table(ctx context.Context, table, selectText string) error
	// AsWritten calls run, which makes tables; until it returns, joins are made in the order in which they are written.
	AsWritten(ctx context.Context, run func() error) error

	// Write writes the rows of a SELECT to the Parquet file path, and returns their number. With a partition column path is a folder, made when it is not
	// there, with a folder column=value for each value of it; a column with NULL or without rows makes none.
	Write(ctx context.Context, selectText, path, partition string) (rows int64, err error)
	// Count runs a SELECT of one whole number; NULL is 0.
	Count(ctx context.Context, selectText string, args ...any) (int64, error)
	// Close ends the engine.
	Close() error
}

// Files are the Parquet files of a table. Columns are matched by name; a column that a file lacks is NULL in its rows.
type Files struct {
	Paths     []string // files, or folders of files
	Partition string   // the column that the folders column=value hold, as text; empty: none
	Columns   string   // a SELECT that has the columns: a path that is missing holds no rows; empty: it is an error
}

// Dropper is an Engine whose tables take memory until they are dropped.
type Dropper interface {
	// Drop removes what Table made.
	Drop(ctx context.Context, table string) error
}

var (
	_ Engine  = (*DB)(nil)
	_ Dropper = (*DB)(nil)
)

package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/pidledger/pidledger/queries"
)

// ParquetSource is the text of a table function that reads these Parquet files by column name.
func ParquetSource(paths []string) string {
	return "read_parquet(" + pathList(paths) + ", union_by_name = true, hive_partitioning = false)"
}

func pathList(paths []string) string {
	quoted := make([]string, len(paths))
	for i, p := range paths {
		quoted[i] = quotePath(p)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// partitionedSelect is the SELECT that reads the Parquet files of a table that Write wrote with a partition column: the files' columns, and the
// value in the name of each file's own folder, column=value, as text. DuckDB would find it there by itself, but takes every folder a=b of the
// path for a column: for x/month=2020-01/ledger/month=2026-03/data.parquet it gives the wrong month.
func partitionedSelect(paths []string, column string) string {
	return "select * exclude (filename), substring(parse_path(filename)[-2], " + strconv.Itoa(len(column)+2) + ") as " + Ident(column) +
		" from read_parquet(" + pathList(paths) + ", union_by_name = true, hive_partitioning = false, filename = true)"
}

// FilesSelect is the SELECT that reads files, all of which must be there.
func FilesSelect(from Files) string {
	switch {
	case len(from.Paths) == 0:
		return "select * from (" + from.Columns + ") where false"
	case from.Partition != "":
		return partitionedSelect(from.Paths, from.Partition)
	}
	return "select * from " + ParquetSource(from.Paths)
}

// Input makes a view of Parquet files.
func (db *DB) Input(ctx context.Context, table string, from Files) error {
	var paths []string
	for _, p := range from.Paths {
		info, err := os.Stat(p)
		switch {
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return err
		case err != nil && from.Columns != "":
		case err == nil && info.IsDir():
			entries, err := os.ReadDir(p)
			if err != nil {
				return err
			}
			for _, e := range entries {
				paths = append(paths, filepath.Join(p, e.Name()))
			}
		default:
			paths = append(paths, p)
		}
	}
	from.Paths = paths
	return db.View(ctx, table, FilesSelect(from))
}

// Write writes the rows of a SELECT to Parquet.
func (db *DB) Write(ctx context.Context, selectText, path, partition string) (int64, error) {
	options := "format parquet, compression zstd, compression_level 1"
	if partition != "" {
		if err := os.MkdirAll(path, 0o700); err != nil {
			return 0, err
		}
		options += ", partition_by (" + Ident(partition) + ")"
	}
	res, err := db.conn.ExecContext(ctx, "copy ("+selectText+") to "+Literal(path)+" ("+options+")")
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// ParquetColumns returns the column names of a Parquet file.
func (db *DB) ParquetColumns(ctx context.Context, path string) ([]string, error) {
	rows, err := db.Query(ctx, "select * from "+textSource(path)+" limit 0")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, c := range rows.Schema() {
		names = append(names, c.Name)
	}
	return names, rows.Close()
}

// ParquetText reads every row of a Parquet file as text cells, whatever the types of its columns are (see cells). The slices passed to each
// are reused for the next row. A decimal of more than 38 digits is a *WideDecimalError.
func (db *DB) ParquetText(ctx context.Context, path string, each func(row []string, valid []bool) error) error {
	if err := db.narrowDecimals(ctx, path); err != nil {
		return err
	}
	cells, err := db.cells(ctx, "select * from "+textSource(path))
	if err != nil {
		return err
	}
	r, err := db.conn.QueryContext(ctx, "select "+strings.Join(cells, ", ")+" from "+textSource(path))
	if err != nil {
		return err
	}
	defer r.Close()
	texts := make([]sql.NullString, len(cells))
	scan, row, valid := make([]any, len(cells)), make([]string, len(cells)), make([]bool, len(cells))
	for i := range texts {
		scan[i] = &texts[i]
	}
	for r.Next() {
		if err := r.Scan(scan...); err != nil {
			return err
		}
		for i, t := range texts {
			row[i], valid[i] = t.String, t.Valid
		}
		if err := each(row, valid); err != nil {
			return err
		}
	}
	return r.Err()
}

// WideDecimalError says that a Parquet file has a decimal column that cannot be read exactly.
type WideDecimalError struct {
	Column           string `sql:"name"`
	Precision, Scale int
}

func (e *WideDecimalError) Error() string {
	return fmt.Sprintf("its column %s is DECIMAL(%d,%d); only up to 38 digits are read exactly: have it written as DECIMAL(38,18)", e.Column, e.Precision, e.Scale)
}

// narrowDecimals fails if a decimal column of a Parquet file is too wide for the engine.
func (db *DB) narrowDecimals(ctx context.Context, path string) error {
	wide, err := Ask[WideDecimalError](ctx, db, queries.Text("parquet/wide_decimals.sql"), patternMarks.Replace(path))
	if err != nil || len(wide) == 0 {
		return err
	}
	return &wide[0]
}

// ParquetBytes reads one column of a Parquet file as it is stored: bytes, or text; nested values as JSON. The value passed to each is nil
// for NULL, and reused for the next row.
func (db *DB) ParquetBytes(ctx context.Context, path, column string, each func(value []byte) error) error {
	source := "read_parquet(" + quotePath(path) + ", binary_as_string = false, hive_partitioning = false)"
	cells, err := db.cells(ctx, "select "+Ident(column)+" from "+source)
	if err != nil {
		return err
	}
	r, err := db.conn.QueryContext(ctx, "select "+cells[0]+" from "+source)
	if err != nil {
		return err
	}
	defer r.Close()
	var value sql.RawBytes
	for r.Next() {
		if err := r.Scan(&value); err != nil {
			return err
		}
		if err := each(value); err != nil {
			return err
		}
	}
	return r.Err()
}

// cells returns, for each column of a result, the expression that turns it into text: decimals keep their digits, dates and times are ISO in
// UTC, nested values are JSON. Bytes stay bytes.
func (db *DB) cells(ctx context.Context, statement string) ([]string, error) {
	rows, err := db.Query(ctx, statement+" limit 0")
	if err != nil {
		return nil, err
	}
	types, err := rows.(*rowReader).rows.ColumnTypes()
	if err := errors.Join(err, rows.Close()); err != nil {
		return nil, err
	}
	var cells []string
	for _, t := range types {
		name := Ident(t.Name())
		switch typ := t.DatabaseTypeName(); {
		case typ == "VARCHAR" || typ == "BLOB":
			cells = append(cells, name)
		case strings.HasPrefix(typ, "STRUCT") || strings.HasPrefix(typ, "MAP") || strings.HasSuffix(typ, "]"):
			cells = append(cells, "cast(to_json("+name+") as varchar)")
		default:
			cells = append(cells, "cast("+name+" as varchar)")
		}
	}
	return cells, nil
}

// textSource reads one Parquet file. Its texts may be stored as bytes without a type.
func textSource(path string) string {
	return "read_parquet(" + quotePath(path) + ", binary_as_string = true, hive_partitioning = false)"
}

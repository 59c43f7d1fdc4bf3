// Package engine runs SQL. It has the one connection to DuckDB, and is the only one that imports its driver.
package engine

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow/go/v15/arrow/decimal128"
	duckdb "github.com/marcboeker/go-duckdb/v2"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/columnar"
)

// DB is one connection to DuckDB with the macros of the shared subset. Temporary tables and settings belong to a connection, so a
// run holds exactly one. It is not safe for concurrent use.
type DB struct {
	pool *sql.DB
	conn *sql.Conn
}

// Options are the limits of a connection.
type Options struct {
	Memory  int64  // bytes the engine may use; 0: its own default
	Threads int    // 0: all processors
	Temp    string // folder to spill to; empty: the engine may not spill
	MaxTemp int64  // bytes that may be spilled; 0: the engine's default
}

// settings are what makes DuckDB safe for a nightly job: a database file that a full disk cannot empty (no automatic checkpoints),
// no extension fetched from the network, UTC, and no progress output. The last four keep it to its memory: freed blocks go back to the system
// soon, and each thread that writes months to their folders holds few of the wide rows, not half a million (what that gave is in
// CONTRIBUTING.md).
var settings = []string{
	"set autoinstall_known_extensions = false",
	"set autoload_known_extensions = false",
	"set wal_autocheckpoint = '1TB'",
	"pragma disable_checkpoint_on_shutdown",
	"set timezone = 'UTC'",
	"set enable_progress_bar = false",
	"set allocator_background_threads = true",
	"set allocator_flush_threshold = '32MB'",
	"set allocator_bulk_deallocation_flush_threshold = '64MB'",
	"set partitioned_write_flush_threshold = 16384",
}

// Open opens an in-memory database with pidledger's settings and macros. The ledger file is attached to it by the caller.
func Open(ctx context.Context, o Options) (*DB, error) {
	connector, err := duckdb.NewConnector("", nil)
	if err != nil {
		return nil, fmt.Errorf("start DuckDB: %w", err)
	}
	pool := sql.OpenDB(connector)
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start DuckDB: %w", err), pool.Close())
	}
	db := &DB{pool: pool, conn: conn}
	todo := append([]string(nil), settings...)
	if o.Memory > 0 {
		todo = append(todo, fmt.Sprintf("set memory_limit = '%dB'", o.Memory))
	}
	if o.Threads > 0 {
		todo = append(todo, fmt.Sprintf("set threads = %d", o.Threads))
	}
	todo = append(todo, "set temp_directory = "+Literal(o.Temp))
	if o.MaxTemp > 0 {
		todo = append(todo, fmt.Sprintf("set max_temp_directory_size = '%dB'", o.MaxTemp))
	}
	todo = append(todo, queries.Text("macros.sql"))
	for _, s := range todo {
		if err := db.Exec(ctx, s); err != nil {
			return nil, errors.Join(fmt.Errorf("set up DuckDB: %w", err), db.Close())
		}
	}
	return db, nil
}

// Close ends the connection. What was committed is in the ledger file or its write-ahead log.
func (db *DB) Close() error {
	return errors.Join(db.conn.Close(), db.pool.Close())
}

// Exec runs one or more statements.
func (db *DB) Exec(ctx context.Context, statement string, args ...any) error {
	_, err := db.conn.ExecContext(ctx, statement, args...)
	return err
}

// Count runs a statement that returns one whole number.
func (db *DB) Count(ctx context.Context, statement string, args ...any) (int64, error) {
	var n sql.NullInt64
	err := db.conn.QueryRowContext(ctx, statement, args...).Scan(&n)
	return n.Int64, err
}

// InTx runs f in one transaction, and rolls it back when f fails.
func (db *DB) InTx(ctx context.Context, f func() error) (err error) {
	if err := db.Exec(ctx, "begin transaction"); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Exec(context.WithoutCancel(ctx), "rollback"))
		}
	}()
	if err := f(); err != nil {
		return err
	}
	return db.Exec(ctx, "commit")
}

// SetText sets a variable of the connection, which statements read with getvariable; "" is NULL.
func (db *DB) SetText(ctx context.Context, name, value string) error {
	if value == "" {
		return db.Exec(ctx, "set variable "+Ident(name)+" = cast(null as varchar)")
	}
	return db.Exec(ctx, "set variable "+Ident(name)+" = "+Literal(value))
}

// SetList sets a variable of the connection to a list of texts.
func (db *DB) SetList(ctx context.Context, name string, values []string) error {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = Literal(v)
	}
	return db.Exec(ctx, "set variable "+Ident(name)+" = cast(["+strings.Join(quoted, ", ")+"] as varchar[])")
}

// Prepare has the engine prepare a statement and runs nothing: whether the parser calls it a SELECT, and the names of its parameters.
func (db *DB) Prepare(statement string) (isSelect bool, params []string, err error) {
	err = db.conn.Raw(func(c any) error {
		prepared, err := c.(driver.Conn).Prepare(statement) // unlike PrepareContext, which runs all statements but the last
		if err != nil {
			return err
		}
		defer prepared.Close() //nolint:errcheck // it was only looked at
		stmt := prepared.(*duckdb.Stmt)
		kind, err := stmt.StatementType()
		if err != nil {
			return err
		}
		isSelect = kind == duckdb.STATEMENT_TYPE_SELECT
		for i := range stmt.NumInput() {
			name, err := stmt.ParamName(i + 1)
			if err != nil {
				return err
			}
			params = append(params, name)
		}
		return nil
	})
	return isSelect, params, err
}

// Decimal is a decimal as the engine gives it, with its own scale.
type Decimal = duckdb.Decimal

// Attach attaches a database file under a name.
func (db *DB) Attach(ctx context.Context, file, name string, readOnly bool) error {
	mode := ""
	if readOnly {
		mode = " (read_only)"
	}
	err := db.Exec(ctx, "attach "+Literal(file)+" as "+Ident(name)+mode)
	if err != nil && strings.Contains(err.Error(), "Could not set lock on file") { // the engine gives no more than text
		return fmt.Errorf("%w: %w", ErrLocked, err)
	}
	return err
}

// ErrLocked says that another process has a database file open.
var ErrLocked = errors.New("another process has the database file open")

// damages are what the engine says of a database file that is not as it wrote it.
var damages = []string{
	"Corrupt database file", "Corrupt WAL file", "does not match stored checksum", "is not a valid DuckDB database file", "Serialization Error", "Failed to deserialize",
}

// IsDamage tells whether an error says that a database file cannot be read because its bytes are not those that the engine wrote.
func IsDamage(err error) bool {
	return err != nil && slices.ContainsFunc(damages, func(text string) bool { return strings.Contains(err.Error(), text) })
}

// Detach closes an attached database file.
func (db *DB) Detach(ctx context.Context, name string) error {
	return db.Exec(ctx, "detach "+Ident(name))
}

// Table makes a temporary table from a SELECT.
func (db *DB) Table(ctx context.Context, name, selectText string) error {
	return db.Exec(ctx, "create or replace temp table "+Ident(name)+" as "+selectText)
}

// View makes a temporary view from a SELECT.
func (db *DB) View(ctx context.Context, name, selectText string) error {
	return db.Exec(ctx, "create or replace temp view "+Ident(name)+" as "+selectText)
}

// ParquetSource is the text of a table function that reads these Parquet files by column name.
func ParquetSource(paths []string) string {
	quoted := make([]string, len(paths))
	for i, p := range paths {
		quoted[i] = quotePath(p)
	}
	return "read_parquet([" + strings.Join(quoted, ", ") + "], union_by_name = true, hive_partitioning = false)"
}

// PartitionedSelect is the SELECT that reads the Parquet files of a table that CopyParquet wrote with a partition column: the files' columns,
// and the value in the name of each file's own folder, column=value, as text. The engine is not left to find it there, for it would take every
// folder a=b of the path for a column: of x/month=2020-01/ledger/month=2026-03/data.parquet it would tell the wrong month.
func PartitionedSelect(paths []string, column string) string {
	quoted := make([]string, len(paths))
	for i, p := range paths {
		quoted[i] = quotePath(p)
	}
	return "select * exclude (filename), substring(parse_path(filename)[-2], " + strconv.Itoa(len(column)+2) + ") as " + Ident(column) +
		" from read_parquet([" + strings.Join(quoted, ", ") + "], union_by_name = true, hive_partitioning = false, filename = true)"
}

// CopyParquet writes the rows of a SELECT to one Parquet file, or with a partition column to one folder per value of it.
func (db *DB) CopyParquet(ctx context.Context, selectText, target, partition string) (int64, error) {
	options := "format parquet, compression zstd, compression_level 1"
	if partition != "" {
		options += ", partition_by (" + Ident(partition) + ")"
	}
	res, err := db.conn.ExecContext(ctx, "copy ("+selectText+") to "+Literal(target)+" ("+options+")")
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// Raw runs a SELECT and returns its rows in the types of the driver. Whoever can do with Values calls Query.
func (db *DB) Raw(ctx context.Context, statement string, args ...any) (*sql.Rows, error) {
	return db.conn.QueryContext(ctx, statement, args...)
}

// RawRow runs a SELECT of one row, in the types of the driver.
func (db *DB) RawRow(ctx context.Context, statement string, args ...any) *sql.Row {
	return db.conn.QueryRowContext(ctx, statement, args...)
}

// Query runs a SELECT and returns its rows.
func (db *DB) Query(ctx context.Context, statement string, args ...any) (Rows, error) {
	r, err := db.conn.QueryContext(ctx, statement, args...) //nolint:rowserrcheck // the caller of Rows closes it and asks for Err
	if err != nil {
		return nil, err
	}
	types, err := r.ColumnTypes()
	if err != nil {
		return nil, errors.Join(err, r.Close()) //nolint:sqlclosecheck // nothing is left to close later
	}
	out := &rowReader{rows: r}
	for _, t := range types {
		out.schema = append(out.schema, columnar.Column{Name: t.Name(), Type: columnType(t.DatabaseTypeName())})
	}
	out.cells = make([]any, len(types))
	out.values = make([]Value, len(types))
	out.scan = make([]any, len(types))
	for i := range out.cells {
		out.scan[i] = &out.cells[i]
	}
	return out, nil
}

// columnType maps DuckDB's type names to the column types of results.
func columnType(name string) columnar.Type {
	switch {
	case strings.HasPrefix(name, "DECIMAL(") && strings.HasSuffix(name, ",6)"):
		return columnar.Ratio
	case strings.HasPrefix(name, "DECIMAL"):
		return columnar.Decimal
	case strings.HasSuffix(name, "[]"):
		return columnar.StringList
	}
	switch name {
	case "BIGINT", "INTEGER", "SMALLINT", "TINYINT", "UBIGINT", "UINTEGER", "USMALLINT", "UTINYINT", "HUGEINT":
		return columnar.Int
	case "DATE":
		return columnar.Date
	case "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMPTZ":
		return columnar.Timestamp
	case "BOOLEAN":
		return columnar.Bool
	}
	return columnar.String
}

// rowReader reads a result of database/sql into Values.
type rowReader struct {
	rows   *sql.Rows
	schema columnar.Schema
	scan   []any
	cells  []any
	values []Value
	err    error
}

func (r *rowReader) Schema() columnar.Schema { return r.schema }
func (r *rowReader) Values() []Value         { return r.values }
func (r *rowReader) Close() error            { return r.rows.Close() }

func (r *rowReader) Err() error {
	if r.err != nil {
		return r.err
	}
	return r.rows.Err()
}

func (r *rowReader) Next() bool {
	if r.err != nil || !r.rows.Next() {
		return false
	}
	if r.err = r.rows.Scan(r.scan...); r.err != nil {
		return false
	}
	for i, c := range r.cells {
		v, err := toValue(r.schema[i].Type, c)
		if err != nil {
			r.err = fmt.Errorf("column %s: %w", r.schema[i].Name, err)
			return false
		}
		r.values[i] = v
	}
	return true
}

// WholeNumber gives the value of the driver's types of whole numbers that fit into 64 bits with a sign, and of truth values as 0 and 1.
func WholeNumber(v any) (int64, bool) {
	switch x := v.(type) {
	case int64:
		return x, true
	case int32:
		return int64(x), true
	case int16:
		return int64(x), true
	case int8:
		return int64(x), true
	case uint32:
		return int64(x), true
	case uint16:
		return int64(x), true
	case uint8:
		return int64(x), true
	case bool:
		if x {
			return 1, true
		}
		return 0, true
	}
	return 0, false
}

// toValue converts what the driver scanned.
func toValue(t columnar.Type, c any) (Value, error) {
	v := Value{Type: t}
	if n, ok := WholeNumber(c); ok {
		v.I = n
		return v, nil
	}
	switch x := c.(type) {
	case nil:
		v.Null = true
	case string:
		v.S = x
	case []byte:
		v.S = string(x)
	case uint64:
		v.I = int64(x)
	case *big.Int:
		if !x.IsInt64() {
			return v, fmt.Errorf("%s is no 64-bit number", x)
		}
		v.I = x.Int64()
	case time.Time:
		if t == columnar.Date {
			v.I = floorDiv(x.Unix(), 86400)
		} else {
			v.I = x.UnixMicro()
		}
	case Decimal:
		scale := 18
		if t == columnar.Ratio {
			scale = 6
		}
		d := new(big.Int).Set(x.Value)
		for s := int(x.Scale); s < scale; s++ {
			d.Mul(d, big.NewInt(10))
		}
		v.D = decimal128.FromBigInt(d)
	case []any:
		for _, e := range x {
			v.L = append(v.L, fmt.Sprint(e))
		}
	default:
		v.S = fmt.Sprint(x)
		v.Type = columnar.String
	}
	return v, nil
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// Literal writes a text as an SQL literal. With Ident it is the only way that a value becomes SQL text.
func Literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// quotePath writes the path of one file for a table function, which would take *, ? and [ for patterns: usage[1].parquet must not read
// usage1.parquet.
func quotePath(path string) string { return Literal(patternMarks.Replace(path)) }

var patternMarks = strings.NewReplacer("*", "[*]", "?", "[?]", "[", "[[]")

// Ident writes a name as an SQL identifier.
func Ident(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

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

// ParquetText reads every row of a Parquet file as text cells, whatever the types of its columns are (see cells). The slices given to each
// are used again for the next row. A decimal of more than 38 digits is a *WideDecimalError.
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
	Column           string
	Precision, Scale int
}

func (e *WideDecimalError) Error() string {
	return fmt.Sprintf("its column %s is DECIMAL(%d,%d); only up to 38 digits are read exactly: have it written as DECIMAL(38,18)", e.Column, e.Precision, e.Scale)
}

// narrowDecimals makes sure that no decimal of a Parquet file is too wide for the engine.
func (db *DB) narrowDecimals(ctx context.Context, path string) error {
	rows, err := db.conn.QueryContext(ctx, queries.Text("parquet/wide_decimals.sql"), patternMarks.Replace(path))
	if err != nil {
		return err
	}
	defer rows.Close()
	if rows.Next() {
		var e WideDecimalError
		if err := rows.Scan(&e.Column, &e.Precision, &e.Scale); err != nil {
			return err
		}
		return &e
	}
	return rows.Err()
}

// ParquetBytes reads one column of a Parquet file as it is stored: bytes, or text; nested values as JSON. The value given to each is nil
// where it is NULL, and used again for the next row.
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

// cells returns for each column of a result the expression that makes text of it: decimals keep their digits, dates and times are ISO in
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

// textSource reads one Parquet file whose texts may lack the mark that they are texts.
func textSource(path string) string {
	return "read_parquet(" + quotePath(path) + ", binary_as_string = true, hive_partitioning = false)"
}

// Package engine runs SQL. It has the one connection to DuckDB, and is the only one that imports its driver.
package engine

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"

	duckdb "github.com/marcboeker/go-duckdb/v2"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/columnar"
)

// DB is one connection to DuckDB with the macros of the shared subset. Temporary tables and settings belong to a connection, so a
// run uses exactly one. It is not safe for concurrent use.
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

// settings make DuckDB safe for a nightly job: a full disk cannot empty the database file (no automatic checkpoints), no extension is fetched
// from the network, times are UTC, and nothing is printed. The last four keep it within its memory: freed blocks are returned to the system soon,
// and a thread that writes months to their folders buffers few of the wide rows, not half a million (CONTRIBUTING.md has the figures).
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

// Prepare prepares a statement without running it, and tells whether it is a SELECT and what its parameters are called.
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
	if err != nil && strings.Contains(err.Error(), "Could not set lock on file") { // the engine returns nothing but text
		return fmt.Errorf("%w: %w", ErrLocked, err)
	}
	return err
}

// ErrLocked says that another process has a database file open.
var ErrLocked = errors.New("another process has the database file open")

// damages are parts of the errors of the engine for a damaged database file.
var damages = []string{
	"Corrupt database file", "Corrupt WAL file", "does not match stored checksum", "is not a valid DuckDB database file", "Serialization Error", "Failed to deserialize",
}

// IsDamage reports whether an error means that a database file is damaged: its bytes are not those that the engine wrote.
func IsDamage(err error) bool {
	return err != nil && slices.ContainsFunc(damages, func(text string) bool { return strings.Contains(err.Error(), text) })
}

// Use makes an attached database the default: names of tables without a database refer to it.
func (db *DB) Use(ctx context.Context, name string) error {
	return db.Exec(ctx, "use "+Ident(name))
}

// Detach closes an attached database file. The database in memory is the default afterwards.
func (db *DB) Detach(ctx context.Context, name string) error {
	return db.Exec(ctx, "use memory; detach "+Ident(name))
}

// Checkpoint moves what was committed from the write-ahead log of an attached database into its file.
func (db *DB) Checkpoint(ctx context.Context, name string) error {
	return db.Exec(ctx, "checkpoint "+Ident(name))
}

// CopyDatabase copies all tables of one attached database into another, which must be empty.
func (db *DB) CopyDatabase(ctx context.Context, from, to string) error {
	return db.Exec(ctx, "copy from database "+Ident(from)+" to "+Ident(to))
}

// AsWritten has the engine join in the order written while run makes tables. Left to itself it mistakes the larger side of some joins for the
// smaller one, and keeps all of it in memory.
func (db *DB) AsWritten(ctx context.Context, run func() error) (err error) {
	if err := db.Exec(ctx, "set disabled_optimizers = 'build_side_probe_side'"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Exec(context.WithoutCancel(ctx), "reset disabled_optimizers")) }()
	return run()
}

// WithOneThread has the engine run statements with one thread while run lasts. Rows that several threads insert into a table of a database file
// become row groups that are not full, which the next checkpoint reads and compresses once more.
func (db *DB) WithOneThread(ctx context.Context, run func() error) (err error) {
	threads, err := db.Count(ctx, "select current_setting('threads')")
	if err != nil {
		return err
	}
	if err := db.Exec(ctx, "set threads = 1"); err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, db.Exec(context.WithoutCancel(ctx), fmt.Sprintf("set threads = %d", threads)))
	}()
	return run()
}

// Table makes a temporary table from a SELECT.
func (db *DB) Table(ctx context.Context, name, selectText string) error {
	return db.Exec(ctx, "create or replace temp table "+Ident(name)+" as "+selectText)
}

// Drop removes a temporary table.
func (db *DB) Drop(ctx context.Context, name string) error {
	return db.Exec(ctx, "drop table temp.main."+Ident(name))
}

// View makes a temporary view from a SELECT.
func (db *DB) View(ctx context.Context, name, selectText string) error {
	return db.Exec(ctx, "create or replace temp view "+Ident(name)+" as "+selectText)
}

// Raw runs a SELECT and returns its rows in the types of the driver. Query is the one to use where Values will do.
func (db *DB) Raw(ctx context.Context, statement string, args ...any) (*sql.Rows, error) {
	return db.conn.QueryContext(ctx, statement, args...)
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

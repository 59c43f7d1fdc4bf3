// Package adhoc runs the SELECTs of users on the tables of a published snapshot, and nothing else.
package adhoc

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/queries/sqltext"
)

// Table is one table of a published snapshot.
type Table struct {
	Name      string
	Files     []string // Parquet files, absolute, without links; none: the table has no rows
	Partition string   // the column that the folders partition=value hold, as text; empty: none
	Empty     columnar.Schema
	Elsewhere string // where its rows are, when they are not in the snapshot: nobody can ask for them here
}

// Reader runs the SELECTs of users on the tables of one snapshot. They open no file outside the folder of the snapshot, write nothing but the
// Reader's spill, load no extension, and reach no network. There are three locks, because none is enough by itself: the text must parse as one
// SELECT, the table functions in it must be on a short list (enable_logging is a SELECT that writes files), and the engine is confined to the
// folder.
//
// The files of a snapshot never change, so a Reader neither waits for a run nor makes one wait. It is not safe for concurrent use.
type Reader struct {
	db     *engine.DB
	spill  *spill
	folder string
	limits Options
	away   map[string]string // tables whose rows are elsewhere, and where
	lost   bool              // the engine no longer answers
}

// Options are the limits of a Reader.
type Options struct {
	Memory  int64         // bytes the engine may use; 0: its own default
	Spill   int64         // bytes it may spill to disk; 0: its own default
	Timeout time.Duration // for one query; 0: none
	Threads int           // 0: all processors
	Temp    string        // folder to spill to; empty: the system's temporary folder
}

// Open opens the tables of a snapshot, which lie in folder (absolute, without links).
func Open(ctx context.Context, folder string, tables []Table, o Options) (_ *Reader, err error) {
	spill, err := newSpill(o.Temp)
	if err != nil {
		return nil, err
	}
	r := &Reader{spill: spill, folder: folder, limits: o, away: map[string]string{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.Close())
		}
	}()
	if r.db, err = engine.Open(ctx, engine.Options{Memory: o.Memory, Threads: o.Threads, Temp: filepath.Join(spill.folder, "data"), MaxTemp: o.Spill}); err != nil {
		return nil, err
	}
	for _, t := range tables {
		if t.Elsewhere != "" {
			r.away[t.Name] = t.Elsewhere
			continue
		}
		if err := r.db.Exec(ctx, "create view "+engine.Ident(t.Name)+" as "+t.source()); err != nil {
			return nil, fmt.Errorf("open the table %s of the snapshot %s: %w", t.Name, folder, err)
		}
		if t.Name == "customers" {
			if err := r.db.Exec(ctx, "create view "+queries.CustomerMonths+" as "+queries.Text("reader/"+queries.CustomerMonths+".sql")); err != nil {
				return nil, fmt.Errorf("find the customers of the snapshot %s: %w", folder, err)
			}
		}
	}
	for _, s := range []string{
		"set errors_as_json = true", // with the place of the mistake and the names that may be meant
		"set allow_community_extensions = false",
		"set allowed_directories = [" + engine.Literal(folder) + "]",
		"set enable_external_access = false",
		"set lock_configuration = true", // from here on nobody can change a setting
	} {
		if err := r.db.Exec(ctx, s); err != nil {
			return nil, fmt.Errorf("close the database off: %w", err)
		}
	}
	return r, nil
}

// source is the SELECT that reads the table.
func (t Table) source() string {
	if len(t.Files) == 0 {
		return engine.NoRows(t.Empty)
	}
	return engine.FilesSelect(engine.Files{Paths: t.Files, Partition: t.Partition})
}

// Close ends the Reader and deletes what it spilled.
func (r *Reader) Close() error {
	var err error
	if r.db != nil && !r.lost {
		err = r.db.Close()
	}
	return errors.Join(err, r.spill.remove())
}

// resultTable holds the rows of the query that is being read.
const resultTable = "pidledger result"

var listsTables = regexp.MustCompile(`(?i)^\s*show\s+(all\s+)?tables\s*;?\s*$`)

// Query runs one SELECT and keeps its rows beside the snapshot, in memory and, where that does not suffice, in the Reader's private
// folder, so that a result of any size is read in bounded memory. Parameters are written $name and bound as texts; the engine casts
// them to what they are compared with. Errors: *SQLError, *ParamError, ctx.Err(). A Reader has one Result at a time.
func (r *Reader) Query(ctx context.Context, text string, params map[string]string) (_ *Result, err error) {
	text = quoteTables(text)
	shown, err := r.check(ctx, text)
	if err != nil {
		return nil, err
	}
	names, err := r.prepare(text)
	if err != nil {
		return nil, err
	}
	args, err := bind(names, params)
	if err != nil {
		return nil, err
	}
	before, after := "create or replace temp table "+engine.Ident(resultTable)+" as\n", ""
	if shown {
		// DESCRIBE, SHOW and SUMMARIZE make no table by themselves.
		statements, rest := sqltext.Split(text)
		text = append(statements, rest)[0].Text
		before, after = before+"from (", "\n)"
		if listsTables.MatchString(text) { // the result would be among them
			after += " where name <> " + engine.Literal(resultTable)
		}
	}
	if err := r.exec(ctx, before+text+after, args); err != nil {
		if _, gone := os.Stat(r.folder); errors.Is(gone, fs.ErrNotExist) {
			return nil, &goneError{r.folder}
		}
		var late *timeoutError
		if errors.As(err, &late) {
			return nil, err
		}
		return nil, sqlError(ctx, err, text, len(before))
	}
	return r.result(ctx)
}

// patience is how long the engine may take to stop when told to. A single function call that builds something huge does not listen.
const patience = 3 * time.Second

// exec runs a statement, no longer than the limit of the Reader. If the engine does not stop in time, it is abandoned, and the
// Reader can only be closed.
func (r *Reader) exec(ctx context.Context, statement string, args []any) error {
	if r.limits.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, r.limits.Timeout, &timeoutError{r.limits.Timeout})
		defer cancel()
	}
	done := make(chan error, 1)
	go func() { done <- r.db.Exec(ctx, statement, args...) }()
	var err error
	select {
	case err = <-done:
	case <-ctx.Done():
		select {
		case err = <-done:
		case <-time.After(patience):
			r.lost, err = true, ctx.Err()
		}
	}
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// bind turns parameters into arguments. The case of their names does not matter.
func bind(names []string, params map[string]string) ([]any, error) {
	var wrong ParamError
	var args []any
	used := map[string]bool{}
	for _, name := range names {
		found := false
		for given, value := range params {
			if strings.EqualFold(given, name) {
				args, found, used[given] = append(args, sql.Named(name, value)), true, true
			}
		}
		if !found {
			wrong.Missing = append(wrong.Missing, name)
		}
	}
	for given := range params {
		if !used[given] {
			wrong.Unused = append(wrong.Unused, given)
		}
	}
	if len(wrong.Missing)+len(wrong.Unused) == 0 {
		return args, nil
	}
	slices.Sort(wrong.Missing)
	slices.Sort(wrong.Unused)
	return nil, &wrong
}

// Column is one column of a table of the snapshot.
type Column struct {
	Table string `sql:"table_name"`
	Name  string `sql:"column_name"`
	Type  string `sql:"data_type"` // the engine's name of it
}

// Columns lists the columns of all tables of the snapshot, tables by name.
func (r *Reader) Columns(ctx context.Context) ([]Column, error) {
	return engine.Ask[Column](ctx, r.db, queries.Text("reader/columns.sql"))
}

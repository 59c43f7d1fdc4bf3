// Package adhoc runs SELECTs that people wrote on the tables of a published snapshot, and lets them do nothing else.
package adhoc

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/queries/sqltext"
)

// SnapshotTable is one table of a published snapshot.
type Table struct {
	Name      string
	Files     []string // Parquet files, absolute, without links; none: the table has no rows
	Partition string   // the column that the folders partition=value hold, as text; empty: none
	Empty     columnar.Schema
}

// Reader runs other people's SELECTs on the tables of one snapshot and can do nothing else: it opens no file outside the snapshot's
// folder, writes none but its own spill, loads no extension, and knows no network. Three locks lie behind each other, because none of
// them holds alone: the parser must call the text one SELECT, the table functions in it
// must be of a short list (enable_logging is a SELECT that writes files), and the engine may not leave the folder.
//
// The files of a snapshot never change, so a Reader neither waits for a run nor makes one wait. It is not safe for concurrent use.
type Reader struct {
	db     *engine.DB
	spill  *spill
	folder string
	limits Options
	lost   bool // the engine does not answer any more
}

// ReaderOptions are the limits of a Reader.
type Options struct {
	Memory  int64         // bytes the engine may use; 0: its own default
	Spill   int64         // bytes it may write to disk for what does not fit into memory; 0: its own default
	Timeout time.Duration // for one query; 0: none
	Threads int           // 0: all processors
	Temp    string        // folder for what it writes to disk; empty: the system's
}

// OpenReader opens the tables of a snapshot, which lie in folder (absolute, without links).
func Open(ctx context.Context, folder string, tables []Table, o Options) (_ *Reader, err error) {
	spill, err := newSpill(o.Temp)
	if err != nil {
		return nil, err
	}
	r := &Reader{spill: spill, folder: folder, limits: o}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.Close())
		}
	}()
	if r.db, err = engine.Open(ctx, engine.Options{Memory: o.Memory, Threads: o.Threads, Temp: filepath.Join(spill.folder, "data"), MaxTemp: o.Spill}); err != nil {
		return nil, err
	}
	for _, t := range tables {
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
		"set lock_configuration = true", // from here on nothing can be set, by nobody
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

// SQLError says what is wrong with a statement that a person wrote.
type SQLError struct {
	Message string
	Offset  int      // where, in bytes from the beginning of the text; -1: not known
	Line    int      // 1-based; 0: not known
	Column  int      // 1-based, in characters
	Name    string   // the name that is not there, if that is the mistake
	Near    []string // names that may be meant, nearest first
	Hint    string   // the way out; empty: none is known
}

func (e *SQLError) Error() string {
	if e.Line == 0 {
		return e.Message
	}
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Message)
}

// Try returns the way out.
func (e *SQLError) Try() string { return e.Hint }

// at sets the place of the mistake.
func (e *SQLError) at(text string, offset int) *SQLError {
	e.Offset = -1
	if offset < 0 || offset > len(text) {
		return e
	}
	e.Offset = offset
	before := text[:offset]
	e.Line = 1 + strings.Count(before, "\n")
	e.Column = 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
	return e
}

// ParamError says that the parameters given and those of the statement differ.
type ParamError struct {
	Missing []string // the statement has them, but no value was given
	Unused  []string // a value was given, but the statement does not have them
}

func (e *ParamError) Error() string {
	var parts []string
	if len(e.Missing) > 0 {
		parts = append(parts, "no value for the parameter "+strings.Join(e.Missing, ", "))
	}
	if len(e.Unused) > 0 {
		parts = append(parts, "the query has no parameter "+strings.Join(e.Unused, ", "))
	}
	return strings.Join(parts, "; ")
}

// Try returns the way out.
func (e *ParamError) Try() string {
	if len(e.Missing) > 0 {
		return "--param " + e.Missing[0] + "=VALUE"
	}
	return "leave out --param " + e.Unused[0] + ", or write $" + e.Unused[0] + " in the query"
}

// tableFunctions are the table functions that a query may call: those that make rows out of nothing or of their arguments, and those that
// tell what tables, columns and functions there are. Whatever reads files, runs texts or changes the engine is not here.
var tableFunctions = []string{
	"duckdb_columns", "duckdb_functions", "duckdb_keywords", "duckdb_tables", "duckdb_types", "duckdb_views", "generate_series", "histogram",
	"histogram_values", "icu_calendar_names", "json_each", "json_tree", "pg_timezone_names", "pragma_show", "pragma_table_info", "pragma_version",
	"range", "repeat", "repeat_row", "unnest",
}

// refusedFunctions are the functions that a query may not call anywhere.
var refusedFunctions = []string{"write_log"}

// resultTable holds the rows of the query that is being read.
const resultTable = "pidledger result"

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

// patience is how long the engine may take to hear that it is to stop. A single function call that makes something huge hears nothing.
const patience = 3 * time.Second

// exec runs a statement, no longer than the limit of the Reader. When it is to stop and the engine does not answer in time, the engine is
// given up: the Reader can only be closed.
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

// timeoutError says that a query took too long.
type timeoutError struct{ limit time.Duration }

func (e *timeoutError) Error() string {
	return fmt.Sprintf("the query took longer than %s", strings.TrimSuffix(strings.TrimSuffix(e.limit.String(), "0s"), "0m"))
}

// Try returns the way out.
func (e *timeoutError) Try() string {
	return "ask for fewer months or columns, or raise query.timeout"
}

// check demands that a text is one SELECT that calls nothing but what is allowed. shown tells whether it describes a table or query
// instead of reading one.
func (r *Reader) check(ctx context.Context, text string) (shown bool, err error) {
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return false, &SQLError{Message: "the query is no UTF-8 text", Hint: "save it as UTF-8"}
	}
	var tree string
	if err := r.db.RawRow(ctx, "select cast(json_serialize_sql(cast($1 as varchar)) as varchar)", text).Scan(&tree); err != nil {
		return false, sqlError(ctx, err, text, 0)
	}
	var parsed struct {
		Error      bool        `json:"error"`
		Type       string      `json:"error_type"`
		Message    string      `json:"error_message"`
		Position   json.Number `json:"position"`
		Statements []struct {
			Node struct {
				From struct {
					Type string `json:"type"`
				} `json:"from_table"`
			} `json:"node"`
		} `json:"statements"`
	}
	if err := json.Unmarshal([]byte(tree), &parsed); err != nil {
		return false, fmt.Errorf("read what the parser says: %w", err)
	}
	switch {
	case parsed.Error && parsed.Type == "parser":
		return false, (&SQLError{Message: parsed.Message}).at(text, offset(parsed.Position.String()))
	case parsed.Error:
		return false, refused(text)
	case len(parsed.Statements) == 0:
		return false, &SQLError{Message: "the query is empty", Hint: "pidledger query 'select * from summary', or pidledger query --list"}
	case len(parsed.Statements) > 1:
		return false, &SQLError{Message: "the query holds several statements", Hint: "run them one by one, or pidledger sql < FILE"}
	}
	var node any
	if err := json.Unmarshal([]byte(tree), &node); err != nil {
		return false, fmt.Errorf("read what the parser says: %w", err)
	}
	if err := checkFunctions(node, text); err != nil {
		return false, err
	}
	return parsed.Statements[0].Node.From.Type == "SHOW_REF", nil
}

// refused is the error for a statement that is no SELECT.
func refused(text string) *SQLError {
	word := sqltext.FirstWord(text)
	e := &SQLError{
		Message: "only SELECT statements are run here, not " + word,
		Hint:    "the snapshot is read-only; write results with -o FILE, and make tables of your own from that file",
	}
	if word == "PIVOT" || word == "FROM" || word == "WITH" || word == "SELECT" {
		e.Message = "only one SELECT statement is run at a time"
		e.Hint = "name the values of a PIVOT: pivot summary on month in ('2026-03', '2026-04') using sum(effective_cost)"
	}
	return e
}

// checkFunctions walks through the tree of a statement.
func checkFunctions(node any, text string) error {
	switch node := node.(type) {
	case []any:
		for _, n := range node {
			if err := checkFunctions(n, text); err != nil {
				return err
			}
		}
	case map[string]any:
		kind, _ := node["type"].(string)
		name := functionName(node)
		inTable := kind == "TABLE_FUNCTION"
		if inTable {
			name = functionName(node["function"])
		}
		if inTable && !slices.Contains(tableFunctions, name) || slices.Contains(refusedFunctions, name) {
			place, ok := node["query_location"].(float64)
			if !ok || place > float64(len(text)) {
				place = -1
			}
			return (&SQLError{
				Message: fmt.Sprintf("the function %s is not allowed here", name),
				Hint:    "a query reads the tables of the snapshot and nothing else; .tables in pidledger sql lists them",
			}).at(text, int(place))
		}
		for _, n := range node {
			if err := checkFunctions(n, text); err != nil {
				return err
			}
		}
	}
	return nil
}

// functionName is the name of the function that a node of the tree calls, in lower case; a call that names none is no call.
func functionName(node any) string {
	m, _ := node.(map[string]any)
	name, _ := m["function_name"].(string)
	return strings.ToLower(name)
}

// prepare has the engine look up tables, columns and functions, runs nothing, and returns the names of the parameters.
func (r *Reader) prepare(text string) ([]string, error) {
	isSelect, params, err := r.db.Prepare(text)
	if err != nil {
		return nil, sqlError(context.Background(), err, text, 0)
	}
	if !isSelect {
		return nil, refused(text)
	}
	for _, name := range params {
		if !unicode.IsLetter([]rune(name + "?")[0]) {
			return nil, &SQLError{Message: "a parameter of the query has no name", Hint: "write it as $month and give it with --param month=2026-03"}
		}
	}
	return params, nil
}

// bind makes arguments of the parameters, whose names may be written in capitals or not.
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

// personal are the kinds of the engine's errors that the text of the query is to blame for.
var personal = []string{
	"Parser", "Syntax", "Binder", "Catalog", "Conversion", "Invalid Input", "Out of Range", "Not implemented", "Permission", "Invalid type",
	"Mismatch Type", "Divide by Zero", "Constraint", "Expression", "Parameter Not Resolved", "Parameter Not Allowed", "Decimal", "Invalid",
}

// sqlError makes an *SQLError of what the engine says. The text began `shift` bytes into the statement.
func sqlError(ctx context.Context, err error, text string, shift int) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	message := err.Error()
	begin := strings.IndexByte(message, '{')
	var said struct {
		Type       string `json:"exception_type"`
		Message    string `json:"exception_message"`
		Position   string `json:"position"`
		Name       string `json:"name"`
		Candidates string `json:"candidates"`
	}
	if begin < 0 || json.Unmarshal([]byte(message[begin:]), &said) != nil || said.Type == "" {
		return err
	}
	first, _, _ := strings.Cut(said.Message, "\n")
	if said.Type == "Out of Memory" {
		return &memoryError{first}
	}
	if !slices.Contains(personal, said.Type) {
		return fmt.Errorf("%s error: %s", said.Type, first)
	}
	e := &SQLError{Message: strings.TrimRight(first, "!"), Name: said.Name}
	if said.Candidates != "" {
		e.Near = strings.Split(said.Candidates, ",")
	}
	if said.Type == "Permission" {
		e.Hint = "a query reads the tables of the snapshot and nothing else; .tables in pidledger sql lists them"
	}
	if place := offset(said.Position); place >= shift {
		return e.at(text, place-shift)
	}
	return e.at(text, -1)
}

func offset(position string) int {
	n, err := strconv.Atoi(position)
	if err != nil {
		return -1
	}
	return n
}

// goneError says that a snapshot was deleted while it was being asked.
type goneError struct{ folder string }

func (e *goneError) Error() string {
	return "the snapshot " + e.folder + " is gone: later runs have published newer ones"
}

// Try returns the way out.
func (e *goneError) Try() string { return "start again: the newest snapshot is opened" }

// memoryError says that a query needs more memory than it may have.
type memoryError struct{ msg string }

func (e *memoryError) Error() string {
	return "the query needs more memory or temporary space than there is: " + e.msg
}

// Try returns the way out.
func (e *memoryError) Try() string {
	return "ask for fewer columns or rows, or raise query.memory or query.spill; temporary files go to the folder of TMPDIR"
}

// TableColumn is one column of a table of the snapshot.
type Column struct{ Table, Name, Type string }

// Columns lists the columns of all tables of the snapshot, tables by name.
func (r *Reader) Columns(ctx context.Context) ([]Column, error) {
	rows, err := r.db.Raw(ctx, queries.Text("reader/columns.sql"))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var columns []Column
	for rows.Next() {
		var c Column
		if err := rows.Scan(&c.Table, &c.Name, &c.Type); err != nil {
			return nil, err
		}
		columns = append(columns, c)
	}
	return columns, rows.Err()
}

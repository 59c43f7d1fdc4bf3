package spark

import (
	"context"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/queries/sqltext"
)

// Lake is a folder that Spark reads and writes, and that this program fills.
type Lake struct {
	Folder string // as this program sees it: a path
	URI    string // as Spark sees it: file:///..., abfss://..., s3://...
}

// At is where Spark finds a path of this program. A path outside the lake is a mistake of the program and panics.
func (l Lake) At(local string) string {
	rel, err := filepath.Rel(l.Folder, local)
	if err != nil || !filepath.IsLocal(rel) {
		panic(fmt.Sprintf("spark: %s is not in the lake %s", local, l.Folder))
	}
	return strings.TrimSuffix(l.URI, "/") + "/" + filepath.ToSlash(rel)
}

// Script is an engine.Engine that keeps statements for Spark; nothing runs. It differs from DuckDB in what it writes: a path is always a folder of
// files, and a partition column is a column of them like any other, for Spark SQL writes a folder for each of its values only into tables of a
// metastore.
type Script struct {
	Options
	wanted map[string]bool
	asked  []request
	shadow *engine.DB // the same tables without rows
}

// Options are what a script is made for.
type Options struct {
	Lake   Lake
	Steps  string   // the folder of the lake for what the steps hand to each other, which must not be there: tables that are read more than once
	Wanted []string // tables that are written in any case, for they are wanted afterwards
	Small  bool     // there are so few rows that one task does a statement sooner than many are scheduled
}

// SmallRows is up to how many rows of usage and evidence a script is best made Small.
const SmallRows = 100_000

// request is what the chain asked for.
type request struct {
	kind    kind
	table   string          // that is made; of a write and a check their name
	text    string          // the SELECT
	folder  string          // of a write, and of the files that a table is made of, as Spark sees it
	columns columnar.Schema // of kinds found and tabled
}

type kind int

const (
	found   kind = iota // a view of files
	valued              // a view of rows that the program has
	viewed              // a view of a SELECT
	tabled              // a table of a SELECT: a view, or written, as plan says
	written             // rows that stay
	checked             // a SELECT that fails, or has one row that is true
)

var _ engine.Engine = (*Script)(nil)

// NewScript begins a script.
func NewScript(ctx context.Context, o Options) (*Script, error) {
	s := &Script{Options: o, wanted: map[string]bool{}}
	for _, table := range o.Wanted {
		s.wanted[table] = true
	}
	var err error
	s.shadow, err = engine.Open(ctx, engine.Options{Threads: 1})
	return s, err
}

// Close forgets the shadow tables.
func (s *Script) Close() error { return s.shadow.Close() }

// ask keeps a request.
func (s *Script) ask(k kind, table, text, folder string) {
	s.asked = append(s.asked, request{kind: k, table: table, text: text, folder: folder})
}

// shape makes the table in the shadow.
func (s *Script) shape(ctx context.Context, table, selectText string) error {
	return s.shadow.Table(ctx, table, "select * from ("+selectText+"\n) q limit 0")
}

// columns are those of a table of the shadow.
func (s *Script) columns(ctx context.Context, table string) (columnar.Schema, error) {
	rows, err := s.shadow.Query(ctx, "select * from "+table)
	if err != nil {
		return nil, err
	}
	return rows.Schema(), rows.Close()
}

// Input makes the Parquet files below one folder, or one file, a table. The folders of a partition are those of one Write.
func (s *Script) Input(ctx context.Context, table string, from engine.Files) error {
	if len(from.Paths) == 0 {
		return s.View(ctx, table, "select * from ("+from.Columns+"\n) q where false")
	}
	folder := from.Paths[0]
	if from.Partition != "" {
		folder = filepath.Dir(folder)
	} else if len(from.Paths) > 1 {
		return errors.New("spark: a table is made of one folder")
	}
	text := from.Columns
	if text == "" {
		text = engine.FilesSelect(from)
	}
	if err := s.shape(ctx, table, text); err != nil {
		return err
	}
	columns, err := s.columns(ctx, table)
	if err != nil {
		return err
	}
	s.asked = append(s.asked, request{kind: found, table: table, folder: s.Lake.At(folder), columns: columns})
	return nil
}

// Values makes a table of rows that the program has.
func (s *Script) Values(ctx context.Context, table string, columns columnar.Schema, rows [][]any) error {
	s.ask(valued, table, values(columns, rows), "")
	return s.shape(ctx, table, engine.NoRows(columns))
}

// View makes a table of a SELECT that is run where the table is read.
func (s *Script) View(ctx context.Context, table, selectText string) error {
	s.ask(viewed, table, selectText, "")
	return s.shape(ctx, table, selectText)
}

// Table makes a table of the rows of a SELECT. One that is read once is run where it is read.
func (s *Script) Table(ctx context.Context, table, selectText string) error {
	if err := s.shape(ctx, table, selectText); err != nil {
		return err
	}
	columns, err := s.columns(ctx, table)
	if err != nil {
		return err
	}
	s.asked = append(s.asked, request{kind: tabled, table: table, text: selectText, columns: columns})
	return nil
}

// AsWritten calls run; Spark decides by itself in which order it joins.
func (s *Script) AsWritten(_ context.Context, run func() error) error { return run() }

// Write writes the rows of a SELECT to a folder. How many there will be nobody knows: it returns 0.
func (s *Script) Write(_ context.Context, selectText, path, _ string) (int64, error) {
	s.ask(written, filepath.Base(path), selectText, s.Lake.At(path))
	return 0, nil
}

// Check fails the run of the script with a message unless all rows of a SELECT have the same in the named columns. It writes that they have, for some
// clients run a SELECT only once they are asked for its rows.
func (s *Script) Check(name, selectText string, columns []string, message string) {
	s.ask(checked, name, "select case when count(*) = 1 then true else cast(raise_error("+literal(message)+") as boolean) end as is_right from (select distinct "+
		strings.Join(columns, ", ")+" from (\n"+selectText+"\n) q) d", "")
}

// Query answers with the columns of a SELECT, and no rows.
func (s *Script) Query(ctx context.Context, selectText string, args ...any) (engine.Rows, error) {
	return s.shadow.Query(ctx, selectText, args...)
}

// Count answers 1: whoever asks how many rows there are has to write what is right for any number of them.
func (s *Script) Count(context.Context, string, ...any) (int64, error) { return 1, nil }

// Statement is one statement of a script.
type Statement struct {
	Name  string // what it makes
	Text  string // without a semicolon
	After []int  // the places of statements in the list that must be done before this one begins; those are before it, and wait for others in turn
}

// Statements are the settings and all that was asked for, in order.
func (s *Script) Statements() []Statement {
	var out []Statement
	add := func(name, text string, after ...int) (at int) {
		out = append(out, Statement{name, text, after})
		return len(out) - 1
	}
	last := add("settings", "set "+settings[0])
	for _, set := range settings[1:] {
		last = add("settings", "set "+set, last)
	}
	if s.Small {
		for _, set := range smallSettings {
			last = add("settings for few rows", "set "+set, last)
		}
	}
	addFiles := func(table, uri string, columns columnar.Schema, after ...int) (at int) {
		if !s.Small {
			return add(table, files(table, uri, columns), after...)
		}
		at = add(table, files(table+"_files", uri, columns), after...)
		return add(table, view(table, inOneTask(table+"_files")), at)
	}
	reads := sources(s.asked)
	keep := plan(s.asked, reads, s.wanted)
	done := make([]int, len(s.asked)) // by request: the statement after which it is there
	names := map[string]bool{}
	for i, r := range s.asked {
		after := []int{last}
		isNewName := r.kind == written || r.kind == checked || !names[r.table]
		if !isNewName { // a view finds what it reads by name, when it is read
			after = all(len(out))
		}
		for _, source := range reads[i] {
			after = append(after, done[source])
		}
		text := withoutComments(r.text)
		switch {
		case r.kind == written:
			done[i] = add(r.table, write(r.folder, text), after...)
		case r.kind == checked:
			done[i] = add(r.table, write(s.Lake.At(s.folder(i)), text), after...)
		case r.kind == viewed || r.kind == tabled && !keep[i]:
			done[i] = add(r.table, view(r.table, text), after...)
		case r.kind == tabled:
			uri := s.Lake.At(s.folder(i))
			rows := add(r.table, write(uri, text), after...)
			done[i] = addFiles(r.table, uri, r.columns, rows)
		case r.kind == found:
			done[i] = addFiles(r.table, r.folder, r.columns, after...)
		default:
			done[i] = add(r.table, view(r.table, r.text), after...)
		}
		if !isNewName {
			last = done[i]
		}
		names[r.table] = names[r.table] || r.kind != written && r.kind != checked
	}
	return out
}

// all are the places of the first n statements.
func all(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// folder is where a table is written, as this program sees it.
func (s *Script) folder(at int) string {
	return filepath.Join(s.Steps, fmt.Sprintf("%03d_%s", at, s.asked[at].table))
}

// Wanted are the folders of the tables that are wanted afterwards, as this program sees them. A table that was made more than once is the last of them.
func (s *Script) Wanted() map[string]string {
	out := map[string]string{}
	for i, r := range s.asked {
		if r.kind == tabled && s.wanted[r.table] {
			out[r.table] = s.folder(i)
		}
	}
	return out
}

// Pointers is the folder of a lake with a folder for each run that is complete.
const Pointers = "published"

// Publish adds the statement that points to the results of a run, as one row in a folder of its own name: what is not complete is pointed to by
// none, and no pointer is ever written over another. The newest is the one with the greatest run_id.
func (l Lake) Publish(statements []Statement, runID, results string) []Statement {
	return append(statements, Statement{Pointers, write(strings.TrimSuffix(l.URI, "/")+"/"+path.Join(Pointers, runID),
		"select "+literal(runID)+" as run_id, "+literal(l.At(results))+" as folder"), all(len(statements))})
}

// withoutComments takes the comments out of a statement: some clients stumble over quotes and semicolons in them.
func withoutComments(text string) string {
	var out strings.Builder
	for text != "" {
		n, kind := sqltext.Lexeme(text)
		if kind == sqltext.Blank && n > 1 {
			out.WriteString("\n")
		} else {
			out.WriteString(text[:n])
		}
		text = text[n:]
	}
	var lines []string
	for line := range strings.Lines(out.String()) {
		if line = strings.TrimRight(line, " \n"); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

package shell

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/ingest/spelling"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/spec"
	"github.com/pidledger/pidledger/report/write"
)

// command is a command of the shell that is not SQL.
type command struct {
	name    string
	args    string
	meaning string
	run     func(*Shell, context.Context, []string) error
}

// commands is the one list of them, for the help, the completion and the shell.
func commands() []command {
	return []command{
		{".tables", "", "the tables of the snapshot", (*Shell).showTables},
		{".schema", "[TABLE]", "the columns of all tables, or of one, explained", (*Shell).showSchema},
		{".queries", "", "the queries that have a name", (*Shell).showQueries},
		{".query", "NAME [PARAM=VALUE ...]", "run one of them", (*Shell).runQuery},
		{".format", "[FORMAT]", strings.Join(formats(), ", "), (*Shell).setFormat},
		{".exact", "on|off", "whether amounts have every digit", (*Shell).setExact},
		{".timer", "on|off", "whether to tell how long a query took", (*Shell).setTimer},
		{".help", "", "this list", (*Shell).showHelp},
		{".quit", "", "end the shell; so do quit and exit", func(*Shell, context.Context, []string) error { return io.EOF }},
	}
}

// formats are the formats that a shell can show.
func formats() []string {
	return slices.DeleteFunc(slices.Clone(write.ResultFormats), write.IsBinary)
}

// Help lists the commands.
func Help() string {
	var b strings.Builder
	t := &human.Table{Indent: "  "}
	for _, c := range commands() {
		t.Row(human.Plain, strings.TrimSpace(c.name+" "+c.args), c.meaning)
	}
	if err := t.Write(&b, false); err != nil {
		return err.Error() // a strings.Builder does not fail
	}
	return strings.TrimRight(b.String(), "\n")
}

// command runs a command that begins with a dot.
func (s *Shell) command(ctx context.Context, words []string) error {
	var names []string
	for _, c := range commands() {
		if c.name == words[0] {
			return c.run(s, ctx, words[1:])
		}
		names = append(names, c.name)
	}
	hint := ".help"
	if near := spelling.Nearest(words[0], names); near != "" {
		hint = near
	}
	return exit.Usagef(hint, "there is no command %s", words[0])
}

func (s *Shell) showHelp(_ context.Context, _ []string) error {
	_, err := fmt.Fprintln(s.io.Out, Help())
	return err
}

// tables gives the names of the tables.
func (s *Shell) tables() []string {
	var names []string
	for _, c := range s.columns {
		if len(names) == 0 || names[len(names)-1] != c.Table {
			names = append(names, c.Table)
		}
	}
	return names
}

func (s *Shell) showTables(_ context.Context, _ []string) error {
	t := &human.Table{}
	for _, name := range s.tables() {
		t.Row(human.Plain, name, TableMeaning(name))
	}
	return t.Write(s.io.Out, s.io.Color(s.io.Out))
}

// TableMeaning says what a row of a table of the snapshot is; empty for any other name.
func TableMeaning(table string) string {
	if of, ok := spec.Find(table); ok {
		return "one row per " + of.Title
	}
	return queries.SnapshotMeaning(table)
}

// ColumnMeaning says what a column of a report holds; empty for other tables, whose names of columns say it.
func ColumnMeaning(table, column string) string {
	of, _ := spec.Find(table)
	if i := slices.IndexFunc(of.Columns, func(c spec.Column) bool { return c.Name == column }); i >= 0 {
		return of.Columns[i].Meaning
	}
	return ""
}

func (s *Shell) showSchema(_ context.Context, args []string) error {
	tables := s.tables()
	if len(args) > 0 {
		name := strings.ToLower(strings.Trim(args[0], `";`))
		if !slices.Contains(tables, name) {
			hint := ".tables"
			if near := spelling.Nearest(name, tables); near != "" {
				hint = ".schema " + near
			}
			return exit.Usagef(hint, "there is no table %s", name)
		}
		tables = []string{name}
	}
	t := &human.Table{}
	for _, name := range tables {
		t.Row(human.Bold, name)
		for _, c := range s.columns {
			if c.Table != name {
				continue
			}
			meaning := ""
			if len(args) > 0 {
				meaning = ColumnMeaning(name, c.Name)
			}
			t.Row(human.Plain, "  "+c.Name, c.Type, meaning)
		}
	}
	return t.Write(s.io.Out, s.io.Color(s.io.Out))
}

// showQueries lists the queries that have a name, with their parameters.
func (s *Shell) showQueries(context.Context, []string) error {
	named, err := Named(s.session.config)
	if err != nil {
		return err
	}
	return ListQueries(s.io, named)
}

// runQuery runs a query by its name.
func (s *Shell) runQuery(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return exit.Usagef(".queries", ".query needs the name of a query")
	}
	named, err := Named(s.session.config)
	if err != nil {
		return err
	}
	q, err := Find(named, args[0])
	if err != nil {
		return exit.Usagef(".queries", "%v", err)
	}
	params, err := ParseParams(args[1:])
	if err != nil {
		return err
	}
	return s.run(ctx, q.Text, q.Values(params))
}

func (s *Shell) setFormat(_ context.Context, args []string) error {
	if len(args) == 0 {
		_, err := fmt.Fprintln(s.io.Out, s.format)
		return err
	}
	format, err := config.OneOf(".format", args[0], formats())
	if err != nil {
		return exit.Usagef("pidledger query, for formats that are written to files", "%v", err)
	}
	s.format = format
	return nil
}

func (s *Shell) setTimer(_ context.Context, args []string) error {
	if len(args) != 1 || args[0] != "on" && args[0] != "off" {
		return exit.Usagef(".timer on", ".timer is on or off")
	}
	s.timer = args[0] == "on"
	return nil
}

func (s *Shell) setExact(_ context.Context, args []string) error {
	if len(args) != 1 || args[0] != "on" && args[0] != "off" {
		return exit.Usagef(".exact on", ".exact is on or off")
	}
	s.exact = args[0] == "on"
	return nil
}

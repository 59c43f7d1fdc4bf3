// Package shell is SQL for people on the published snapshot: a shell, one statement, or a query by its name.
package shell

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/terminal"
	"github.com/pidledger/pidledger/ingest/spelling"
	"github.com/pidledger/pidledger/queries/adhoc"
	"github.com/pidledger/pidledger/report"
	"github.com/pidledger/pidledger/report/write"
)

// besideEngine is what a query needs besides the engine's own memory, in bytes: the program, stacks of threads, rows on their way out.
const besideEngine = 1 << 30

// Session is a published snapshot that is open for questions.
type Session struct {
	Snapshot *report.SnapshotFolder
	Ways     Ways // to find out what there is
	reader   *adhoc.Reader
	config   config.Config
	free     func() // lifts the bound of memory
}

// Ways are how whoever asks sees what there is, for the hints of errors: the tables, and after a name that may be meant all columns.
type Ways struct{ Tables, Columns string }

var shellWays = Ways{"pidledger sql, and there .tables and .schema TABLE, to see what there is", ".schema in pidledger sql shows all columns"}

// Open opens the snapshot that was published with the reports, within the limits of the configuration. Close must be called.
func Open(ctx context.Context, c config.Config) (*Session, error) {
	free := boundMemory(c.Query.Memory + besideEngine)
	r, err := report.Open(ctx, c.Report.Dir, c.ReaderOptions())
	if err != nil {
		free()
		return nil, err
	}
	return &Session{r.Snapshot, shellWays, r.Reader, c, free}, nil
}

// Close ends the session. Only temporary files are left to go by then.
func (s *Session) Close() {
	s.reader.Close() //nolint:errcheck // see above
	s.free()
}

// Query asks the snapshot. What is wrong with the statement comes back with a way out.
func (s *Session) Query(ctx context.Context, text string, params map[string]string) (*adhoc.Result, error) {
	result, err := s.reader.Query(ctx, text, params)
	if err != nil {
		return nil, s.explain(ctx, err)
	}
	return result, nil
}

// Columns lists the columns of all tables, tables by name.
func (s *Session) Columns(ctx context.Context) ([]adhoc.Column, error) { return s.reader.Columns(ctx) }

// WriteResult writes a result in a format.
func WriteResult(w io.Writer, format string, result *adhoc.Result, o write.ResultOptions) error {
	out, err := write.NewResult(format, w, result.Fields(), o)
	if err != nil {
		return err
	}
	return write.All(out, result)
}

// ResultOptions are those of standard output. Exact amounts have every digit.
func ResultOptions(s *terminal.Streams, exact bool) write.ResultOptions {
	width, _ := s.Size(s.Out)
	return write.ResultOptions{Color: s.Color(s.Out), Width: width, Round: !exact}
}

// explain adds the way out to what is wrong with a query.
func (s *Session) explain(ctx context.Context, err error) error {
	var own *adhoc.SQLError
	if !errors.As(err, &own) || own.Hint != "" {
		return err
	}
	own.Hint = s.Ways.Tables
	if near := nearestName(ctx, s.reader, own); near != "" {
		own.Hint = near + "; " + s.Ways.Columns
	}
	return err
}

// nearestName gives the table, column or function that was probably meant; empty when the mistake is not a name or is like none.
func nearestName(ctx context.Context, reader *adhoc.Reader, e *adhoc.SQLError) string {
	if e.Name == "" {
		return ""
	}
	columns, err := reader.Columns(ctx)
	if err != nil {
		return "" // the message without it says enough
	}
	names := slices.Clone(e.Near)
	for _, c := range columns {
		names = append(names, c.Table, c.Name)
	}
	return spelling.Nearest(strings.ToLower(e.Name), names)
}

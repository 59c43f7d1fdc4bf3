package registry

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/pidledger/pidledger/ingest/source"
	"github.com/pidledger/pidledger/ingest/spelling"
	"github.com/pidledger/pidledger/queries/facts"
)

// Options control how files are read.
type Options struct {
	Limits source.Limits
	// Parquet reads a Parquet file as header and rows of text, NULL as empty text. When nil, Parquet is refused.
	Parquet func(path string) (header []string, rows [][]string, err error)
	// Today is the UTC day that dates are compared with; if zero, no date counts as in the future.
	Today time.Time
}

// row is one record by canonical column.
type row struct {
	record, line int64 // line 0: not known
	cells        map[string]string
	refused      []string // columns whose value was reported: do not report them as missing, too
}

func (r *row) refuse(column string) { r.refused = append(r.refused, column) }

// where describes a row in a message about another one.
func (r row) where() string {
	if r.line > 0 {
		return fmt.Sprintf("line %d", r.line)
	}
	return fmt.Sprintf("record %d", r.record)
}

// table is a file of one kind, read.
type table struct {
	kind    string
	rows    []row
	spelled map[string]string // canonical column -> as the file spells it
	unknown []string          // columns that are not used
	ok      bool              // the rows can be checked
	list    *findings
}

// maxBytes is far above the size of any file that a person keeps; a larger one must be some other file.
const maxBytes = 64 << 20

// readTable reads a file of a kind. Problems with its form go to list; the error is about reading.
func readTable(path, kind string, o Options, list *findings) (*table, error) {
	t := &table{kind: kind, spelled: map[string]string{}, list: list}
	f, err := source.Open(path, o.Limits)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	switch f.Kind {
	case source.KindEmpty:
		t.list.add(Finding{Code: EmptyFile, Message: "the file is empty", Suggestion: "Add a header and rows, or remove it from the configuration"})
		return t, nil
	case source.KindParquet:
		return t, t.readParquet(path, o)
	case source.KindAvro:
		t.list.add(Finding{Code: Unreadable, Message: "the file is Avro", Suggestion: "Save it as CSV, JSON, YAML or Parquet"})
		return t, nil
	case source.KindBinary:
		t.list.add(Finding{Code: Unreadable, Message: "the file is not text: " + f.Note})
		return t, nil
	}
	text, err := io.ReadAll(io.LimitReader(f.Reader(), maxBytes+1))
	if err != nil {
		return nil, err
	}
	switch {
	case len(text) > maxBytes:
		t.list.add(Finding{Code: Unreadable, Message: fmt.Sprintf("the file is longer than %d MB", maxBytes>>20), Suggestion: "Check that the path names the right file"})
		return t, nil
	case f.Kind == source.KindJSON && !looksLikeFlowYAML(path, text):
		t.readJSON(text)
	case f.Kind == source.KindJSON || looksLikeYAML(text):
		t.readYAML(text)
	default:
		if err := t.readCSV(text); err != nil {
			return nil, err
		}
	}
	t.checkColumns()
	return t, nil
}

// column maps a name in the file to a canonical column; empty if it is not used.
func (t *table) column(name string) string {
	name = strings.TrimSpace(name)
	column := tables().aliases[t.kind][plain(name)]
	switch {
	case column == "":
		if name != "" && !slices.Contains(t.unknown, name) {
			t.unknown = append(t.unknown, name)
		}
	case t.spelled[column] == "":
		t.spelled[column] = name
	}
	return column
}

// set puts a value into a row. If a column occurs under two names, the first nonempty value counts.
func (r *row) set(column, value string) {
	value = strings.TrimSpace(value)
	if column != "" && r.cells[column] == "" {
		r.cells[column] = value
	}
}

// name returns a column's name as the file spells it.
func (t *table) name(column string) string {
	if s := t.spelled[column]; s != "" {
		return s
	}
	return column
}

// checkColumns reports missing and unknown columns and whether there are rows at all.
func (t *table) checkColumns() {
	if len(t.list.all) > 0 && len(t.rows) == 0 && len(t.spelled) == 0 {
		return // the file could not be read at all, so nothing is known to be missing
	}
	missing := false
	for _, c := range tables().columns[t.kind] {
		if !c.needed || t.spelled[c.column] != "" {
			continue
		}
		missing = true
		var names []string
		for _, row := range facts.Rows("aliases.csv", aliasesCSV) {
			if row[0] == t.kind && row[1] == c.column {
				names = append(names, row[3])
			}
		}
		f := Finding{Code: MissingColumn, Column: c.column, Message: "the column is missing"}
		if len(names) > 1 {
			f.Message += " (also accepted: " + strings.Join(names[1:], ", ") + ")"
		}
		if like := t.unknownLike(names); like != "" {
			f.Suggestion = fmt.Sprintf("Rename column %s to %s", like, c.column)
		} else if len(t.unknown) > 0 {
			f.Suggestion = "The file has " + strings.Join(t.unknown[:min(len(t.unknown), 10)], ", ")
		}
		t.list.add(f)
	}
	if len(t.rows) == 0 && len(t.list.all) == 0 && t.kind != "exclusions" { // of which a header alone says that nobody opted out
		t.list.add(Finding{Code: NoRows, Message: "the file has a header but no rows"})
	}
	for _, name := range t.unknown {
		t.list.add(Finding{Code: UnknownColumn, Column: name, Message: "the column is not used"})
	}
	t.ok = !missing
}

// unknownLike returns the unknown column that was probably meant to have one of the names.
func (t *table) unknownLike(names []string) string {
	for _, u := range t.unknown {
		for _, name := range names {
			a, b := plain(u), plain(name)
			if spelling.Distance(a, b) <= max(1, len(b)/4) {
				return u
			}
		}
	}
	return ""
}

func (t *table) readParquet(path string, o Options) error {
	if o.Parquet == nil {
		t.list.add(Finding{Code: Unreadable, Message: "the file is Parquet, which cannot be read here", Suggestion: "Save it as CSV"})
		return nil
	}
	header, rows, err := o.Parquet(path)
	if err != nil {
		return err
	}
	columns := make([]string, len(header))
	for i, name := range header {
		columns[i] = t.column(name)
	}
	for i, cells := range rows {
		r := row{record: int64(i + 1), cells: map[string]string{}}
		for j, cell := range cells[:min(len(cells), len(columns))] {
			r.set(columns[j], cell)
		}
		t.addRow(r)
	}
	t.checkColumns()
	return nil
}

// addRow keeps a row unless it is blank: spreadsheets leave rows of empty cells behind.
func (t *table) addRow(r row) {
	for _, v := range r.cells {
		if v != "" {
			t.rows = append(t.rows, r)
			return
		}
	}
}

func (t *table) readCSV(text []byte) error {
	c, err := source.NewCSV(strings.NewReader(string(text)), source.CSVOptions{
		SkipPreamble: func(line []byte) bool { return len(line) > 0 && line[0] == '#' },
	})
	if err != nil {
		return t.damagedCSV(err)
	}
	header := c.Header()
	if len(header) == 0 {
		t.list.add(Finding{Code: EmptyFile, Message: "the file has no header"})
		return nil
	}
	columns := make([]string, len(header))
	for i, name := range header {
		columns[i] = t.column(name)
	}
	for {
		b, err := c.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return t.damagedCSV(err)
		}
		err = b.Each(func(record, line int64, fields [][]byte) error {
			r := row{record: record, line: line, cells: map[string]string{}}
			for i, field := range fields {
				if i < len(columns) {
					r.set(columns[i], string(field))
				} else if s := strings.TrimSpace(string(field)); s != "" {
					t.list.add(Finding{Code: Ragged, Record: record, Line: line, Value: s,
						Message:    fmt.Sprintf("the row has %d fields, the header has %d", len(fields), len(columns)),
						Suggestion: "Put values that contain the delimiter in double quotes"})
					break
				}
			}
			t.addRow(r)
			return nil
		})
		b.Release()
		if err != nil {
			return err
		}
	}
}

// damagedCSV turns an error in the text into a finding; other errors stay errors.
func (t *table) damagedCSV(err error) error {
	var quote *source.QuoteError
	var long *source.TooLongError
	switch {
	case errors.As(err, &quote):
		t.list.add(Finding{Code: Unreadable, Record: quote.Record, Line: quote.Line, Message: quote.Error()})
	case errors.As(err, &long):
		t.list.add(Finding{Code: Unreadable, Line: long.Line, Message: long.Error()})
	default:
		return err
	}
	return nil
}

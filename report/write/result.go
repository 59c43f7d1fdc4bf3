package write

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pidledger/pidledger/queries/adhoc"
	"github.com/pidledger/pidledger/report/spec"
)

// The formats that only results of queries have; they have those of reports, too.
const (
	TableFormat    = "table"
	JSONLines      = "jsonl"
	Markdown       = "markdown"
	Arrow          = "arrow" // the stream format
	LineFormat     = "line"  // a line for each column
	markdownEnding = "md"
)

// ResultFormats lists the formats of query results, the default first.
var ResultFormats = []string{TableFormat, LineFormat, spec.CSV, spec.JSON, JSONLines, Markdown, spec.Parquet, Arrow}

// IsBinary tells whether a format of results is not for terminals.
func IsBinary(format string) bool { return format == spec.Parquet || format == Arrow }

// FormatOf guesses the format of a result from the ending of a file; empty when it tells none.
func FormatOf(path string) string {
	ending := strings.ToLower(path[strings.LastIndexByte(path, '.')+1:])
	if ending == markdownEnding {
		return Markdown
	}
	if slices.Contains(ResultFormats[2:], ending) {
		return ending
	}
	return ""
}

// ResultWriter writes the rows of a result in one format. Row by row: what it keeps does not grow with the result.
type ResultWriter interface {
	// Row writes a row; the cells are not kept.
	Row(cells []adhoc.Cell) error
	// Close completes what was written; without it the output is worthless. It does not close the stream below.
	Close() error
}

// ResultOptions say how a result looks to a person; they mean nothing to the other formats.
type ResultOptions struct {
	Width int  // of the terminal, in characters: texts are cut and columns left out, so that a line fits; 0: neither
	Color bool // whether the terminal shows colours
	Round bool // amounts, decimals of 18 places, have two
}

// NewResult makes the writer of a format of ResultFormats.
//
// Numbers keep every digit, unless amounts are to be rounded in a table or in lines: decimals are plain notation without trailing zeros (texts in JSON), Parquet and Arrow have the
// decimal type of the column. Dates and times are ISO 8601 in UTC; lists, structs and maps are JSON texts. NULL is an empty cell in CSV and
// Markdown, NULL in a table, null elsewhere.
func NewResult(format string, w io.Writer, fields []adhoc.Field, o ResultOptions) (ResultWriter, error) {
	switch format {
	case TableFormat:
		return newTableResult(w, fields, o), nil
	case LineFormat:
		return newLineResult(w, fields, o), nil
	case spec.CSV:
		return newCSVResult(w, fields)
	case spec.JSON, JSONLines:
		return newJSONResult(w, fields, format == spec.JSON)
	case Markdown:
		return newMarkdownResult(w, fields)
	case spec.Parquet, Arrow:
		return newArrowResult(w, fields, format == spec.Parquet)
	}
	return nil, fmt.Errorf("%q is not a format of results; known are %s", format, strings.Join(ResultFormats, ", "))
}

// All writes all rows of a result and completes the output.
func All(w ResultWriter, r *adhoc.Result) error {
	for r.Next() {
		if err := w.Row(r.Cells()); err != nil {
			return err
		}
	}
	if err := r.Err(); err != nil {
		return err
	}
	return w.Close()
}

// isNumber tells whether the column is written to the right.
func isNumber(f adhoc.Field) bool {
	switch f.Kind {
	case adhoc.KindInt, adhoc.KindBig, adhoc.KindDecimal, adhoc.KindFloat:
		return true
	}
	return false
}

// AppendCell appends a cell that is not NULL as text.
func AppendCell(dst []byte, f *adhoc.Field, c *adhoc.Cell) []byte {
	switch f.Kind {
	case adhoc.KindInt:
		return strconv.AppendInt(dst, c.I, 10)
	case adhoc.KindBig:
		return c.N.Append(dst, 10)
	case adhoc.KindDecimal:
		return spec.AppendUnits(dst, c.N, f.Scale)
	case adhoc.KindFloat:
		return strconv.AppendFloat(dst, c.F, 'g', -1, f.Width)
	case adhoc.KindBool:
		return strconv.AppendBool(dst, c.I != 0)
	case adhoc.KindDate:
		if word := infinite(c.I); word != "" {
			return append(dst, word...)
		}
		return time.Unix(c.I*86400, 0).UTC().AppendFormat(dst, time.DateOnly)
	case adhoc.KindTime:
		if word := infinite(c.I); word != "" {
			return append(dst, word...)
		}
		return time.UnixMicro(c.I).UTC().AppendFormat(dst, "2006-01-02T15:04:05.999999Z")
	}
	return append(dst, c.S...)
}

// infinite names the time before or after all times.
func infinite(v int64) string {
	switch v {
	case math.MaxInt64:
		return "infinity"
	case math.MinInt64:
		return "-infinity"
	}
	return ""
}

// csvResult writes a result like the CSV of the reports.
type csvResult struct {
	csvWriter
	fields []adhoc.Field
}

func newCSVResult(w io.Writer, fields []adhoc.Field) (*csvResult, error) {
	c := &csvResult{csvWriter{w: bufio.NewWriterSize(w, 64<<10)}, fields}
	for i, f := range fields {
		c.separate(i)
		c.line = appendCSVText(c.line, f.Name)
	}
	return c, c.endLine()
}

func (c *csvResult) Row(cells []adhoc.Cell) error {
	for i := range cells {
		c.separate(i)
		f, cell := &c.fields[i], &cells[i]
		switch {
		case cell.Null:
		case f.Kind == adhoc.KindText || f.Kind == adhoc.KindJSON:
			c.line = appendCSVText(c.line, cell.S)
		default:
			c.line = AppendCell(c.line, f, cell)
		}
	}
	return c.endLine()
}

func (c *csvResult) Close() error { return c.csvWriter.Close() }

// jsonResult writes an array of objects, or one object per line.
type jsonResult struct {
	jsonWriter
	fields []adhoc.Field
	array  bool
}

func newJSONResult(w io.Writer, fields []adhoc.Field, array bool) (*jsonResult, error) {
	j := &jsonResult{jsonWriter{w: bufio.NewWriterSize(w, 64<<10)}, fields, array}
	for _, f := range fields {
		j.names = append(j.names, append(appendJSONString(nil, f.Name), ':'))
	}
	if !array {
		return j, nil
	}
	return j, j.w.WriteByte('[')
}

func (j *jsonResult) Row(cells []adhoc.Cell) error {
	j.line = j.line[:0]
	if j.array {
		if j.rows > 0 {
			j.line = append(j.line, ',')
		}
		j.line = append(j.line, '\n')
	}
	j.rows++
	for i := range cells {
		j.name(i)
		j.line = appendJSONCell(j.line, &j.fields[i], &cells[i])
	}
	j.line = append(j.line, '}')
	if !j.array {
		j.line = append(j.line, '\n')
	}
	_, err := j.w.Write(j.line)
	return err
}

func (j *jsonResult) Close() error {
	if !j.array {
		return j.w.Flush()
	}
	if j.rows == 0 {
		if _, err := j.w.WriteString("]\n"); err != nil {
			return err
		}
		return j.w.Flush()
	}
	return j.jsonWriter.Close()
}

func appendJSONCell(dst []byte, f *adhoc.Field, c *adhoc.Cell) []byte {
	if c.Null {
		return append(dst, "null"...)
	}
	switch f.Kind {
	case adhoc.KindText, adhoc.KindJSON:
		return appendJSONString(dst, c.S)
	case adhoc.KindInt, adhoc.KindBig, adhoc.KindBool:
		return AppendCell(dst, f, c)
	case adhoc.KindFloat:
		if !math.IsNaN(c.F) && !math.IsInf(c.F, 0) {
			return AppendCell(dst, f, c)
		}
	}
	dst = append(dst, '"')
	dst = AppendCell(dst, f, c)
	return append(dst, '"')
}

package registry

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pidledger/pidledger/ingest/source"
)

// ErrNotAppendable is returned for a file that lines cannot be added to: anything but CSV in UTF-8.
var ErrNotAppendable = errors.New("lines can only be added to CSV in UTF-8")

// newColumns are the columns of a new file, in order.
var newColumns = []string{"tracking_id", "mpn_id", "offer", "sku", "channel", "description", "registered_at", "retired_at"}

// Append adds registrations to the text of a registrations file and returns the new text and the added lines. Existing bytes stay as they are; the
// new lines follow the file's columns, delimiter, quoting and line ends. An empty text gets a header. A value that the file has no column for is an
// error, unless it is a date.
func Append(text []byte, regs []Registration) (out, added []byte, err error) {
	return addLines(text, "registrations", newColumns, cells(regs), "_at")
}

// AppendAll is Append for registrations whose dates matter: a date that the file has no column for is an error, too.
func AppendAll(text []byte, regs []Registration) (out, added []byte, err error) {
	return addLines(text, "registrations", newColumns, cells(regs), "")
}

// cells returns a function for each registration that gives its cells.
func cells(regs []Registration) (lines []func(string) string) {
	for _, r := range regs {
		lines = append(lines, r.cell)
	}
	return lines
}

// addLines adds lines to the text of a file of a kind. A cell without a column is an error, unless its column ends in lossy.
func addLines(text []byte, kind string, columns []string, lines []func(column string) string, lossy string) (out, added []byte, err error) {
	form, err := formOf(text, kind, columns)
	if err != nil {
		return nil, nil, err
	}
	var b bytes.Buffer
	if form.header {
		form.line(&b, func(column string) string { return column })
	}
	for _, cell := range lines {
		for _, column := range columns {
			if cell(column) != "" && !slices.Contains(form.columns, column) && (lossy == "" || !strings.HasSuffix(column, lossy)) {
				return nil, nil, fmt.Errorf("%w: there is no column %s for %q", ErrNotAppendable, column, cell(column))
			}
		}
		form.line(&b, cell)
	}
	out = bytes.Clone(text)
	if len(out) > 0 && !form.header && out[len(out)-1] != '\n' && len(lines) > 0 {
		out = append(out, form.eol...)
	}
	return append(out, b.Bytes()...), b.Bytes(), nil
}

// form is how a CSV file is written.
type form struct {
	columns []string // canonical; empty for a column of the partner's own
	delim   byte
	eol     string
	quote   bool // every field is in quotes
	header  bool // write a header first
}

func (f form) line(b *bytes.Buffer, cell func(column string) string) {
	for i, column := range f.columns {
		if i > 0 {
			b.WriteByte(f.delim)
		}
		text := ""
		if column != "" {
			text = cell(column)
		}
		b.WriteString(quoted(text, f.delim, f.quote))
	}
	b.WriteString(f.eol)
}

// formOf finds the form of a text.
func formOf(text []byte, kind string, columns []string) (form, error) {
	f := form{columns: columns, delim: ',', eol: "\n", header: true}
	plainText := bytes.TrimPrefix(text, []byte("\ufeff"))
	if len(bytes.TrimSpace(plainText)) == 0 {
		return f, nil
	}
	switch {
	case !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0:
		return f, fmt.Errorf("%w, and the file is not one", ErrNotAppendable)
	case bytes.IndexByte([]byte("[{"), bytes.TrimSpace(plainText)[0]) >= 0:
		return f, fmt.Errorf("%w, and the file is JSON", ErrNotAppendable)
	case looksLikeYAML(plainText):
		return f, fmt.Errorf("%w, and the file is YAML", ErrNotAppendable)
	}
	c, err := source.NewCSV(bytes.NewReader(plainText), source.CSVOptions{
		SkipPreamble: func(line []byte) bool { return len(line) > 0 && line[0] == '#' },
	})
	if err != nil {
		return f, err
	}
	if len(c.Header()) == 0 {
		return f, fmt.Errorf("%w, and the file has no header", ErrNotAppendable)
	}
	f.columns, f.delim, f.header = nil, c.Delimiter(), false
	for _, name := range c.Header() {
		column := tables().aliases[kind][plain(name)]
		if slices.Contains(f.columns, column) {
			column = "" // the first of two columns with the same name counts
		}
		f.columns = append(f.columns, column)
	}
	if bytes.Contains(text, []byte("\r\n")) {
		f.eol = "\r\n"
	}
	f.quote = allQuoted(plainText, f)
	return f, nil
}

// allQuoted reports whether the last line has as many quoted fields as the file has columns.
func allQuoted(text []byte, f form) bool {
	text = bytes.TrimRight(text, "\r\n")
	last := string(text[bytes.LastIndexByte(text, '\n')+1:])
	between := strings.Count(last, `"`+string(rune(f.delim))+`"`)
	return strings.HasPrefix(last, `"`) && strings.HasSuffix(last, `"`) && between == len(f.columns)-1
}

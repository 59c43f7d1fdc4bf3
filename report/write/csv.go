package write

import (
	"bufio"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/report/spec"
)

// csvWriter writes UTF-8 CSV with LF (RFC 4180, SPEC 6). NULL and the empty text are both an empty cell.
type csvWriter struct {
	w    *bufio.Writer
	line []byte
}

func newCSVWriter(w io.Writer, schema columnar.Schema) (*csvWriter, error) {
	c := &csvWriter{w: bufio.NewWriterSize(w, 64<<10)}
	for i, col := range schema {
		c.separate(i)
		c.line = appendCSVText(c.line, col.Name)
	}
	return c, c.endLine()
}

func (c *csvWriter) separate(i int) {
	if i > 0 {
		c.line = append(c.line, ',')
	}
}

func (c *csvWriter) endLine() error {
	c.line = append(c.line, '\n')
	_, err := c.w.Write(c.line)
	c.line = c.line[:0]
	return err
}

// Row writes one line.
func (c *csvWriter) Row(values []engine.Value) error {
	for i := range values {
		c.separate(i)
		v := &values[i]
		switch {
		case v.Null:
		case v.Type == columnar.String:
			c.line = appendCSVText(c.line, v.S)
		case v.Type == columnar.StringList:
			c.line = appendCSVText(c.line, strings.Join(v.L, ";"))
		default:
			c.line = spec.AppendValue(c.line, v)
		}
	}
	return c.endLine()
}

func (c *csvWriter) Close() error { return c.w.Flush() }

// appendCSVText appends a text cell. What a spreadsheet would take for a formula gets a leading apostrophe (SPEC 6).
func appendCSVText(dst []byte, text string) []byte {
	if text == "" {
		return dst
	}
	quotes := strings.Contains(text, `"`)
	quote := quotes || text[0] == ' ' || strings.Contains(text, ",") || strings.Contains(text, "\n") || strings.Contains(text, "\r")
	if quote {
		dst = append(dst, '"')
	}
	if strings.IndexByte("=+-@\t\r", text[0]) >= 0 {
		dst = append(dst, '\'')
	}
	if !quotes && utf8.ValidString(text) {
		dst = append(dst, text...) // nearly every cell: no look at each letter
	} else {
		for _, r := range text { // bytes that are not UTF-8 become U+FFFD
			if r == '"' {
				dst = append(dst, '"')
			}
			dst = utf8.AppendRune(dst, r)
		}
	}
	if quote {
		dst = append(dst, '"')
	}
	return dst
}

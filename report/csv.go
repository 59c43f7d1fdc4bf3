package report

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/columnar"
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

// row writes one line.
func (c *csvWriter) row(values []queries.Value) error {
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
			c.line = appendScalar(c.line, v)
		}
	}
	return c.endLine()
}

func (c *csvWriter) close() error { return c.w.Flush() }

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
		for _, r := range text { // bytes that are no UTF-8 become U+FFFD
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

// appendScalar appends a value that is neither NULL, text nor a list: decimals in plain notation without trailing zeros, dates as
// YYYY-MM-DD, times as RFC 3339 in UTC.
func appendScalar(dst []byte, v *queries.Value) []byte {
	switch v.Type {
	case columnar.Int:
		return strconv.AppendInt(dst, v.I, 10)
	case columnar.Decimal:
		return columnar.AppendDecimal(dst, v.D)
	case columnar.Ratio:
		return columnar.AppendRatio(dst, v.D)
	case columnar.Date:
		return time.Unix(v.I*86400, 0).UTC().AppendFormat(dst, time.DateOnly)
	case columnar.Timestamp:
		return time.UnixMicro(v.I).UTC().AppendFormat(dst, "2006-01-02T15:04:05.999999Z")
	case columnar.Bool:
		return strconv.AppendBool(dst, v.I != 0)
	}
	return fmt.Appendf(dst, "%v", v.Type) // no other type exists
}

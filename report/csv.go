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
	text []byte // a list cell before it is quoted
}

func newCSVWriter(w io.Writer, schema columnar.Schema) (*csvWriter, error) {
	c := &csvWriter{w: bufio.NewWriterSize(w, 64<<10)}
	for i, col := range schema {
		c.separate(i)
		c.line = appendCSVText(c.line, []byte(col.Name))
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
			c.line = appendCSVText(c.line, []byte(v.S))
		case v.Type == columnar.StringList:
			c.text = append(c.text[:0], strings.Join(v.L, ";")...)
			c.line = appendCSVText(c.line, c.text)
		default:
			c.line = appendScalar(c.line, v)
		}
	}
	return c.endLine()
}

func (c *csvWriter) close() error { return c.w.Flush() }

// appendCSVText appends a text cell. What a spreadsheet would take for a formula gets a leading apostrophe (SPEC 6).
func appendCSVText(dst, text []byte) []byte {
	if len(text) == 0 {
		return dst
	}
	escape := strings.IndexByte("=+-@\t\r", text[0]) >= 0
	quote := text[0] == ' '
	for _, b := range text {
		if b == ',' || b == '"' || b == '\n' || b == '\r' {
			quote = true
			break
		}
	}
	if quote {
		dst = append(dst, '"')
	}
	if escape {
		dst = append(dst, '\'')
	}
	for len(text) > 0 {
		switch b := text[0]; {
		case b == '"':
			dst = append(dst, '"', '"')
		case b < utf8.RuneSelf:
			dst = append(dst, b)
		default:
			r, n := utf8.DecodeRune(text)
			dst = utf8.AppendRune(dst, r) // bytes that are no UTF-8 become U+FFFD
			text = text[n:]
			continue
		}
		text = text[1:]
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

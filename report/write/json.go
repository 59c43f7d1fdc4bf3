package write

import (
	"bufio"
	"io"
	"unicode/utf8"

	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/report/spec"
)

// jsonWriter writes an array of objects, one object per line. Decimals are strings, because readers turn JSON numbers into
// floating point; integers and booleans are themselves; NULL is null.
type jsonWriter struct {
	w     *bufio.Writer
	names [][]byte // `"name":`
	line  []byte
	rows  int64
}

func newJSONWriter(w io.Writer, schema columnar.Schema) (*jsonWriter, error) {
	j := &jsonWriter{w: bufio.NewWriterSize(w, 64<<10)}
	for _, col := range schema {
		j.names = append(j.names, append(appendJSONString(nil, col.Name), ':'))
	}
	return j, j.w.WriteByte('[')
}

func (j *jsonWriter) Row(values []engine.Value) error {
	j.line = j.line[:0]
	if j.rows > 0 {
		j.line = append(j.line, ',')
	}
	j.rows++
	j.line = append(j.line, '\n')
	for i := range values {
		j.name(i)
		j.line = appendJSONValue(j.line, &values[i])
	}
	j.line = append(j.line, '}')
	_, err := j.w.Write(j.line)
	return err
}

// name begins the field of column i.
func (j *jsonWriter) name(i int) {
	if i == 0 {
		j.line = append(j.line, '{')
	} else {
		j.line = append(j.line, ',')
	}
	j.line = append(j.line, j.names[i]...)
}

func (j *jsonWriter) Close() error {
	if _, err := j.w.WriteString("\n]\n"); err != nil {
		return err
	}
	return j.w.Flush()
}

func appendJSONValue(dst []byte, v *engine.Value) []byte {
	if v.Null {
		return append(dst, "null"...)
	}
	switch v.Type {
	case columnar.String:
		return appendJSONString(dst, v.S)
	case columnar.StringList:
		dst = append(dst, '[')
		for i, s := range v.L {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendJSONString(dst, s)
		}
		return append(dst, ']')
	case columnar.Int, columnar.Bool:
		return spec.AppendValue(dst, v)
	}
	dst = append(dst, '"')
	dst = spec.AppendValue(dst, v)
	return append(dst, '"')
}

// appendJSONString appends s as a JSON string. Bytes that are not UTF-8 become U+FFFD.
func appendJSONString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for i := 0; i < len(s); {
		b := s[i]
		if b >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			dst = utf8.AppendRune(dst, r)
			i += n
			continue
		}
		i++
		switch {
		case b == '"' || b == '\\':
			dst = append(dst, '\\', b)
		case b == '\n':
			dst = append(dst, '\\', 'n')
		case b < ' ' || b == 0x7f:
			dst = append(dst, '\\', 'u', '0', '0', hex[b>>4], hex[b&15])
		default:
			dst = append(dst, b)
		}
	}
	return append(dst, '"')
}

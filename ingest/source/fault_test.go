package source

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/valyala/fastjson"
)

// Damage inside an element, which only its parser finds, is named with its own line and column, also of elements that begin in the middle
// of a line and for every size of buffer.
func TestFault(t *testing.T) {
	for _, c := range []struct {
		name, text   string
		line, column int64
		reason       string
	}{
		{"two commas", "[\n  {\"a\": 1},\n  {\n    \"b\": 2,,\n    \"c\": 3\n  }\n]", 4, 12, "invalid character ','"},
		{"in one line", `{"value": [{"a": 1}, {"b": 1 2}, {"c": 3}]}`, 1, 30, "invalid character '2'"},
		{"after other characters", "[{\"\u00e9\": \"\u00e9\"},\n {\"\u00e9\u00e9\": tru}]", 2, 9, "unexpected tru"},
		{"in lines", "{\"a\": 1}\n{\"b\": 2}\n  {\"c\": 3 4}\n{\"d\": 5}\n", 3, 11, "invalid character '4'"},
		{"in lines with a mark", "\ufeff{\"a\": 1}\n\ufeff{\"b\": }\n", 2, 8, "invalid character '}'"},
	} {
		for _, size := range []int{1, 16, 1 << 16} {
			var found int
			check := func(line, column int64, reason string) {
				found++
				if line != c.line || column != c.column || !strings.HasPrefix(reason, c.reason) {
					t.Errorf("%s, buffer %d: line %d, column %d, %q", c.name, size, line, column, reason)
				}
			}
			see := func(v Value) {
				if v.Damaged != nil {
					check(v.Damaged.Line, v.Damaged.Column, v.Damaged.Reason)
					return
				}
				if _, err := fastjson.ParseBytes(v.Bytes); err == nil {
					return
				}
				check(v.Fault())
			}
			j := NewJSON(iotest.OneByteReader(strings.NewReader(c.text)), JSONOptions{BufferSize: size})
			for {
				v, err := j.Next()
				if errors.Is(err, io.EOF) {
					break
				}
				var damaged *DamagedError
				if errors.As(err, &damaged) {
					check(damaged.Line, damaged.Column, damaged.Reason)
					if damaged.Final {
						break
					}
					continue
				}
				see(v)
			}
			j = NewJSON(strings.NewReader(c.text), JSONOptions{BufferSize: size})
			for {
				b, err := j.NextBlock()
				if errors.Is(err, io.EOF) {
					break
				}
				var damaged *DamagedError
				if errors.As(err, &damaged) {
					check(damaged.Line, damaged.Column, damaged.Reason)
					break
				}
				_ = b.Each(func(v Value) error { see(v); return nil })
			}
			if found != 2 {
				t.Errorf("%s, buffer %d: found %d times, expected once each way", c.name, size, found)
			}
		}
	}
}

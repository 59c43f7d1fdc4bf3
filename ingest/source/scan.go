package source

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// more reads more text; keep, pos, probe and counted move with it. It returns false at the end of the text
// or after an error, which is then in readErr.
func (d *document) more() bool {
	if d.eof || d.readErr != nil {
		return false
	}
	from := d.keep
	if d.probe >= 0 {
		from = min(from, d.probe)
	}
	if from > 0 {
		d.lineAt(from)
		d.head = d.begins
		d.buf = append(d.buf[:0], d.buf[from:]...)
		d.base += int64(from)
		d.pos -= from
		d.keep -= from
		d.counted -= from
		if d.probe >= 0 {
			d.probe -= from
		}
	}
	if len(d.buf) == cap(d.buf) {
		if len(d.buf) >= d.max {
			d.readErr = &TooLongError{What: "JSON value", Line: d.lineAt(0), Limit: d.max}
			return false
		}
		d.buf = grow(d.r, d.buf, d.max)
	}
	had := len(d.buf)
	var err error
	d.buf, d.eof, err = fill(d.r, d.buf)
	if err != nil {
		d.readErr = err
	}
	return len(d.buf) > had
}

// token skips blanks and returns the character at pos.
func (d *document) token() (byte, error) {
	for {
		for d.pos < len(d.buf) {
			c := d.buf[d.pos]
			if c != ' ' && c != '\n' && c != '\t' && c != '\r' {
				return c, nil
			}
			d.pos++
		}
		if !d.more() {
			return 0, d.ended()
		}
	}
}

// topBlank skips blanks, record separators and byte order marks between documents; false at the end.
func (d *document) topBlank() bool {
	for {
		for d.pos < len(d.buf) {
			switch c := d.buf[d.pos]; {
			case c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == 0x1e:
				d.pos++
			case c == utf8BOM[0] && bytes.HasPrefix(d.buf[d.pos:], utf8BOM):
				d.pos += len(utf8BOM)
			case c == utf8BOM[0] && len(d.buf)-d.pos < len(utf8BOM) && d.more():
			default:
				return true
			}
		}
		d.keep = d.pos
		if !d.more() {
			return false
		}
	}
}

// skipValue moves pos past the value at pos. Text from keep on stays in the window.
func (d *document) skipValue() error {
	c, err := d.token()
	if err != nil {
		return err
	}
	switch c {
	case '{', '[':
		return d.skipContainer()
	case '"':
		return d.skipString()
	}
	return d.skipScalar()
}

// skipString moves pos past the string at pos.
func (d *document) skipString() error {
	for from := 1; ; {
		n := stringEnd(d.buf, d.pos+from)
		if n >= 0 {
			d.pos = n
			return nil
		}
		// -n-1 is where to go on: after the last character that cannot be the end
		from = -n - 1 - d.pos
		if !d.more() {
			return d.ended()
		}
	}
}

// stringEnd returns the index after the closing quote of a string of which from is inside, at no escape;
// when the text ends before, it returns -i-1 where i is an index at which the search can go on.
func stringEnd(buf []byte, from int) int {
	i := from
	for {
		if i > len(buf) {
			return -from - 1
		}
		q := bytes.IndexByte(buf[i:], '"')
		if q < 0 {
			return -from - 1
		}
		q += i
		back := q
		for back > from && buf[back-1] == '\\' {
			back--
		}
		if (q-back)&1 == 0 {
			return q + 1
		}
		i = q + 1
		from = i
	}
}

// skipScalar moves pos past the number or word at pos.
func (d *document) skipScalar() error {
	start := d.pos - d.keep
	for {
		for d.pos < len(d.buf) && scalarByte(d.buf[d.pos]) {
			d.pos++
		}
		if d.pos < len(d.buf) || !d.more() {
			break
		}
	}
	if d.readErr != nil {
		return d.readErr
	}
	text := d.buf[d.keep+start : d.pos]
	if len(text) == 0 {
		return d.unexpected(d.buf[d.pos])
	}
	if !validScalar(text) {
		if d.pos == len(d.buf) && cutScalar(text) {
			return d.ended()
		}
		return d.damaged(d.keep+start, "unexpected "+CutValue(text))
	}
	return nil
}

func scalarByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '+' || c == '.'
}

// validScalar reports whether text is a JSON number, true, false or null.
func validScalar(text []byte) bool { return json.Valid(text) }

// cutScalar reports whether text can be the start of a number or word.
func cutScalar(text []byte) bool {
	for _, word := range []string{"true", "false", "null"} {
		if strings.HasPrefix(word, string(text)) {
			return true
		}
	}
	return validScalar(append(bytes.Clone(text), '0'))
}

// skipContainer moves pos past the object or array at pos. It checks that brackets match.
func (d *document) skipContainer() error {
	stack := d.stack[:0]
	i := d.pos
	for {
		buf := d.buf
		for i < len(buf) {
			c := buf[i]
			switch structural[c] {
			case 0:
				i++
			case 1: // quote
				n := stringEnd(buf, i+1)
				if n < 0 {
					goto refill
				}
				i = n
			case 2: // opening
				if len(stack)+len(d.frames) >= maxDepth {
					return d.damaged(i, tooDeep)
				}
				stack = append(stack, c)
				i++
			case 3: // closing
				if stack[len(stack)-1] != c-2 {
					return d.damagedIn(d.pos, buf[d.pos:i+1], fmt.Sprintf("unexpected %q", c))
				}
				stack = stack[:len(stack)-1]
				i++
				if len(stack) == 0 {
					d.pos, d.stack = i, stack
					return nil
				}
			}
		}
	refill:
		rel := i - d.keep
		if !d.more() {
			d.stack = stack
			return d.ended()
		}
		i = d.keep + rel
	}
}

// structural tells quotes (1), opening (2) and closing brackets (3) from the rest.
var structural = [256]byte{'"': 1, '{': 2, '[': 2, '}': 3, ']': 3}

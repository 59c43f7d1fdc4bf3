package arm

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds the nesting of values; ARM's own limits are far below.
const maxDepth = 500

// SyntaxError says where a file stops being JSON.
type SyntaxError struct {
	Line, Column int // from 1
	Offset       int // bytes
	Reason       string
}

// Error says what is wrong and where.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Reason)
}

// Read reads a JSON file the way ARM does, keeping every value's place: comments, trailing commas, line breaks in strings and a byte order
// mark are accepted and noted. The error is a *SyntaxError.
func Read(data []byte) (*Document, error) {
	d := &Document{Data: data, lines: NewLineIndex(data)}
	r := &reader{doc: d, data: data}
	if IsUTF16(data) {
		return nil, r.fail(0, WantUTF8)
	}
	if bytes.HasPrefix(data, []byte(BOM)) {
		r.pos = len(BOM)
	}
	if err := r.space(); err != nil {
		return nil, err
	}
	root, err := r.value(0)
	if err != nil {
		return nil, err
	}
	if err := r.space(); err != nil {
		return nil, err
	}
	if r.pos < len(data) {
		return nil, r.fail(r.pos, "text after the end of the JSON value")
	}
	d.Root = root
	return d, nil
}

// WantUTF8 says what to do with a file in UTF-16.
const WantUTF8 = "the file is UTF-16; save it as UTF-8"

// IsUTF16 reports whether a file begins as one in UTF-16 does.
func IsUTF16(data []byte) bool {
	return len(data) >= 2 && (data[0] == 0xff && data[1] == 0xfe || data[0] == 0xfe && data[1] == 0xff)
}

type reader struct {
	doc  *Document
	data []byte
	pos  int
}

func (r *reader) fail(offset int, reason string, args ...any) error {
	line, column := r.doc.Position(offset)
	return &SyntaxError{Line: line, Column: column, Offset: offset, Reason: fmt.Sprintf(reason, args...)}
}

func (r *reader) note(kind NoteKind, offset int, text string) {
	r.doc.Notes = append(r.doc.Notes, Note{Kind: kind, Offset: offset, Text: text})
}

// space skips blanks, comments and stray byte order marks.
func (r *reader) space() error {
	for r.pos < len(r.data) {
		rest := r.data[r.pos:]
		switch {
		case rest[0] == ' ' || rest[0] == '\t' || rest[0] == '\r' || rest[0] == '\n':
			r.pos++
		case bytes.HasPrefix(rest, []byte(BOM)):
			r.note(NoteBOM, r.pos, "")
			r.pos += len(BOM)
		case bytes.HasPrefix(rest, []byte("//")):
			r.note(NoteComment, r.pos, "")
			if n := bytes.IndexByte(rest, '\n'); n >= 0 {
				r.pos += n
			} else {
				r.pos = len(r.data)
			}
		case bytes.HasPrefix(rest, []byte("/*")):
			n := bytes.Index(rest[2:], []byte("*/"))
			if n < 0 {
				return r.fail(r.pos, "the comment has no end")
			}
			r.note(NoteComment, r.pos, "")
			r.pos += n + 4
		default:
			return nil
		}
	}
	return nil
}

func (r *reader) value(depth int) (*Node, error) {
	if depth > maxDepth {
		return nil, r.fail(r.pos, "nested deeper than %d levels", maxDepth)
	}
	if r.pos >= len(r.data) {
		return nil, r.fail(r.pos, "the file ends where a value should be")
	}
	switch c := r.data[r.pos]; {
	case c == '{':
		return r.object(depth)
	case c == '[':
		return r.array(depth)
	case c == '"':
		return r.text()
	case c == '-' || '0' <= c && c <= '9':
		return r.number()
	}
	for _, word := range [...]struct {
		text string
		kind Kind
	}{{"true", Bool}, {"false", Bool}, {"null", Null}} {
		if bytes.HasPrefix(r.data[r.pos:], []byte(word.text)) {
			n := &Node{Kind: word.kind, Start: r.pos, End: r.pos + len(word.text), Text: word.text}
			r.pos = n.End
			return n, nil
		}
	}
	c, _ := utf8.DecodeRune(r.data[r.pos:])
	return nil, r.fail(r.pos, "unexpected %q where a value should be", c)
}

func (r *reader) object(depth int) (*Node, error) {
	n := &Node{Kind: Object, Start: r.pos}
	r.pos++
	var seen map[string]bool
	for {
		comma := r.pos
		if err := r.space(); err != nil {
			return nil, err
		}
		if r.next('}') {
			if len(n.Members) > 0 {
				r.note(NoteTrailingComma, comma-1, "")
			}
			break
		}
		if r.pos >= len(r.data) || r.data[r.pos] != '"' {
			return nil, r.fail(r.pos, "expected a key in double quotes")
		}
		key, err := r.text()
		if err != nil {
			return nil, err
		}
		key.parent = n
		if err := r.space(); err != nil {
			return nil, err
		}
		if !r.next(':') {
			return nil, r.fail(r.pos, "expected a colon after key %q", key.Text)
		}
		if err := r.space(); err != nil {
			return nil, err
		}
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		v.parent, v.key = n, key.Text
		if seen == nil {
			seen = map[string]bool{}
		}
		if seen[key.Text] {
			r.note(NoteDuplicateKey, key.Start, key.Text)
		}
		seen[key.Text] = true
		n.Members = append(n.Members, Member{Key: key, Value: v})
		if err := r.space(); err != nil {
			return nil, err
		}
		if r.next('}') {
			break
		}
		if !r.next(',') {
			return nil, r.fail(r.pos, "expected a comma or } after the value of %q", key.Text)
		}
	}
	n.End = r.pos
	return n, nil
}

func (r *reader) array(depth int) (*Node, error) {
	n := &Node{Kind: Array, Start: r.pos}
	r.pos++
	for {
		comma := r.pos
		if err := r.space(); err != nil {
			return nil, err
		}
		if r.next(']') {
			if len(n.Items) > 0 {
				r.note(NoteTrailingComma, comma-1, "")
			}
			break
		}
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		v.parent, v.index = n, len(n.Items)
		n.Items = append(n.Items, v)
		if err := r.space(); err != nil {
			return nil, err
		}
		if r.next(']') {
			break
		}
		if !r.next(',') {
			return nil, r.fail(r.pos, "expected a comma or ] after item %d", len(n.Items))
		}
	}
	n.End = r.pos
	return n, nil
}

func (r *reader) next(c byte) bool {
	if r.pos < len(r.data) && r.data[r.pos] == c {
		r.pos++
		return true
	}
	return false
}

func (r *reader) number() (*Node, error) {
	start := r.pos
	for r.pos < len(r.data) && strings.IndexByte("+-.0123456789eE", r.data[r.pos]) >= 0 {
		r.pos++
	}
	text := string(r.data[start:r.pos])
	digits := strings.TrimPrefix(text, "-")
	if _, err := strconv.ParseFloat(text, 64); err != nil && !errors.Is(err, strconv.ErrRange) ||
		digits == "" || digits[0] < '0' || digits[0] > '9' || len(digits) > 1 && digits[0] == '0' && '0' <= digits[1] && digits[1] <= '9' {
		return nil, r.fail(start, "%q is not a JSON number", text)
	}
	return &Node{Kind: Number, Start: start, End: r.pos, Text: text}, nil
}

func (r *reader) text() (*Node, error) {
	start := r.pos
	r.pos++
	var b strings.Builder
	broken := false
	for {
		if r.pos >= len(r.data) {
			return nil, r.fail(start, "the string has no end")
		}
		switch c := r.data[r.pos]; {
		case c == '"':
			r.pos++
			return &Node{Kind: String, Start: start, End: r.pos, Text: b.String()}, nil
		case c == '\\':
			if err := r.escape(&b); err != nil {
				return nil, err
			}
		case c == '\n' || c == '\r':
			if !broken {
				r.note(NoteMultilineString, r.pos, "")
				broken = true
			}
			b.WriteByte(c)
			r.pos++
		case c < utf8.RuneSelf:
			b.WriteByte(c)
			r.pos++
		default:
			c, size := utf8.DecodeRune(r.data[r.pos:])
			b.WriteRune(c)
			r.pos += size
		}
	}
}

var escapes = map[byte]rune{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (r *reader) escape(b *strings.Builder) error {
	if r.pos+1 >= len(r.data) {
		return r.fail(r.pos, "the string has no end")
	}
	c := r.data[r.pos+1]
	if c != 'u' {
		plain, ok := escapes[c]
		if !ok {
			return r.fail(r.pos, "unknown escape \\%c in a string", c)
		}
		b.WriteRune(plain)
		r.pos += 2
		return nil
	}
	unit, ok := r.hex4(r.pos + 2)
	if !ok {
		return r.fail(r.pos, "\\u needs four hex digits")
	}
	r.pos += 6
	if utf16.IsSurrogate(unit) {
		if low, ok := r.hex4(r.pos + 2); ok && bytes.HasPrefix(r.data[r.pos:], []byte(`\u`)) {
			if pair := utf16.DecodeRune(unit, low); pair != utf8.RuneError {
				unit = pair
				r.pos += 6
			}
		}
	}
	b.WriteRune(unit) // a lone surrogate becomes U+FFFD
	return nil
}

func (r *reader) hex4(at int) (rune, bool) {
	if at < 0 || at+4 > len(r.data) {
		return 0, false
	}
	n, err := strconv.ParseUint(string(r.data[at:at+4]), 16, 16)
	return rune(n), err == nil
}

package source

import (
	"bytes"
	"errors"
	"io"
)

// form is how a JSON text is cut.
type form int

const (
	documentForm   form = iota // one document or several, across lines
	linesForm                  // one value or more on every line
	plainLinesForm             // as linesForm, and the lines are records, not wrappers
)

// maxFirstLine is how far NewJSON reads ahead for the end of the first line.
const maxFirstLine = 4 << 20

// readStart reads the start of r: at least HeadSize bytes and, when it may be JSON lines, one whole line.
func readStart(r io.Reader, into *containers, o JSONOptions) (head []byte, eof bool, err error) {
	head = getBuffer(max(o.BufferSize, HeadSize))
	for {
		head, eof, err = fill(r, head)
		if err != nil || eof || len(head) >= min(maxFirstLine, o.MaxValue) || bytes.IndexByte(bytes.TrimLeft(head, blanks), '\n') >= 0 || wrapped(head, into, o) {
			return head, eof, err
		}
		head = grow(r, head, maxFirstLine)
	}
}

// wrapped reports whether head begins with a list that has elements.
func wrapped(head []byte, into *containers, o JSONOptions) bool {
	d := newDocument(head, true, nil, into, o)
	_, err := d.next()
	return err == nil && len(d.frames) > 0
}

const blanks = " \t\r\n"

// maxFormLines is the number of lines jsonForm looks at.
const maxFormLines = 32

// jsonForm tells JSON lines from documents by the first lines.
//
// Lines are JSON lines when at least two begin with {, no line is followed by one that only the middle of a
// document can begin with, and none after the first is a lone bracket. Damaged lines do not spoil it.
func jsonForm(head []byte, eof bool, into *containers, o JSONOptions) form {
	var seen, whole int
	plain := true
	for seen < maxFormLines {
		head = bytes.TrimLeft(head, "\r\n")
		end := bytes.IndexByte(head, '\n')
		last := end < 0
		if last {
			end = len(head)
		}
		line := bytes.TrimRight(head[:end], blanks)
		if len(line) == 0 {
			if last {
				break
			}
			head = head[end+1:]
			continue
		}
		if last && !eof { // its rest is not known
			if line[0] == '{' || line[0] == '[' || line[0] == '"' {
				seen++
				break
			}
			return documentForm
		}
		d := newDocument(line, true, nil, into, o)
		switch state, wrapper := d.lineState(); state {
		case lineWhole:
			whole++
			plain = plain && !wrapper
		case lineCut:
			var next []byte
			if !last {
				next = head[end+1:]
			}
			if d.continues(line, next) {
				return documentForm
			}
		case lineBad:
			if line[0] != '{' && seen == 0 {
				return documentForm
			}
		}
		seen++
		if last {
			break
		}
		head = head[end+1:]
	}
	switch {
	case seen < 2:
		return documentForm
	case plain:
		return plainLinesForm
	}
	return linesForm
}

// lineWhole, lineCut and lineBad are the states of one line of JSON lines.
const (
	lineWhole = iota // one or more whole values
	lineCut          // the line ends inside a value
	lineBad          // no JSON
)

// lineState looks at the line that is all there is of d; wrapper tells that a whole line is not one record
// but a container, an array or several values.
func (d *document) lineState() (state int, wrapper bool) {
	line := d.buf
	values := 0
	for {
		v, err := d.next()
		var damaged *DamagedError
		switch {
		case errors.Is(err, io.EOF):
			return lineWhole, wrapper || values != 1
		case errors.As(err, &damaged) && d.truncated:
			return lineCut, false
		case err != nil:
			return lineBad, false
		}
		values++
		wrapper = wrapper || v.Path != "" || len(v.Bytes) != len(line) || line[0] != '{'
	}
}

// continues reports whether next, the text after a line that ends inside a value with inner as innermost
// open bracket, can be the continuation of a document rather than the line after a damaged one.
func (d *document) continues(line, next []byte) bool {
	next = bytes.TrimLeft(next, "\r\n")
	if len(next) == 0 {
		return false
	}
	switch next[0] {
	case ' ', '\t', '"', '}', ']', ',', ':': // no line of JSON lines begins so
		return true
	}
	switch last := line[len(line)-1]; {
	case d.inner == '[' && (last == '[' || last == ','): // an array with one element per line
		return true
	case last == ':' && (next[0] == '{' || next[0] == '['):
		sub := newDocument(bytes.TrimSpace(next[:nextByte(next, 0, '\n')]), true, nil, d.into, JSONOptions{MaxValue: d.max})
		state, _ := sub.lineState()
		return state != lineWhole
	case last == ':':
		return true
	}
	return false
}

// errDocument tells that the text is not JSON lines from the current line on.
var errDocument = errors.New("not JSON lines")

// jsonLines reads JSON lines one by one; each line is a little document of its own.
type jsonLines struct {
	text  *Lines
	into  *containers
	o     JSONOptions
	plain bool
	line  Line
	doc   *document // of the current line
	begun bool      // the current line is not at its end
}

func newJSONLines(head []byte, eof bool, r io.Reader, into *containers, o JSONOptions) *jsonLines {
	text := &Lines{r: r, max: o.MaxValue, size: o.BufferSize, buf: head, eof: eof, number: 1}
	return &jsonLines{text: text, into: into, o: o, doc: newDocument(nil, true, nil, into, o)}
}

func (l *jsonLines) next() (Value, error) {
	for {
		if !l.begun {
			line, err := l.text.Next()
			if err != nil {
				return Value{}, err
			}
			l.line, l.begun = line, true
			l.doc.reset(line.Bytes, line.Offset, line.Number)
		}
		v, err := l.doc.next()
		if err == nil {
			v.Unterminated = l.line.Unterminated
			return v, nil
		}
		l.begun = false
		if errors.Is(err, io.EOF) {
			continue
		}
		var damaged *DamagedError
		if errors.As(err, &damaged) {
			if l.doc.truncated && !l.doc.yielded && !l.line.Unterminated {
				next, err := l.text.peek(&l.line)
				if err != nil {
					return Value{}, err
				}
				if l.doc.continues(bytes.TrimRight(l.line.Bytes, blanks), next) {
					return Value{}, errDocument
				}
			}
			damaged.Final = false
			damaged.Partial = l.line.Unterminated
			if l.doc.truncated {
				damaged.Reason = "the line ends inside a value"
			}
		}
		return Value{}, err
	}
}

// document returns a reader that starts again at the current line.
func (l *jsonLines) document() *document {
	t := l.text
	from := int(l.line.Offset - t.offset)
	d := newDocument(t.buf[from:], t.eof, t.r, l.into, l.o)
	d.base, d.line = l.line.Offset, l.line.Number
	return d
}

// peek returns what stands in the buffer after line, the last one returned, reading more when that is
// nothing. It moves line with the buffer.
func (l *Lines) peek(line *Line) ([]byte, error) {
	if l.pos < len(l.buf) || l.eof {
		return l.buf[l.pos:], nil
	}
	next, size := l.pos, len(line.Bytes)
	l.pos = int(line.Offset - l.offset)
	next -= l.pos
	if err := l.more(); err != nil {
		return nil, l.fail(err)
	}
	l.pos, line.Bytes = next, l.buf[:size]
	return l.buf[l.pos:], nil
}

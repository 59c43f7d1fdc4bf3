package source

import (
	"bytes"
	"io"
)

// LineOptions changes how NewLines reads.
type LineOptions struct {
	BufferSize int // 1 MB when 0
	MaxLine    int // largest line in bytes, MaxRecord when 0
}

// Line is one line of text.
type Line struct {
	Bytes        []byte // without its line end; valid until the next call of Next
	Number       int64  // from 1
	Offset       int64  // byte offset of its start in the decoded text
	Unterminated bool   // the last line, without a line end
}

// Lines reads text line by line; lines may be as long as MaxRecord.
type Lines struct {
	r      io.Reader
	max    int
	size   int // of a buffer
	buf    []byte
	pos    int
	offset int64 // of buf[0]
	number int64 // of the line at pos
	eof    bool
	err    error
}

// NewLines returns a reader of the lines of r.
func NewLines(r io.Reader, o LineOptions) *Lines {
	if o.BufferSize <= 0 {
		o.BufferSize = defaultBlock
	}
	if o.MaxLine <= 0 {
		o.MaxLine = MaxRecord
	}
	return &Lines{r: r, max: o.MaxLine, size: o.BufferSize, buf: getBuffer(o.BufferSize), number: 1}
}

// Next returns the next line, blank ones too, or io.EOF. A line above the limit is a *TooLongError, which is final.
func (l *Lines) Next() (Line, error) {
	if l.err != nil {
		return Line{}, l.err
	}
	seen := l.pos
	for {
		if i := bytes.IndexByte(l.buf[seen:], '\n'); i >= 0 {
			return l.take(seen+i, seen+i+1), nil
		}
		seen = len(l.buf)
		if l.eof {
			if l.pos == len(l.buf) {
				return Line{}, l.fail(io.EOF)
			}
			line := l.take(len(l.buf), len(l.buf))
			line.Unterminated = true
			return line, nil
		}
		if len(l.buf)-l.pos >= l.max {
			return Line{}, l.fail(&TooLongError{What: "line", Line: l.number, Limit: l.max})
		}
		seen -= l.pos
		if err := l.more(); err != nil {
			return Line{}, l.fail(err)
		}
	}
}

func (l *Lines) take(end, next int) Line {
	line := Line{Bytes: trimCR(l.buf[l.pos:end]), Number: l.number, Offset: l.offset + int64(l.pos)}
	l.pos = next
	l.number++
	return line
}

// more moves the current line to the start of the buffer and fills the rest.
func (l *Lines) more() (err error) {
	l.offset += int64(l.pos)
	l.buf = append(l.buf[:0], l.buf[l.pos:]...)
	l.pos = 0
	if len(l.buf) == cap(l.buf) {
		l.buf = grow(l.r, l.buf, l.max)
	}
	l.buf, l.eof, err = fill(l.r, l.buf)
	return err
}

func (l *Lines) fail(err error) error {
	l.err = err
	putBuffer(l.buf)
	l.buf, l.pos = nil, 0
	return err
}

package source

import (
	"bytes"
	"errors"
	"io"
	"sync"
)

// JSONBlock is a run of JSON elements. It owns its memory and may be used on any one goroutine.
type JSONBlock struct {
	data []byte

	// values of a block that was cut into elements; Each sets their Bytes from ends
	values []Value
	ends   []int

	// a block of JSON lines is cut by Each
	plain        bool
	line, offset int64
	unterminated bool
}

// NextBlock returns about 1 MB of consecutive elements, or io.EOF. In JSON lines of plain records only line
// ends are looked for: every line that is not blank is an element, which may turn out damaged when it is
// parsed. Damaged lines that this package finds are values with Damaged set; other errors are final and
// come after the elements before them.
func (j *JSON) NextBlock() (*JSONBlock, error) {
	if j.err == nil && !j.pending && j.lines != nil && j.lines.plain {
		b, err := j.lines.block()
		if err != nil {
			j.err = err
			return nil, err
		}
		return b, nil
	}
	b := newJSONBlock()
	b.data = getBuffer(j.block)
	for {
		var v Value
		if j.pending {
			v, j.pending = j.held, false
		} else {
			var err error
			if v, err = j.Next(); err != nil {
				var damaged *DamagedError
				if !errors.As(err, &damaged) || damaged.Final {
					if len(b.values) > 0 {
						return b, nil // the error comes with the next call
					}
					b.Release()
					return nil, err
				}
				v = Value{Record: damaged.Record, Line: damaged.Line, Offset: damaged.Offset, Damaged: damaged}
			}
		}
		if len(b.values) > 0 && len(b.data)+len(v.Bytes) > cap(b.data) {
			j.pending, j.held = true, v // its bytes stay valid: nothing is read before the next call takes it
			return b, nil
		}
		b.data = append(b.data, v.Bytes...)
		v.Bytes = nil
		b.values = append(b.values, v)
		b.ends = append(b.ends, len(b.data))
	}
}

// Each calls fn for every element in order; Bytes are valid until Release. It stops at the first error of
// fn and returns it.
func (b *JSONBlock) Each(fn func(Value) error) error {
	if b.plain {
		return b.eachLine(fn)
	}
	start := 0
	for i, v := range b.values {
		v.Bytes = b.data[start:b.ends[i]]
		start = b.ends[i]
		if err := fn(v); err != nil {
			return err
		}
	}
	return nil
}

func (b *JSONBlock) eachLine(fn func(Value) error) error {
	line := b.line
	for pos := 0; pos < len(b.data); line++ {
		end := nextByte(b.data, pos, '\n')
		text := bytes.TrimSpace(b.data[pos:end])
		if len(text) > 0 && text[0] == utf8BOM[0] {
			text = bytes.TrimSpace(bytes.TrimPrefix(text, utf8BOM))
		}
		if len(text) > 0 {
			column := characters(b.data[pos:cap(b.data)-cap(text)]) + 1
			v := Value{Bytes: text, Record: line, Line: line, Column: column, Offset: b.offset + int64(pos)}
			v.Unterminated = b.unterminated && end == len(b.data)
			if err := fn(v); err != nil {
				return err
			}
		}
		pos = end + 1
	}
	return nil
}

// Size returns the bytes of text in the block.
func (b *JSONBlock) Size() int { return len(b.data) }

// Release gives the memory of the block back. Neither the block nor its values may be used afterwards.
func (b *JSONBlock) Release() {
	putBuffer(b.data)
	clear(b.values)
	*b = JSONBlock{values: b.values[:0], ends: b.ends[:0]}
	jsonBlocks.Put(b)
}

// jsonBlocks holds released blocks for the sake of their lists.
var jsonBlocks = sync.Pool{New: func() any { return new(JSONBlock) }}

func newJSONBlock() *JSONBlock { return jsonBlocks.Get().(*JSONBlock) }

// block returns the next lines whole.
func (l *jsonLines) block() (*JSONBlock, error) {
	data, first, offset, unterminated, err := l.text.block()
	if err != nil {
		return nil, err
	}
	b := newJSONBlock()
	b.data, b.plain, b.line, b.offset, b.unterminated = data, true, first, offset, unterminated
	return b, nil
}

// block hands over all whole lines in the buffer together with the buffer.
func (l *Lines) block() (data []byte, first, offset int64, unterminated bool, err error) {
	for {
		if l.err != nil {
			return nil, 0, 0, false, l.err
		}
		if !l.eof && l.pos == 0 && len(l.buf) < cap(l.buf) || l.pos == len(l.buf) && !l.eof {
			if err := l.more(); err != nil {
				return nil, 0, 0, false, l.fail(err)
			}
		}
		end := bytes.LastIndexByte(l.buf[l.pos:], '\n') + 1
		if l.eof {
			if l.pos == len(l.buf) {
				return nil, 0, 0, false, l.fail(io.EOF)
			}
			unterminated = l.pos+end < len(l.buf)
			end = len(l.buf) - l.pos
		}
		if end == 0 {
			if len(l.buf)-l.pos >= l.max {
				return nil, 0, 0, false, l.fail(&TooLongError{What: "line", Line: l.number, Limit: l.max})
			}
			if err := l.more(); err != nil {
				return nil, 0, 0, false, l.fail(err)
			}
			continue
		}
		whole, rest := l.buf[:l.pos+end], l.buf[l.pos+end:]
		data, first, offset = whole[l.pos:], l.number, l.offset+int64(l.pos)
		l.number += int64(bytes.Count(data, newline))
		l.offset += int64(len(whole))
		l.buf, l.pos = nil, 0
		if !l.eof {
			l.buf = append(getBuffer(max(l.size, len(rest)+1)), rest...)
		}
		return data, first, offset, unterminated, nil
	}
}

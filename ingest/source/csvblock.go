package source

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// Block is a stretch of whole CSV records. It owns its memory and may be used on any one goroutine.
type Block struct {
	FirstRecord int64 // number of its first data record, from 1
	FirstLine   int64 // line where it begins, from 1
	Records     int64 // data records in it, at least 1

	data    []byte
	delim   byte
	fields  [][]byte
	scratch []byte // unescaped fields of the current record
}

// Size returns the bytes of text in the block.
func (b *Block) Size() int { return len(b.data) }

// Release gives the memory of the block back. Neither the block nor its fields may be used afterwards.
func (b *Block) Release() {
	putBuffer(b.data)
	b.data = nil
}

// Each splits the block and calls fn for every record with its number, the line where it begins and its
// fields, which are valid during the call only. A record has as many fields as it has; comparing that with
// the header is up to the caller. Each stops at the first error of fn and returns it.
func (b *Block) Each(fn func(record, line int64, fields [][]byte) error) error {
	var (
		data   = b.data
		record = b.FirstRecord
		line   = b.FirstLine
		quote  = nextByte(data, 0, '"') // next quote at or after the current position
	)
	for pos := 0; pos < len(data); {
		if data[pos] == utf8BOM[0] && bytes.HasPrefix(data[pos:], utf8BOM) {
			pos += len(utf8BOM)
		}
		end := nextByte(data, pos, '\n')
		if quote < pos {
			quote = nextByte(data, pos, '"')
		}
		lines := int64(1)
		if quote >= end {
			text := data[pos:end]
			if n := len(text); n > 0 && text[n-1] == '\r' {
				text = text[:n-1]
			}
			pos = end + 1
			if len(text) == 0 {
				line++
				continue
			}
			b.fields = split(b.fields[:0], text, b.delim)
		} else {
			start := pos
			pos, quote = b.quoted(pos, end, quote)
			lines = int64(bytes.Count(data[start:min(pos, len(data))], newline))
		}
		if err := fn(record, line, b.fields); err != nil {
			return err
		}
		record++
		line += lines
	}
	return nil
}

// quoted splits the record at pos, which holds a quote, into b.fields. end is the next line end and quote
// the next quote; it returns the position after the record and a lower bound of the next quote.
func (b *Block) quoted(pos, end, quote int) (next, nextQuote int) {
	data := b.data
	b.fields, b.scratch = b.fields[:0], b.scratch[:0]
	for {
		if quote < pos {
			quote = nextByte(data, pos, '"')
		}
		if pos == end || quote > pos { // unquoted fields as far as the next quote that opens one
			for quote < end && data[quote-1] != b.delim {
				quote = nextByte(data, quote+1, '"')
			}
			if quote >= end {
				b.fields = split(b.fields, trimCR(data[pos:end]), b.delim)
				return end + 1, quote
			}
			b.fields = split(b.fields, data[pos:quote-1], b.delim)
			pos = quote
		}
		field, after := b.unquote(pos + 1)
		if after > end {
			end = nextByte(data, after, '\n')
		}
		stop := after
		if after < len(data) && data[after] != b.delim && data[after] != '\n' { // text after the closing quote
			if i := bytes.IndexByte(data[after:end], b.delim); i >= 0 {
				stop = after + i
			} else {
				stop = end
			}
			text := data[after:stop]
			if stop == end {
				text = trimCR(text)
			}
			if len(text) > 0 {
				from := len(b.scratch)
				b.scratch = append(append(b.scratch, field...), text...)
				field = b.scratch[from:]
			}
		}
		b.fields = append(b.fields, field)
		if stop >= end {
			return end + 1, quote
		}
		pos = stop + 1
	}
}

// unquote returns the content that starts after an opening quote, and the position after the closing one.
func (b *Block) unquote(from int) (field []byte, after int) {
	data := b.data
	q := from
	for escaped, start := false, len(b.scratch); ; {
		q = nextByte(data, q, '"')
		if q+1 < len(data) && data[q+1] == '"' {
			b.scratch = append(b.scratch, data[from:q+1]...)
			q += 2
			from, escaped = q, true
			continue
		}
		field = data[from:q]
		if escaped {
			b.scratch = append(b.scratch, field...)
			field = b.scratch[start:]
		}
		return field, min(q+1, len(data))
	}
}

// split appends the fields of text, which has no quoted ones. It looks at eight bytes at a time: the fields
// of an export are too short (12 bytes on average) for a call of bytes.IndexByte each.
func split(fields [][]byte, text []byte, delim byte) [][]byte {
	const (
		ones = 0x0101010101010101
		low7 = 0x7f7f7f7f7f7f7f7f
	)
	pattern := uint64(delim) * ones
	start, i := 0, 0
	for ; i+8 <= len(text); i += 8 {
		x := binary.LittleEndian.Uint64(text[i:]) ^ pattern
		// 0x80 in every byte of x that is zero, that is, where text holds the delimiter
		for hits := ^((x&low7 + low7) | x | low7); hits != 0; hits &= hits - 1 {
			at := i + bits.TrailingZeros64(hits)>>3
			fields = append(fields, text[start:at])
			start = at + 1
		}
	}
	for ; i < len(text); i++ {
		if text[i] == delim {
			fields = append(fields, text[start:i])
			start = i + 1
		}
	}
	return append(fields, text[start:])
}

func trimCR(text []byte) []byte {
	if n := len(text); n > 0 && text[n-1] == '\r' {
		return text[:n-1]
	}
	return text
}

// nextByte returns the index of c at or after from, or len(data).
func nextByte(data []byte, from int, c byte) int {
	if from >= len(data) {
		return len(data)
	}
	if i := bytes.IndexByte(data[from:], c); i >= 0 {
		return from + i
	}
	return len(data)
}

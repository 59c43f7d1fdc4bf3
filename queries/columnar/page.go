package columnar

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"github.com/apache/arrow/go/v15/parquet/metadata"
)

// encoded is a finished column chunk: its pages, compressed, and what the file's footer says about it.
type encoded struct {
	buf          []byte
	dataAt       int // offset of the first data page in buf
	hasDict      bool
	encoding     int // of the data pages
	uncompressed int64
	values       int64 // levels: rows, or elements and empty lists
	stats        metadata.EncodedStatistics
}

// encoder turns chunks into pages. It keeps its scratch memory; each goroutine has its own.
type encoder struct {
	compress func(dst, src []byte) []byte
	page     []byte
	packed   []byte
	levels   []uint32
	reps     []uint32
	codes    []uint32
}

// Plain data are cut into pages of about this size; data pages of dictionary codes are small enough to stay whole.
const pageBytes = 1 << 20

// encode writes the chunk into e, whose buffer is used again.
func (x *encoder) encode(k *chunk, e *encoded) {
	*e = encoded{buf: e.buf[:0], values: int64(k.rows)}
	if k.typ == StringList {
		x.encodeList(k, e)
		return
	}
	x.levels, x.codes = x.levels[:0], x.codes[:0]
	codes, nulls := k.codes, 0
	switch {
	case !k.uniform:
		for _, c := range codes {
			if c == nullCode {
				nulls++
			}
		}
	case k.code == nullCode:
		nulls = k.rows
	}
	e.stats.SetNullCount(int64(nulls))
	k.bounds(&e.stats)
	switch {
	case k.typ == Bool:
		x.plain(k, e)
	case nulls == k.rows:
		x.page = appendUniformLevel(x.page[:0], 0, k.rows, 1)
		e.encoding = encPlain
		x.flush(e, pageData, k.rows, encPlain)
	case x.worthDictionary(k):
		x.dictionary(k, e)
		x.page = x.page[:0]
		width := max(1, bits.Len32(uint32(k.len()-1)))
		if k.uniform {
			x.page = appendUniformLevel(x.page, 1, k.rows, 1)
			x.page = append(x.page, byte(width))
			x.page = appendRun(x.page, k.code-1, k.rows, width)
		} else {
			x.page = x.split(x.page, codes, nulls)
			x.page = append(x.page, byte(width))
			x.page = appendHybrid(x.page, x.codes, width)
		}
		x.flush(e, pageData, k.rows, encRLEDictionary)
	default:
		x.plain(k, e)
	}
}

// split appends the definition levels of the rows to dst and leaves the codes of those that are not NULL, counted from 0, in x.codes.
func (x *encoder) split(dst []byte, codes []uint32, nulls int) []byte {
	x.codes = x.codes[:0]
	if nulls == 0 {
		for _, c := range codes {
			x.codes = append(x.codes, c-1)
		}
		return appendUniformLevel(dst, 1, len(codes), 1)
	}
	x.levels = x.levels[:0]
	for _, c := range codes {
		if c == nullCode {
			x.levels = append(x.levels, 0)
			continue
		}
		x.levels = append(x.levels, 1)
		x.codes = append(x.codes, c-1)
	}
	return appendLevels(dst, x.levels, 1)
}

func (k *chunk) len() int { return max(k.texts.len(), len(k.nums.values)) }

func (k *chunk) width() int {
	switch k.typ {
	case Date:
		return 4
	case Decimal, Ratio:
		return decimalBytes
	}
	return 8
}

// worthDictionary compares dictionary and codes with plain values.
func (x *encoder) worthDictionary(k *chunk) bool {
	n := k.len()
	if k.texts.raw || k.nums.raw {
		return false
	}
	if k.uniform || n < k.rows/4 {
		return true
	}
	dict, plain := n*k.width(), len(k.codes)*k.width()
	if k.typ == String {
		dict, plain = len(k.texts.data), 0
		for _, c := range k.codes {
			if c != nullCode {
				plain += int(k.texts.ends[c] - k.texts.ends[c-1])
			}
		}
	}
	return dict+len(k.codes)*bits.Len32(uint32(n))/8 < plain/10*9
}

// dictionary writes the dictionary page.
func (x *encoder) dictionary(k *chunk, e *encoded) {
	e.hasDict = true
	if k.typ == String || k.typ == StringList {
		x.flushPage(e, pageDictionary, k.texts.len(), encPlain, k.texts.data)
	} else {
		x.page = x.page[:0]
		for _, v := range k.nums.values {
			x.page = k.appendNumber(x.page, v)
		}
		x.flush(e, pageDictionary, len(k.nums.values), encPlain)
	}
	e.dataAt = len(e.buf)
}

func (k *chunk) appendNumber(dst []byte, v Dec) []byte {
	switch k.typ {
	case Decimal, Ratio:
		dst = binary.BigEndian.AppendUint64(dst, uint64(v.HighBits()))
		return binary.BigEndian.AppendUint64(dst, v.LowBits())
	case Date:
		return binary.LittleEndian.AppendUint32(dst, uint32(v.LowBits()))
	}
	return binary.LittleEndian.AppendUint64(dst, v.LowBits())
}

// plain writes pages without a dictionary.
func (x *encoder) plain(k *chunk, e *encoded) {
	e.encoding = encPlain
	if k.uniform {
		k.spread()
	}
	for codes := k.codes; len(codes) > 0; {
		n := k.pageRows(codes)
		missing := 0
		for _, c := range codes[:n] {
			if c == nullCode {
				missing++
			}
		}
		x.page = x.split(x.page[:0], codes[:n], missing)
		switch k.typ {
		case String:
			for _, c := range x.codes {
				x.page = append(x.page, k.texts.plain(c+1)...)
			}
		case Bool:
			for i, c := range x.codes {
				if i%8 == 0 {
					x.page = append(x.page, 0)
				}
				x.page[len(x.page)-1] |= byte(k.nums.values[c].LowBits()) << (i % 8)
			}
		default:
			for _, c := range x.codes {
				x.page = k.appendNumber(x.page, k.nums.values[c])
			}
		}
		x.flush(e, pageData, n, encPlain)
		codes = codes[n:]
	}
}

// pageRows returns how many of the rows make a page.
func (k *chunk) pageRows(codes []uint32) int {
	if k.typ != String {
		return min(len(codes), pageBytes/decimalBytes)
	}
	size := 0
	for i, c := range codes {
		if c != nullCode {
			size += int(k.texts.ends[c] - k.texts.ends[c-1])
		}
		if size >= pageBytes {
			return i + 1
		}
	}
	return len(codes)
}

// encodeList writes a list column: repetition level 0 starts a row; definition level 0 is NULL, 1 an empty list, 2 an element.
func (x *encoder) encodeList(k *chunk, e *encoded) {
	k.spread()
	x.reps, x.levels, x.codes = x.reps[:0], x.levels[:0], x.codes[:0]
	for _, n := range k.codes {
		switch n {
		case 0, 1:
			x.reps, x.levels = append(x.reps, 0), append(x.levels, n)
		default:
			for i := range n - 1 {
				x.reps, x.levels = append(x.reps, min(i, 1)), append(x.levels, 2)
			}
		}
	}
	e.values = int64(len(x.reps))
	e.encoding = encPlain
	if len(k.elems) > 0 {
		x.dictionary(k, e)
		e.encoding = encRLEDictionary
	}
	x.page = appendLevels(x.page[:0], x.reps, 1)
	x.page = appendLevels(x.page, x.levels, 2)
	if len(k.elems) > 0 {
		for _, c := range k.elems {
			x.codes = append(x.codes, c-1)
		}
		width := max(1, bits.Len32(uint32(k.texts.len()-1)))
		x.page = append(x.page, byte(width))
		x.page = appendHybrid(x.page, x.codes, width)
	}
	x.flush(e, pageData, len(x.reps), e.encoding)
}

func (x *encoder) flush(e *encoded, kind, values, encoding int) {
	x.flushPage(e, kind, values, encoding, x.page)
}

func (x *encoder) flushPage(e *encoded, kind, values, encoding int, body []byte) {
	x.packed = x.compress(x.packed[:0], body)
	at := len(e.buf)
	e.buf = appendPageHeader(e.buf, kind, len(body), len(x.packed), values, encoding)
	e.uncompressed += int64(len(e.buf) - at + len(body))
	e.buf = append(e.buf, x.packed...)
	if kind == pageData {
		e.encoding = encoding
	}
}

// Longer bounds cost more in every footer than they save in skipped row groups.
const maxBound = 256

// bounds finds the least and the greatest value for the footer, by which readers skip row groups.
func (k *chunk) bounds(s *metadata.EncodedStatistics) {
	if k.typ == String {
		if k.texts.len() == 0 {
			return
		}
		least, most := k.texts.at(1), k.texts.at(1)
		for c := 2; c <= k.texts.len(); c++ {
			v := k.texts.at(uint32(c))
			if bytes.Compare(v, least) < 0 {
				least = v
			} else if bytes.Compare(v, most) > 0 {
				most = v
			}
		}
		if len(least) <= maxBound && len(most) <= maxBound {
			// Copies: the chunk's memory is used again before the footer is written.
			s.SetMin(append([]byte{}, least...)).SetMax(append([]byte{}, most...))
		}
		return
	}
	if len(k.nums.values) == 0 {
		return
	}
	least, most := k.nums.values[0], k.nums.values[0]
	for _, v := range k.nums.values[1:] {
		if v.Less(least) {
			least = v
		} else if most.Less(v) {
			most = v
		}
	}
	if k.typ == Bool {
		s.SetMin([]byte{byte(least.LowBits())}).SetMax([]byte{byte(most.LowBits())})
		return
	}
	s.SetMin(k.appendNumber(nil, least)).SetMax(k.appendNumber(nil, most))
}

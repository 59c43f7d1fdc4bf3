package evidence

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"
)

func lowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c | 0x20
	}
	return c
}

func isAlnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isHex(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

// appendLower appends b in lower case; names outside ASCII exist in ids. It looks at eight bytes at a time, for ids are a good part
// of all bytes that are kept.
func appendLower(dst, b []byte) []byte {
	const (
		ones = 0x0101010101010101
		high = 0x80 * ones
	)
	from := len(dst)
	dst = append(dst, b...)
	text := dst[from:]
	for len(text) >= 8 {
		w := binary.LittleEndian.Uint64(text)
		if w&high != 0 {
			return append(dst[:from], bytes.ToLower(b)...)
		}
		atLeastA := w + (0x80-'A')*ones // the high bit of each byte tells; nothing carries over, for all bytes are ASCII
		aboveZ := w + (0x80-'Z'-1)*ones
		w |= (atLeastA &^ aboveZ & high) >> 2
		binary.LittleEndian.PutUint64(text, w)
		text = text[8:]
	}
	for i, c := range text {
		if c >= utf8.RuneSelf {
			return append(dst[:from], bytes.ToLower(b)...)
		}
		text[i] = lowerByte(c)
	}
	return dst
}

// trim cuts ASCII white space off both ends.
func trim(b []byte) []byte {
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && isSpace(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

// equalFold compares ASCII texts without case; lower must be in lower case.
func equalFold(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i := 0; i < len(b); i++ {
		if lowerByte(b[i]) != lower[i] {
			return false
		}
	}
	return true
}

// indexFold is bytes.Index without ASCII case; lower must be in lower case and not empty.
func indexFold(b []byte, lower string) int {
	first, upper := lower[0], lower[0]
	if 'a' <= first && first <= 'z' {
		upper = first &^ 0x20
	}
	for i := 0; i+len(lower) <= len(b); i++ {
		if (b[i] == first || b[i] == upper) && equalFold(b[i:i+len(lower)], lower) {
			return i
		}
	}
	return -1
}

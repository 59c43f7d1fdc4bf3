package azure

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"
)

// LowerByte folds the case of an ASCII letter.
func LowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c | 0x20
	}
	return c
}

// IsDigit reports whether c is one of 0-9.
func IsDigit(c byte) bool { return '0' <= c && c <= '9' }

// IsHex reports whether c is a hex digit of either case.
func IsHex(c byte) bool { return IsDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

// IsAlnum reports whether c is an ASCII letter or digit.
func IsAlnum(c byte) bool { return IsDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'z' }

// IsSpace reports whether c is ASCII white space.
func IsSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

// Trim cuts blanks and control characters off both ends.
func Trim(b []byte) []byte {
	if len(b) > 0 && b[0] > ' ' && b[len(b)-1] > ' ' {
		return b
	}
	for len(b) > 0 && b[0] <= ' ' {
		b = b[1:]
	}
	for len(b) > 0 && b[len(b)-1] <= ' ' {
		b = b[:len(b)-1]
	}
	return b
}

// Lower returns s with A-Z in lower case and everything else unchanged: lengths and offsets stay, and every engine folds alike.
func Lower(s string) string {
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				b[i] = LowerByte(b[i])
			}
			return string(b)
		}
	}
	return s
}

// AppendLower appends b in lower case, including letters outside ASCII, which names of resources may have. It works on eight bytes at a time,
// because ids are a large part of all the bytes that are kept.
func AppendLower(dst, b []byte) []byte {
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
		text[i] = LowerByte(c)
	}
	return dst
}

// AppendUpper appends b with a-z in upper case and everything else unchanged.
func AppendUpper(dst, b []byte) []byte {
	for _, c := range b {
		if 'a' <= c && c <= 'z' {
			c &^= 0x20
		}
		dst = append(dst, c)
	}
	return dst
}

// EqualFold compares two texts without regard to ASCII case; lower is in lower case.
func EqualFold(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i := 0; i < len(b); i++ {
		if LowerByte(b[i]) != lower[i] {
			return false
		}
	}
	return true
}

// IndexFold is bytes.Index without regard to ASCII case; lower is in lower case and not empty.
func IndexFold(b []byte, lower string) int {
	first, upper := lower[0], lower[0]
	if 'a' <= first && first <= 'z' {
		upper = first &^ 0x20
	}
	for i := 0; i+len(lower) <= len(b); i++ {
		if (b[i] == first || b[i] == upper) && EqualFold(b[i:i+len(lower)], lower) {
			return i
		}
	}
	return -1
}

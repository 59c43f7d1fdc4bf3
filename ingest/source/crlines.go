package source

import (
	"bytes"
	"io"
)

// endsWithCR reports whether the first line of a text, outside quotes, ends with a CR that no LF follows; known tells that the text
// holds the end of a line.
func endsWithCR(text []byte) (cr, known bool) {
	quoted := false
	for i, c := range text {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\n':
			return false, true
		case c == '\r' && i+1 < len(text):
			return text[i+1] != '\n', true
		}
	}
	return false, false
}

// crLines gives the text of r with LF for every line end, be it CR, LF or CRLF, also inside quotes: it is for texts in which
// CR alone ends a line.
type crLines struct {
	r     io.Reader
	wasCR bool // the last byte that was read is a CR
}

// Read fills p. A read that held nothing but the LF of a CRLF gives no bytes and no error.
func (l *crLines) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	return l.translate(p[:n]), err
}

// translate changes text in place and returns its new length.
func (l *crLines) translate(text []byte) int {
	out := text[:0]
	for i := 0; i < len(text); {
		if l.wasCR {
			l.wasCR = false
			if text[i] == '\n' {
				i++
				continue
			}
		}
		end := i + bytes.IndexByte(text[i:], '\r')
		if end < i {
			out = append(out, text[i:]...)
			break
		}
		out = append(append(out, text[i:end]...), '\n')
		l.wasCR = true
		i = end + 1
	}
	return len(out)
}

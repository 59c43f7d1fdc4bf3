package source

import (
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// utf8Reader passes UTF-8 through and reads every byte that is not part of it as Windows-1252. What it
// returns does not depend on how the input is cut into reads.
type utf8Reader struct {
	r       io.Reader
	foreign *int64
	held    []byte // start of a character whose rest is in the next read
	out     []byte // converted text not yet returned
	err     error  // to be returned after out
}

func (u *utf8Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for {
		if len(u.out) > 0 {
			n := copy(p, u.out)
			u.out = u.out[n:]
			return n, nil
		}
		if u.err != nil {
			return 0, u.err
		}
		if len(p) <= utf8.UTFMax { // too small to hold a character back
			var b [64]byte
			if n, err := u.fill(b[:]); n > 0 || err != nil {
				u.out, u.err = append([]byte(nil), b[:n]...), err
			}
			continue
		}
		if n, err := u.fill(p); n > 0 || err != nil {
			u.err = err
			if n > 0 {
				return n, nil
			}
		}
	}
}

// fill reads once into p; text that has to be converted is left in u.out. len(p) > utf8.UTFMax.
func (u *utf8Reader) fill(p []byte) (int, error) {
	n := copy(p, u.held)
	u.held = u.held[:0]
	k, err := u.r.Read(p[n:])
	n += k
	if err == nil {
		if cut := incomplete(p[:n]); cut > 0 {
			u.held = append(u.held, p[n-cut:n]...)
			n -= cut
		}
	}
	if utf8.Valid(p[:n]) {
		return n, err
	}
	u.out = u.convert(p[:n])
	u.err = err
	return 0, nil
}

// incomplete returns the length of a character that has begun but not ended at the end of b.
func incomplete(b []byte) int {
	for i := 1; i < utf8.UTFMax && i <= len(b); i++ {
		if c := b[len(b)-i]; utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(b[len(b)-i:]) {
				return i
			}
			return 0
		}
	}
	return 0
}

func (u *utf8Reader) convert(b []byte) []byte {
	out := make([]byte, 0, len(b)+len(b)/8)
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && size == 1 {
			*u.foreign++
			out = utf8.AppendRune(out, charmap.Windows1252.DecodeByte(b[0]))
		} else {
			out = append(out, b[:size]...)
		}
		b = b[size:]
	}
	return out
}

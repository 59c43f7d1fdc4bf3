package bicep

import (
	"errors"
	"strings"

	"github.com/pidledger/pidledger/cmd/template/arm"
)

type lexKind uint8

const (
	lexEnd lexKind = iota
	lexLine
	lexName
	lexNumber
	lexText
	lexMark
)

// lexeme is one token of Bicep.
type lexeme struct {
	kind    lexKind
	text    string // lexText without interpolation: its value
	pieces  []lexPiece
	at, end int
}

// lexPiece is a part of a string: a literal, or code between from and to.
type lexPiece struct {
	lit      string
	from, to int // code when to > 0
}

var errSource = errors.New("not understood")

type lexer struct {
	s     string
	pos   int
	depth int // of interpolations
}

func (l *lexer) next() (lexeme, error) {
	l.skip()
	at := l.pos
	if at >= len(l.s) {
		return lexeme{kind: lexEnd, at: at, end: at}, nil
	}
	c := l.s[at]
	switch {
	case c == '\n':
		l.pos++
		return lexeme{kind: lexLine, at: at, end: l.pos}, nil
	case strings.HasPrefix(l.s[at:], "'''"):
		n := strings.Index(l.s[at+3:], "'''")
		if n < 0 {
			return lexeme{}, errSource
		}
		l.pos = at + n + 6
		text := strings.TrimPrefix(strings.TrimPrefix(l.s[at+3:at+3+n], "\r"), "\n")
		return lexeme{kind: lexText, text: text, at: at, end: l.pos}, nil
	case c == '\'':
		return l.text()
	case c == '$' && strings.HasPrefix(strings.TrimLeft(l.s[at:], "$"), "'''"):
		return l.raw()
	case '0' <= c && c <= '9':
		for l.pos < len(l.s) && (arm.IsWordByte(l.s[l.pos]) || l.s[l.pos] == '.' && l.pos+1 < len(l.s) && '0' <= l.s[l.pos+1] && l.s[l.pos+1] <= '9') {
			l.pos++
		}
		return lexeme{kind: lexNumber, text: l.s[at:l.pos], at: at, end: l.pos}, nil
	case arm.IsWordByte(c):
		for l.pos < len(l.s) && arm.IsWordByte(l.s[l.pos]) {
			l.pos++
		}
		return lexeme{kind: lexName, text: l.s[at:l.pos], at: at, end: l.pos}, nil
	}
	for _, mark := range [...]string{"...", "==", "!=", "=~", "!~", "<=", ">=", "&&", "||", "??", "=>", "::", ".?", "[?"} {
		if strings.HasPrefix(l.s[at:], mark) {
			l.pos += len(mark)
			return lexeme{kind: lexMark, text: mark, at: at, end: l.pos}, nil
		}
	}
	l.pos++
	return lexeme{kind: lexMark, text: l.s[at:l.pos], at: at, end: l.pos}, nil
}

// skip passes blanks and comments, but no line ends.
func (l *lexer) skip() {
	for l.pos < len(l.s) {
		rest := l.s[l.pos:]
		switch {
		case rest[0] == ' ' || rest[0] == '\t' || rest[0] == '\r':
			l.pos++
		case strings.HasPrefix(rest, arm.BOM):
			l.pos += len(arm.BOM)
		case strings.HasPrefix(rest, "//") || strings.HasPrefix(rest, "#disable-"):
			if n := strings.IndexByte(rest, '\n'); n >= 0 {
				l.pos += n
			} else {
				l.pos = len(l.s)
			}
		case strings.HasPrefix(rest, "/*"):
			if n := strings.Index(rest[2:], "*/"); n >= 0 {
				l.pos += n + 4
			} else {
				l.pos = len(l.s)
			}
		default:
			return
		}
	}
}

// raw reads the text of $”'...”'. As many $ as stand before it start an interpolation.
func (l *lexer) raw() (lexeme, error) {
	out := lexeme{kind: lexText, at: l.pos}
	n := len(l.s[l.pos:]) - len(strings.TrimLeft(l.s[l.pos:], "$"))
	open := strings.Repeat("$", n) + "{"
	l.pos += n + len("'''")
	if l.pos < len(l.s) && l.s[l.pos] == '\r' {
		l.pos++
	}
	if l.pos < len(l.s) && l.s[l.pos] == '\n' {
		l.pos++
	}
	for {
		rest := l.s[l.pos:]
		shut, code := strings.Index(rest, "'''"), strings.Index(rest, open)
		switch {
		case shut < 0:
			return lexeme{}, errSource
		case code < 0 || shut < code:
			out.pieces = append(out.pieces, lexPiece{lit: rest[:shut]})
			l.pos += shut + len("'''")
			out.end = l.pos
			return out, nil
		}
		out.pieces = append(out.pieces, lexPiece{lit: rest[:code]})
		l.pos += code + len(open)
		from := l.pos
		to, err := l.code()
		if err != nil {
			return lexeme{}, err
		}
		out.pieces = append(out.pieces, lexPiece{from: from, to: to})
	}
}

// text reads a quoted string with ${...}.
func (l *lexer) text() (lexeme, error) {
	out := lexeme{kind: lexText, at: l.pos}
	l.pos++
	var b strings.Builder
	for l.pos < len(l.s) {
		switch c := l.s[l.pos]; {
		case c == '\'':
			l.pos++
			out.end = l.pos
			if out.pieces == nil {
				out.text = b.String()
			} else if b.Len() > 0 {
				out.pieces = append(out.pieces, lexPiece{lit: b.String()})
			}
			return out, nil
		case c == '\n':
			return lexeme{}, errSource
		case c == '\\' && l.pos+1 < len(l.s):
			b.WriteByte(unescape(l.s[l.pos+1]))
			l.pos += 2
		case strings.HasPrefix(l.s[l.pos:], "${"):
			if b.Len() > 0 {
				out.pieces = append(out.pieces, lexPiece{lit: b.String()})
				b.Reset()
			}
			l.pos += 2
			from := l.pos
			to, err := l.code()
			if err != nil {
				return lexeme{}, err
			}
			out.pieces = append(out.pieces, lexPiece{from: from, to: to})
		default:
			b.WriteByte(c)
			l.pos++
		}
	}
	return lexeme{}, errSource
}

func unescape(c byte) byte {
	switch c {
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}

// code passes the inside of an interpolation and returns where its } stands.
func (l *lexer) code() (int, error) {
	if l.depth++; l.depth > arm.MaxExprDepth {
		return 0, errSource
	}
	defer func() { l.depth-- }()
	for open := 0; ; {
		t, err := l.next()
		switch {
		case err != nil:
			return 0, err
		case t.kind == lexEnd:
			return 0, errSource
		case t.kind == lexMark && t.text == "{":
			open++
		case t.kind == lexMark && t.text == "}":
			if open == 0 {
				return t.at, nil
			}
			open--
		}
	}
}

// Package sqltext cuts SQL texts into tokens and statements, by the rules of DuckDB.
package sqltext

import "strings"

// Statement is one statement of an SQL text.
type Statement struct {
	Text   string // without the semicolon after it
	Offset int    // where it begins in the whole text, in bytes
}

// Split cuts an SQL text at the semicolons that end a statement: not those in literals, quoted names and comments. Statements that hold
// nothing but blanks and comments are left out. rest is what follows the last semicolon, when it is more than blanks and comments:
// a statement that is not finished, perhaps not even its literal.
func Split(text string) (statements []Statement, rest Statement) {
	start, something := 0, -1 // something: where the first token of the statement stands; -1: there is none yet
	for i := 0; i < len(text); {
		n, kind := Lexeme(text[i:])
		if kind == Code && something < 0 {
			something = i
		}
		i += n
		if kind != End {
			continue
		}
		if something >= 0 {
			statements = append(statements, Statement{Text: text[start : i-1], Offset: start})
		}
		start, something = i, -1
	}
	if something >= 0 {
		rest = Statement{Text: text[start:], Offset: start}
	}
	return statements, rest
}

// FirstWord returns the first word of a statement in capitals, such as INSERT.
func FirstWord(text string) string {
	for i := 0; i < len(text); {
		n, kind := Lexeme(text[i:])
		if kind == Code {
			word := text[i:]
			if end := strings.IndexFunc(word, func(r rune) bool { return r < 'A' || r > 'Z' && r < 'a' || r > 'z' }); end >= 0 {
				word = word[:end]
			}
			return strings.ToUpper(word)
		}
		i += n
	}
	return ""
}

type TokenKind int

const (
	Code TokenKind = iota
	Blank
	End // the semicolon
)

// Lexeme returns the length and kind of the token at the beginning of a text; at least one byte. A token that is not closed ends with the text.
func Lexeme(s string) (int, TokenKind) {
	until := func(from int, end string) int {
		if i := strings.Index(s[from:], end); i >= 0 {
			return from + i + len(end)
		}
		return len(s)
	}
	switch c := s[0]; {
	case c == ';':
		return 1, End
	case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v':
		return 1, Blank
	case strings.HasPrefix(s, "--"):
		return until(2, "\n"), Blank
	case strings.HasPrefix(s, "/*"):
		return comment(s), Blank
	case c == '\'' || c == '"':
		return until(1, s[:1]), Code // a doubled quote is two literals side by side: the end is the same
	case (c == 'e' || c == 'E') && len(s) > 1 && s[1] == '\'':
		return escaped(s), Code
	case c == '$':
		if tag := dollarTag(s); tag != "" {
			return until(len(tag), tag), Code
		}
	case isWord(c):
		n := 1
		for n < len(s) && (isWord(s[n]) || s[n] == '$') {
			n++
		}
		return n, Code
	}
	return 1, Code
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// comment measures a comment that may hold others.
func comment(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch {
		case strings.HasPrefix(s[i:], "/*"):
			depth++
			i++
		case strings.HasPrefix(s[i:], "*/"):
			if depth--; depth == 0 {
				return i + 2
			}
			i++
		}
	}
	return len(s)
}

// escaped measures a literal E'...', in which a backslash escapes.
func escaped(s string) int {
	for i := 2; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '\'':
			return i + 1
		}
	}
	return len(s)
}

// dollarTag gives the opening of a literal between dollars, $$ or $tag$; empty when there is none, as in the parameter $month.
func dollarTag(s string) string {
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '$':
			return s[:i+1]
		case !isWord(c) || i == 1 && c >= '0' && c <= '9':
			return ""
		}
	}
	return ""
}

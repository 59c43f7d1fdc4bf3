package chain

import (
	"slices"
	"strings"

	"github.com/pidledger/pidledger/queries/sqltext"
)

// sqlToken is a token of an SQL text that is neither blank nor comment.
type sqlToken struct {
	text     string
	from, to int // its place, in bytes
}

// scanSQL cuts an SQL text into tokens.
func scanSQL(text string) []sqlToken {
	var out []sqlToken
	for i := 0; i < len(text); {
		n, kind := sqltext.Lexeme(text[i:])
		for _, operator := range []string{"<=", ">=", "<>", "!=", "||", "::", "->", "//"} {
			if kind == sqltext.Code && strings.HasPrefix(text[i:], operator) {
				n = len(operator)
			}
		}
		if text[i] == '\'' { // a doubled quote is part of the literal
			for i+n < len(text) && text[i+n] == '\'' {
				more, _ := sqltext.Lexeme(text[i+n:])
				n += more
			}
		}
		if kind == sqltext.Code {
			out = append(out, sqlToken{text[i : i+n], i, i + n})
		}
		i += n
	}
	return out
}

// sqlItem is what stands side by side on one level of a SELECT: a token, or what parentheses or CASE and END enclose.
type sqlItem struct {
	word     string // the token; "(" and "case" for a group
	from, to int    // tokens from and up to, without to
	group    *sqlLevel
}

// sqlLevel is a sequence of items: a whole statement, or what a group holds, the closing token left out.
type sqlLevel struct {
	open  string // "(" or "case"; empty for the statement
	items []sqlItem
}

// parseSQL nests tokens by parentheses and CASE.
func parseSQL(tokens []sqlToken) *sqlLevel {
	next := 0
	var level func(open, end string) *sqlLevel
	level = func(open, end string) *sqlLevel {
		l := &sqlLevel{open: open}
		for next < len(tokens) && tokens[next].text != end {
			item := sqlItem{word: tokens[next].text, from: next}
			next++
			switch item.word {
			case "(":
				item.group = level("(", ")")
				next++
			case "case":
				item.group = level("case", "end")
				next++
			}
			item.to = min(next, len(tokens))
			l.items = append(l.items, item)
		}
		return l
	}
	return level("", "")
}

// hasOrder tells whether a SELECT ends with an order of its own.
func hasOrder(tokens []sqlToken) bool {
	return slices.ContainsFunc(parseSQL(tokens).items, func(i sqlItem) bool { return i.word == "order" })
}

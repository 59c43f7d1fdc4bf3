package template

import (
	"errors"
	"strconv"
	"strings"
)

// expr is one node of an expression. ARM expressions, Bicep and Terraform all become this tree; operators are calls of the ARM function
// that does the same.
type expr struct {
	op   exprOp
	name string   // opCall: the function; opMember: the key; opText: the text
	num  int64    // opNumber
	args []*expr  // opCall: arguments; opMember: the base; opIndex: base and index; opList, opObject: the values
	keys []string // opObject: of the values; spread where a value is an object whose keys it takes over
	loop *loop    // opList: what its one value is repeated for
	node *Node    // opNode
	at   int      // byte offset in the text that was parsed
	end  int      // behind it; of Bicep and Terraform only
}

type exprOp uint8

const (
	opText exprOp = iota
	opNumber
	opCall
	opMember
	opIndex
	opList
	opObject
	opNode    // a JSON value
	opUnknown // valid, but not followed: its name is shown
	opUnread  // in a file that cannot be read: its name is shown
)

// loop is `for item in over` or `for (item, index) in over` of Bicep.
type loop struct {
	item, index string
	over        *expr
}

// spread stands for a key where an object takes over the keys of another (Bicep's `...`), or has a key that is computed.
const spread = "..."

func call(name string, args ...*expr) *expr { return &expr{op: opCall, name: name, args: args} }

// isExpression tells ARM's `[...]` from a literal; `[[` escapes a literal bracket.
func isExpression(s string) bool {
	return len(s) >= 2 && s[0] == '[' && s[len(s)-1] == ']' && s[1] != '['
}

// literal undoes the escape of a string that is no expression.
func literal(s string) string {
	if strings.HasPrefix(s, "[[") {
		return s[1:]
	}
	return s
}

// called returns the literal argument of a call such as variables('x').
func called(e *expr, name string) (string, bool) {
	if e.op == opCall && strings.EqualFold(e.name, name) && len(e.args) == 1 && e.args[0].op == opText {
		return e.args[0].name, true
	}
	return "", false
}

const maxExprDepth = 100

var errExpression = errors.New("not an ARM expression")

// parseExpression reads the inside of an ARM `[...]`.
func parseExpression(s string) (*expr, error) {
	p := &exprParser{s: s}
	e, err := p.parse(0)
	if err != nil {
		return nil, err
	}
	if p.blank(); p.pos < len(s) {
		return nil, errExpression
	}
	return e, nil
}

type exprParser struct {
	s   string
	pos int
}

func (p *exprParser) blank() {
	for p.pos < len(p.s) && strings.IndexByte(" \t\r\n", p.s[p.pos]) >= 0 {
		p.pos++
	}
}

func (p *exprParser) next(c byte) bool {
	p.blank()
	if p.pos < len(p.s) && p.s[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

func (p *exprParser) parse(depth int) (*expr, error) {
	if depth > maxExprDepth {
		return nil, errExpression
	}
	p.blank()
	e, err := p.primary(depth)
	if err != nil {
		return nil, err
	}
	for {
		switch {
		case p.next('.'):
			p.next('?') // a safe access yields the same texts
			name := p.identifier()
			if name == "" {
				return nil, errExpression
			}
			e = &expr{op: opMember, name: name, args: []*expr{e}}
		case p.next('['):
			p.next('?')
			i, err := p.parse(depth + 1)
			if err != nil {
				return nil, err
			}
			if !p.next(']') {
				return nil, errExpression
			}
			e = &expr{op: opIndex, args: []*expr{e, i}}
		default:
			return e, nil
		}
	}
}

func (p *exprParser) primary(depth int) (*expr, error) {
	if p.pos >= len(p.s) {
		return nil, errExpression
	}
	at := p.pos
	switch c := p.s[p.pos]; {
	case c == '\'':
		return p.text()
	case c == '-' || c == '+' || '0' <= c && c <= '9':
		p.pos++
		for p.pos < len(p.s) && '0' <= p.s[p.pos] && p.s[p.pos] <= '9' {
			p.pos++
		}
		n, err := strconv.ParseInt(p.s[at:p.pos], 10, 64)
		if err != nil {
			return nil, errExpression
		}
		return &expr{op: opNumber, num: n, at: at}, nil
	}
	name := p.identifier()
	for name != "" && p.next('.') { // a user's own function: namespace.name(...)
		rest := p.identifier()
		if rest == "" {
			return nil, errExpression
		}
		name += "." + rest
	}
	if name == "" || !p.next('(') {
		return nil, errExpression
	}
	e := &expr{op: opCall, name: name, at: at}
	if p.next(')') {
		return e, nil
	}
	for {
		a, err := p.parse(depth + 1)
		if err != nil {
			return nil, err
		}
		e.args = append(e.args, a)
		if p.next(')') {
			return e, nil
		}
		if !p.next(',') {
			return nil, errExpression
		}
	}
}

func (p *exprParser) text() (*expr, error) {
	at := p.pos
	var b strings.Builder
	for p.pos++; p.pos < len(p.s); p.pos++ {
		if p.s[p.pos] != '\'' {
			b.WriteByte(p.s[p.pos])
			continue
		}
		p.pos++
		if p.pos >= len(p.s) || p.s[p.pos] != '\'' {
			return &expr{op: opText, name: b.String(), at: at}, nil
		}
		b.WriteByte('\'')
	}
	return nil, errExpression
}

func (p *exprParser) identifier() string {
	p.blank()
	start := p.pos
	for p.pos < len(p.s) && isWordByte(p.s[p.pos]) {
		p.pos++
	}
	return p.s[start:p.pos]
}

func isWordByte(c byte) bool {
	return c == '_' || c == '$' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

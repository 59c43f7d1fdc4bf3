package arm

import (
	"errors"
	"strconv"
	"strings"
)

// Expr is one node of an expression. ARM expressions, Bicep and Terraform all become this tree; operators are calls of the ARM function
// that does the same.
type Expr struct {
	Op   op       // what it is
	Name string   // OpCall: the function; OpMember: the key; OpText: the text
	Num  int64    // OpNumber
	Args []*Expr  // OpCall: arguments; OpMember: the base; OpIndex: base and index; OpList, OpObject: the values
	Keys []string // OpObject: of the values; Spread where a value is an object whose keys it takes over
	Loop *Loop    // OpList: what its one value is repeated for
	node *Node    // opNode
	At   int      // byte offset in the text that was parsed
	End  int      // after it; of Bicep and Terraform only
}

type op uint8

// What an expression is. ARM, Bicep and Terraform share them.
const (
	OpText op = iota
	OpNumber
	OpCall
	OpMember
	OpIndex
	OpList
	OpObject
	opNode    // a JSON value
	OpUnknown // valid, but not followed: its name is shown
	OpUnread  // in a file that cannot be read: its name is shown
)

// Loop is `for item in over` or `for (item, index) in over` of Bicep.
type Loop struct {
	Item, Index string
	Over        *Expr
}

// Spread stands for a key where an object takes over the keys of another (Bicep's `...`), or has a key that is computed.
const Spread = "..."

// Call makes the call of a function.
func Call(name string, args ...*Expr) *Expr { return &Expr{Op: OpCall, Name: name, Args: args} }

// IsExpression tells ARM's `[...]` from a literal; `[[` escapes a literal bracket.
func IsExpression(s string) bool {
	return len(s) >= 2 && s[0] == '[' && s[len(s)-1] == ']' && s[1] != '['
}

// literal undoes the escape of a string that is not an expression.
func literal(s string) string {
	if strings.HasPrefix(s, "[[") {
		return s[1:]
	}
	return s
}

// Called returns the literal argument of a call such as variables('x').
func Called(e *Expr, name string) (string, bool) {
	if e.Op == OpCall && strings.EqualFold(e.Name, name) && len(e.Args) == 1 && e.Args[0].Op == OpText {
		return e.Args[0].Name, true
	}
	return "", false
}

// MaxExprDepth bounds how deep expressions are nested.
const MaxExprDepth = 100

var errExpression = errors.New("not an ARM expression")

// ParseExpression reads the inside of an ARM `[...]`.
func ParseExpression(s string) (*Expr, error) {
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

func (p *exprParser) parse(depth int) (*Expr, error) {
	if depth > MaxExprDepth {
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
			e = &Expr{Op: OpMember, Name: name, Args: []*Expr{e}}
		case p.next('['):
			p.next('?')
			i, err := p.parse(depth + 1)
			if err != nil {
				return nil, err
			}
			if !p.next(']') {
				return nil, errExpression
			}
			e = &Expr{Op: OpIndex, Args: []*Expr{e, i}}
		default:
			return e, nil
		}
	}
}

func (p *exprParser) primary(depth int) (*Expr, error) {
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
		return &Expr{Op: OpNumber, Num: n, At: at}, nil
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
	e := &Expr{Op: OpCall, Name: name, At: at}
	if p.next(')') {
		return e, nil
	}
	for {
		a, err := p.parse(depth + 1)
		if err != nil {
			return nil, err
		}
		e.Args = append(e.Args, a)
		if p.next(')') {
			return e, nil
		}
		if !p.next(',') {
			return nil, errExpression
		}
	}
}

func (p *exprParser) text() (*Expr, error) {
	at := p.pos
	var b strings.Builder
	for p.pos++; p.pos < len(p.s); p.pos++ {
		if p.s[p.pos] != '\'' {
			b.WriteByte(p.s[p.pos])
			continue
		}
		p.pos++
		if p.pos >= len(p.s) || p.s[p.pos] != '\'' {
			return &Expr{Op: OpText, Name: b.String(), At: at}, nil
		}
		b.WriteByte('\'')
	}
	return nil, errExpression
}

func (p *exprParser) identifier() string {
	p.blank()
	start := p.pos
	for p.pos < len(p.s) && IsWordByte(p.s[p.pos]) {
		p.pos++
	}
	return p.s[start:p.pos]
}

// IsWordByte reports whether a byte can be part of a name.
func IsWordByte(c byte) bool {
	return c == '_' || c == '$' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// Field returns the value of a key of an object expression.
func (e *Expr) Field(key string) *Expr {
	if e == nil || e.Op != OpObject {
		return nil
	}
	for i := len(e.Keys) - 1; i >= 0; i-- {
		if e.Keys[i] == key {
			return e.Args[i]
		}
	}
	return nil
}

package bicep

import (
	"strings"

	"github.com/pidledger/pidledger/cmd/template/arm"
)

// parser reads the expressions of Bicep into the tree of ARM expressions.
type parser struct {
	lex   lexer
	tok   lexeme
	depth int
	left  *int // tokens that may still be read, over all second tries

	nested []*statement // resources declared inside others
}

// newParser allows for each byte to be looked at several times, but not for a file that is read again from each of its lines.
func newParser(s string) *parser {
	left := 50*len(s) + 1000
	return &parser{lex: lexer{s: s}, left: &left}
}

func (p *parser) advance() error {
	if *p.left--; *p.left < 0 {
		return errSource
	}
	t, err := p.lex.next()
	p.tok = t
	return err
}

func (p *parser) is(mark string) bool { return p.tok.kind == lexMark && p.tok.text == mark }

func (p *parser) word(name string) bool { return p.tok.kind == lexName && p.tok.text == name }

func (p *parser) accept(mark string) (bool, error) {
	if !p.is(mark) {
		return false, nil
	}
	return true, p.advance()
}

func (p *parser) expect(mark string) error {
	if ok, err := p.accept(mark); err != nil || ok {
		return err
	}
	return errSource
}

func (p *parser) lines() error {
	for p.tok.kind == lexLine {
		if err := p.advance(); err != nil {
			return err
		}
	}
	return nil
}

// sub parses the code of an interpolation.
func (p *parser) sub(from, to int) (*arm.Expr, error) {
	q := &parser{lex: lexer{s: p.lex.s[:to], pos: from}, depth: p.depth + 1, left: p.left}
	if err := q.advance(); err != nil {
		return nil, err
	}
	if err := q.lines(); err != nil {
		return nil, err
	}
	return q.expr()
}

// operators in the order of their strength, with the ARM functions that do the same.
var operators = [...]map[string]string{
	{"??": "coalesce"},
	{"||": "or"},
	{"&&": "and"},
	{"==": "equals", "!=": "not equals", "=~": "equals", "!~": "not equals"},
	{"<": "less", ">": "greater", "<=": "lessOrEquals", ">=": "greaterOrEquals"},
	{"+": "add", "-": "sub"},
	{"*": "mul", "/": "div", "%": "mod"},
}

func (p *parser) expr() (*arm.Expr, error) {
	if p.depth++; p.depth > arm.MaxExprDepth {
		return nil, errSource
	}
	defer func() { p.depth-- }()
	c, err := p.binary(0)
	if err != nil {
		return nil, err
	}
	if p.continues(); !p.is("?") {
		return c, nil
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	a, err := p.beforeColon()
	if err != nil {
		return nil, err
	}
	b, err := p.branch()
	if err != nil {
		return nil, err
	}
	return &arm.Expr{Op: arm.OpCall, Name: "if", Args: []*arm.Expr{c, a, b}, At: c.At, End: b.End}, nil
}

// beforeColon reads an expression and the colon after it.
func (p *parser) beforeColon() (*arm.Expr, error) {
	e, err := p.branch()
	if err != nil {
		return nil, err
	}
	if err := p.lines(); err != nil {
		return nil, err
	}
	return e, p.expect(":")
}

// continues passes line ends when the next line goes on with an operator.
func (p *parser) continues() {
	if p.tok.kind != lexLine {
		return
	}
	save := *p
	if p.lines() == nil && (p.is("?") || p.is("&&") || p.is("||") || p.is("??")) {
		return
	}
	*p = save
}

func (p *parser) branch() (*arm.Expr, error) {
	if err := p.lines(); err != nil {
		return nil, err
	}
	return p.expr()
}

func (p *parser) binary(level int) (*arm.Expr, error) {
	if level == len(operators) {
		return p.unary()
	}
	left, err := p.binary(level + 1)
	if err != nil {
		return nil, err
	}
	for p.continues(); p.tok.kind == lexMark; p.continues() {
		name, ok := operators[level][p.tok.text]
		if !ok {
			break
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
		if err := p.lines(); err != nil {
			return nil, err
		}
		right, err := p.binary(level + 1)
		if err != nil {
			return nil, err
		}
		name, negated := strings.CutPrefix(name, "not ")
		e := arm.Call(name, left, right)
		if negated {
			e = arm.Call("not", e)
		}
		e.At, e.End = left.At, right.End
		left = e
	}
	return left, nil
}

func (p *parser) unary() (*arm.Expr, error) {
	if p.depth++; p.depth > 2*arm.MaxExprDepth {
		return nil, errSource
	}
	defer func() { p.depth-- }()
	at := p.tok.at
	for _, u := range [...]struct{ mark, name string }{{"!", "not"}, {"-", "sub"}} {
		if !p.is(u.mark) {
			continue
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
		x, err := p.unary()
		if err != nil {
			return nil, err
		}
		e := arm.Call(u.name, x)
		if u.name == "sub" {
			e = arm.Call("sub", &arm.Expr{Op: arm.OpNumber}, x)
		}
		e.At, e.End = at, x.End
		return e, nil
	}
	return p.postfix()
}

func (p *parser) postfix() (*arm.Expr, error) {
	e, err := p.primary()
	if err != nil {
		return nil, err
	}
	for p.tok.kind == lexMark {
		at := e.At
		switch p.tok.text {
		case ".", ".?", "::":
			if err := p.advance(); err != nil {
				return nil, err
			}
			if p.tok.kind != lexName && p.tok.kind != lexNumber && !p.is("*") {
				return nil, errSource
			}
			e = &arm.Expr{Op: arm.OpMember, Name: p.tok.text, Args: []*arm.Expr{e}, At: at, End: p.tok.end}
			if err := p.advance(); err != nil {
				return nil, err
			}
		case "(":
			if e.Op != arm.OpMember { // namespace.function(...)
				return nil, errSource
			}
			args, end, err := p.list(")")
			if err != nil {
				return nil, err
			}
			name := e.Name
			if of := e.Args[0]; of.Op == arm.OpUnknown && of.Name != "sys" && of.Name != "az" {
				name = of.Name + "." + name
			}
			e = &arm.Expr{Op: arm.OpCall, Name: name, Args: args, At: at, End: end}
		case "[", "[?":
			if err := p.advance(); err != nil {
				return nil, err
			}
			if ok, err := p.accept("*"); err != nil {
				return nil, err
			} else if ok {
				e = &arm.Expr{Op: arm.OpUnknown, Name: "...", At: at}
			} else {
				i, err := p.branch()
				if err != nil {
					return nil, err
				}
				e = &arm.Expr{Op: arm.OpIndex, Args: []*arm.Expr{e, i}, At: at}
			}
			e.End = p.tok.end
			if err := p.expect("]"); err != nil {
				return nil, err
			}
		case "!": // Bicep: not null
			if err := p.advance(); err != nil {
				return nil, err
			}
		default:
			return e, nil
		}
	}
	return e, nil
}

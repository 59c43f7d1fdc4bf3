package bicep

import (
	"strconv"

	"github.com/pidledger/pidledger/cmd/template/arm"
)

func (p *parser) primary() (*arm.Expr, error) {
	t := p.tok
	e := &arm.Expr{At: t.at, End: t.end}
	switch t.kind {
	case lexText:
		if err := p.advance(); err != nil {
			return nil, err
		}
		if t.pieces == nil {
			e.Op, e.Name = arm.OpText, t.text
			return e, nil
		}
		e.Op, e.Name = arm.OpCall, "concat"
		for _, piece := range t.pieces {
			x := &arm.Expr{Op: arm.OpText, Name: piece.lit}
			if piece.to > 0 {
				var err error
				if x, err = p.sub(piece.from, piece.to); err != nil {
					return nil, err
				}
			}
			e.Args = append(e.Args, x)
		}
		return e, nil
	case lexNumber:
		n, err := strconv.ParseInt(t.text, 10, 64)
		if err != nil {
			e.Op, e.Name = arm.OpUnknown, t.text
		} else {
			e.Op, e.Num = arm.OpNumber, n
		}
		return e, p.advance()
	case lexName:
		if err := p.advance(); err != nil {
			return nil, err
		}
		return p.named(t, e)
	case lexMark:
		switch t.text {
		case "(":
			if err := p.advance(); err != nil {
				return nil, err
			}
			x, err := p.branch()
			if err != nil {
				return nil, err
			}
			if err := p.lines(); err != nil {
				return nil, err
			}
			x.At, x.End = t.at, p.tok.end
			return x, p.expect(")")
		case "[":
			return p.array()
		case "{":
			return p.object()
		}
	}
	return nil, errSource
}

// named reads what starts with a name: a constant, a call, a lambda or a symbol.
func (p *parser) named(t lexeme, e *arm.Expr) (*arm.Expr, error) {
	switch {
	case t.text == "true" || t.text == "false" || t.text == "null":
		e.Op, e.Name = arm.OpCall, t.text
		return e, nil
	case p.is("("):
		args, end, err := p.list(")")
		e.Op, e.Name, e.Args, e.End = arm.OpCall, t.text, args, end
		return e, err
	case p.is("=>"):
		if err := p.advance(); err != nil {
			return nil, err
		}
		if _, err := p.branch(); err != nil {
			return nil, err
		}
		e.Op, e.Name = arm.OpUnknown, "lambda"
		return e, nil
	}
	e.Op, e.Name = arm.OpUnknown, t.text
	return e, nil
}

// list reads arguments up to a closing mark; the opening one is the current token.
func (p *parser) list(shut string) (args []*arm.Expr, end int, err error) {
	if err := p.advance(); err != nil {
		return nil, 0, err
	}
	for {
		if err := p.lines(); err != nil {
			return nil, 0, err
		}
		if p.is(shut) {
			end = p.tok.end
			err := p.advance()
			if p.is("=>") { // the list was the parameters of a lambda
				if err := p.advance(); err != nil {
					return nil, 0, err
				}
				_, err = p.branch()
			}
			return args, end, err
		}
		if ok, err := p.accept(","); err != nil {
			return nil, 0, err
		} else if ok {
			continue
		}
		if _, err := p.accept("..."); err != nil { // a spread
			return nil, 0, err
		}
		x, err := p.expr()
		if err != nil {
			return nil, 0, err
		}
		args = append(args, x)
		if p.tok.kind != lexLine && !p.is(",") && !p.is(shut) {
			return nil, 0, errSource
		}
	}
}

// array also reads loops, as an array of what they make.
func (p *parser) array() (*arm.Expr, error) {
	at := p.tok.at
	e := &arm.Expr{Op: arm.OpList, At: at}
	save := *p
	if err := p.advance(); err != nil {
		return nil, err
	}
	if err := p.lines(); err != nil {
		return nil, err
	}
	if !p.word("for") {
		*p = save
		args, end, err := p.list("]")
		e.Args, e.End = args, end
		return e, err
	}
	var err error
	if e.Loop, err = p.loop(); err != nil {
		return nil, err
	}
	body, err := p.branch()
	if err != nil {
		return nil, err
	}
	if err := p.lines(); err != nil {
		return nil, err
	}
	e.Args, e.End = []*arm.Expr{body}, p.tok.end
	return e, p.expect("]")
}

// loop reads `for x in y :` and `for (x, i) in y :`.
func (p *parser) loop() (*arm.Loop, error) {
	var names []string
	for !p.word("in") {
		switch p.tok.kind {
		case lexEnd:
			return nil, errSource
		case lexName:
			names = append(names, p.tok.text)
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
	names = append(names[min(len(names), 1):], "", "") // without for
	if err := p.advance(); err != nil {
		return nil, err
	}
	over, err := p.beforeColon()
	if err != nil {
		return nil, err
	}
	return &arm.Loop{Item: names[0], Index: names[1], Over: over}, p.lines()
}

func (p *parser) object() (*arm.Expr, error) {
	if p.depth++; p.depth > 2*arm.MaxExprDepth {
		return nil, errSource
	}
	defer func() { p.depth-- }()
	e := &arm.Expr{Op: arm.OpObject, At: p.tok.at}
	if err := p.advance(); err != nil {
		return nil, err
	}
	for {
		for p.tok.kind == lexLine || p.is(",") {
			if err := p.advance(); err != nil {
				return nil, err
			}
		}
		if p.is("}") {
			e.End = p.tok.end
			return e, p.advance()
		}
		if err := p.property(e); err != nil {
			return nil, err
		}
	}
}

func (p *parser) property(e *arm.Expr) error {
	if p.is("...") || p.is("@") {
		more := p.is("...")
		if err := p.advance(); err != nil {
			return err
		}
		x, err := p.expr()
		if err == nil && more {
			e.Keys, e.Args = append(e.Keys, arm.Spread), append(e.Args, x)
		}
		return err
	}
	key := p.tok
	var computed bool
	switch {
	case key.kind == lexName || key.kind == lexNumber || key.kind == lexText && key.pieces == nil:
		if err := p.advance(); err != nil {
			return err
		}
	case key.kind == lexText || p.is("("):
		computed = true
		if _, err := p.primary(); err != nil {
			return err
		}
	default:
		return errSource
	}
	if key.kind == lexName && key.text == "resource" && p.tok.kind == lexName {
		s, err := p.resource("resource")
		if err == nil {
			p.nested = append(p.nested, s)
		}
		return err
	}
	if !p.is(":") && !p.is("=") {
		return errSource
	}
	if err := p.advance(); err != nil {
		return err
	}
	v, err := p.branch()
	if err != nil {
		return err
	}
	if computed {
		key.text, v = arm.Spread, &arm.Expr{Op: arm.OpUnknown, Name: "..."}
	}
	e.Keys, e.Args = append(e.Keys, key.text), append(e.Args, v)
	return nil
}

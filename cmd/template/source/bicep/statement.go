package bicep

import (
	"strings"

	"github.com/pidledger/pidledger/cmd/template/arm"
)

// statement is a top-level declaration of Bicep, or a resource in another.
type statement struct {
	keyword    string
	name       string
	typ        string // of a resource: type@version; of a module: its file
	value      *arm.Expr
	existing   bool
	condition  *arm.Expr
	loop       *arm.Loop
	params     []string   // of a function
	imports    []imported // of an import, from the file typ
	decorators []*arm.Expr
	at, end    int
}

// imported is a name that a file takes from another; `*` takes all of them.
type imported struct{ name, as string }

// statement reads the declaration at the current token; nil when it is not one that matters.
func (p *parser) statement() (*statement, error) {
	s := &statement{at: p.tok.at}
	for p.is("@") {
		if err := p.advance(); err != nil {
			return nil, err
		}
		d, err := p.expr()
		if err != nil {
			return nil, err
		}
		s.decorators = append(s.decorators, d)
		if err := p.lines(); err != nil {
			return nil, err
		}
	}
	if p.tok.kind != lexName {
		return nil, errSource
	}
	s.keyword = p.tok.text
	switch s.keyword {
	case "resource", "module":
		r, err := p.resource(s.keyword)
		if err != nil {
			return nil, err
		}
		r.decorators = s.decorators
		return r, nil
	case "func":
		return s, p.function(s)
	case "import":
		return s, p.imports(s)
	case "targetScope", "var", "param":
	default:
		return nil, errSource
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if s.keyword != "targetScope" {
		if p.tok.kind != lexName {
			return nil, errSource
		}
		s.name = p.tok.text
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
	if err := p.passType(s); err != nil {
		return nil, err
	}
	if ok, err := p.accept("="); err != nil || !ok {
		return s, err
	}
	var err error
	s.value, err = p.branch()
	return s, err
}

// function reads `func name(a type, b type) type => value`.
func (p *parser) function(s *statement) error {
	if err := p.advance(); err != nil {
		return err
	}
	s.name = p.tok.text
	if p.tok.kind != lexName {
		return errSource
	}
	if err := p.advance(); err != nil {
		return err
	}
	if !p.is("(") {
		return errSource
	}
	for open, first := 0, true; !p.is("=>"); {
		switch {
		case p.tok.kind == lexEnd:
			return errSource
		case p.tok.kind == lexName && open == 1 && first:
			s.params = append(s.params, p.tok.text)
			first = false
		case p.is("(") || p.is("[") || p.is("{"):
			open++
		case p.is(")") || p.is("]") || p.is("}"):
			if open--; open == 0 {
				first = false // what follows is the type of the function
			}
		case p.is(",") && open == 1:
			first = true
		}
		if err := p.advance(); err != nil {
			return err
		}
	}
	if err := p.advance(); err != nil {
		return err
	}
	var err error
	s.value, err = p.branch()
	return err
}

// imports reads `import { a, b as c } from 'file'` and `import * as n from 'file'`.
func (p *parser) imports(s *statement) error {
	if err := p.advance(); err != nil {
		return err
	}
	for !p.word("from") {
		switch {
		case p.is("*"), p.tok.kind == lexName && p.tok.text != "as":
			i := imported{name: p.tok.text, as: p.tok.text}
			if err := p.advance(); err != nil {
				return err
			}
			if p.word("as") {
				if err := p.advance(); err != nil {
					return err
				}
				if i.as = p.tok.text; p.tok.kind != lexName {
					return errSource
				}
				if err := p.advance(); err != nil {
					return err
				}
			}
			s.imports = append(s.imports, i)
		case p.is("{"), p.is("}"), p.is(","), p.tok.kind == lexLine:
			if err := p.advance(); err != nil {
				return err
			}
		default:
			return errSource
		}
	}
	if err := p.advance(); err != nil {
		return err
	}
	if p.tok.kind != lexText || p.tok.pieces != nil {
		return errSource
	}
	s.typ = p.tok.text
	return p.advance()
}

// passType passes the type of a parameter; of a simple one the name is kept.
func (p *parser) passType(s *statement) error {
	if p.tok.kind == lexName {
		s.typ = p.tok.text
	}
	for open := 0; p.tok.kind != lexEnd && (open > 0 || p.tok.kind != lexLine && !p.is("=")); {
		if p.tok.kind == lexMark {
			switch p.tok.text {
			case "{", "[", "(":
				open++
			case "}", "]", ")":
				open--
			}
		}
		if err := p.advance(); err != nil {
			return err
		}
	}
	return nil
}

// resource reads `resource x 'type@version' = {...}` and modules.
func (p *parser) resource(keyword string) (*statement, error) {
	s := &statement{keyword: keyword, at: p.tok.at}
	if p.word(keyword) {
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
	if p.tok.kind != lexName {
		return nil, errSource
	}
	s.name = p.tok.text
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.tok.kind != lexText {
		return nil, errSource
	}
	s.typ = p.tok.text
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.word("existing") {
		s.existing = true
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
	if err := p.expect("="); err != nil {
		return nil, err
	}
	if err := p.lines(); err != nil {
		return nil, err
	}
	err := p.body(s)
	return s, err
}

func (p *parser) body(s *statement) error {
	var err error
	switch {
	case p.word("if"):
		if err := p.advance(); err != nil {
			return err
		}
		if s.condition, err = p.expr(); err != nil { // in parentheses
			return err
		}
		if err := p.lines(); err != nil {
			return err
		}
		return p.body(s)
	case p.is("["):
		if s.loop != nil {
			return errSource
		}
		if err := p.advance(); err != nil {
			return err
		}
		if err := p.lines(); err != nil {
			return err
		}
		if !p.word("for") {
			return errSource
		}
		if s.loop, err = p.loop(); err != nil {
			return err
		}
		if err := p.body(s); err != nil {
			return err
		}
		if err := p.lines(); err != nil {
			return err
		}
		return p.expect("]")
	}
	if s.value, err = p.object(); err == nil {
		s.end = s.value.End
	}
	return err
}

// statements reads a Bicep file. A statement that is not understood is passed over, to the next line that starts at the left edge.
func statements(src string) []*statement {
	var out []*statement
	p := newParser(src)
	for pos := 0; pos < len(src) && *p.left > 0; {
		p.lex.pos, p.lex.depth, p.depth, p.nested = pos, 0, 0, nil
		if p.advance() != nil || p.lines() != nil {
			pos = nextStatement(src, pos)
			continue
		}
		if p.tok.kind == lexEnd {
			break
		}
		s, err := p.statement()
		if err != nil {
			pos = nextStatement(src, max(pos, p.tok.at))
			continue
		}
		out = append(append(out, s), p.nested...)
		pos = max(p.tok.at, pos+1)
	}
	return out
}

// nextStatement returns the start of the next line that begins with a letter or an @.
func nextStatement(src string, pos int) int {
	for {
		n := strings.IndexByte(src[pos:], '\n')
		if n < 0 {
			return len(src)
		}
		if pos += n + 1; pos < len(src) && (arm.IsWordByte(src[pos]) || src[pos] == '@') {
			return pos
		}
	}
}

package arm

import (
	"strings"
)

// TemplateSymbols are the parameters and variables of an ARM template.
type TemplateSymbols struct {
	Template *Node   // the template that declares them
	Args     *Node   // properties.parameters of the deployment around an inner template
	Outer    Symbols // in which args are evaluated
}

// Variable finds a variable, also one that a copy loop makes.
func (s *TemplateSymbols) Variable(name string) (Term, bool) {
	vars := s.Template.Get("variables")
	if n := vars.Get(name); n != nil {
		return Term{Node: n, Env: s}, true
	}
	if n := copied(vars, name); n != nil {
		e := &Expr{Op: OpList, Args: []*Expr{{Op: opNode, node: n}}}
		return Term{Expr: e, Env: s}, true
	}
	return Term{}, false
}

// Function finds one of the functions that a template declares, by namespace.name; those that compiled Bicep exports need no namespace.
func (s *TemplateSymbols) Function(name string) (UserFunction, bool) {
	list := s.Template.Get("functions")
	if list == nil {
		return UserFunction{}, false
	}
	space, member, ok := strings.Cut(name, ".")
	if !ok {
		space, member = "__bicep", name
	}
	for _, group := range list.Items {
		if !strings.EqualFold(group.Get("namespace").Str(), space) {
			continue
		}
		n := group.At("members", member)
		if n == nil {
			continue
		}
		f := UserFunction{Body: Term{Node: n.At("output", "value"), Env: s}}
		if params := n.Get("parameters"); params != nil {
			for _, p := range params.Items {
				f.Params = append(f.Params, p.Get("name").Str())
			}
		}
		return f, true
	}
	return UserFunction{}, false
}

// Parameter finds a parameter with what the enclosing deployment passes.
func (s *TemplateSymbols) Parameter(name string) (Declaration, bool) {
	n := s.Template.At("parameters", name)
	arg := s.Args.At(name, "value")
	if n == nil && arg == nil {
		return Declaration{}, false
	}
	d := Declaration{Name: name, Type: n.Get("type").Str(), MaxLen: Unbounded}
	if arg != nil {
		d.Arg = Term{Node: arg, Env: s.Outer}
	} else if s.Args.Get(name) != nil {
		return d, true // a reference to a key vault
	}
	if def := n.Get("defaultValue"); def != nil {
		d.Def = Term{Node: def, Env: s}
	}
	if m := n.Get("maxLength"); m != nil && m.Kind == Number {
		if v, ok := ParseInt(m.Text); ok && v >= 0 && v < 1<<20 {
			d.MaxLen = int(v)
		}
	}
	if a := n.Get("allowedValues"); a != nil && a.Kind == Array {
		for _, item := range a.Items {
			if item.Kind == Array || item.Kind == Object {
				d.Allowed = nil
				break
			}
			d.Allowed = append(d.Allowed, item.Text)
		}
	}
	return d, true
}

// refs collects the parameters that a term depends on, through variables and what enclosing deployments pass, in the order of the text.
type refs struct {
	names []string
	seen  map[any]bool
	depth int
}

type refKey struct {
	env  Symbols
	name string
	kind byte
}

// ParametersOf lists the parameters that a term depends on, in the order of the text.
func ParametersOf(t Term) []string {
	r := &refs{seen: map[any]bool{}}
	r.term(t)
	return r.names
}

func (r *refs) term(t Term) {
	switch {
	case t.Expr != nil:
		r.expr(t.Expr, t.Env)
	case t.Node != nil && !t.verbatim:
		if r.seen[t.Node] {
			return
		}
		r.seen[t.Node] = true
		switch t.Node.Kind {
		case String:
			if s := t.Node.Text; IsExpression(s) {
				if e, err := ParseExpression(s[1 : len(s)-1]); err == nil {
					r.expr(e, t.Env)
				}
			}
		case Array:
			for _, n := range t.Node.Items {
				r.term(Term{Node: n, Env: t.Env})
			}
		case Object:
			for _, m := range t.Node.Members {
				r.term(Term{Node: m.Value, Env: t.Env})
			}
		}
	}
}

func (r *refs) expr(e *Expr, env Symbols) {
	if r.depth > maxCalls {
		return
	}
	r.depth++
	defer func() { r.depth-- }()
	if e.node != nil {
		r.term(Term{Node: e.node, Env: env})
	}
	if e.Op == OpMember && env != nil {
		// Of an object variable only the member counts.
		if name, ok := Called(e.Args[0], "variables"); ok {
			if t, ok := env.Variable(name); ok && t.Node.Get(e.Name) != nil {
				r.term(Term{Node: t.Node.Get(e.Name), Env: t.Env})
				return
			}
		}
	}
	if name, ok := Called(e, "variables"); ok && env != nil {
		if key := (refKey{env, name, 'v'}); !r.seen[key] {
			r.seen[key] = true
			if t, ok := env.Variable(name); ok {
				r.term(t)
			}
		}
		return
	}
	if name, ok := Called(e, "parameters"); ok && env != nil {
		key := refKey{env, name, 'p'}
		if r.seen[key] {
			return
		}
		r.seen[key] = true
		if d, ok := env.Parameter(name); ok && !d.Arg.None() {
			r.term(d.Arg)
			return
		}
		r.names = append(r.names, name)
		return
	}
	for _, a := range e.Args {
		r.expr(a, env)
	}
}

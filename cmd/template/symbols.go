package template

import "strings"

// templateSymbols are the parameters and variables of an ARM template.
type templateSymbols struct {
	template *Node
	args     *Node   // properties.parameters of the deployment around an inner template
	outer    symbols // in which args are evaluated
}

func (s *templateSymbols) variable(name string) (term, bool) {
	vars := s.template.Get("variables")
	if n := vars.Get(name); n != nil {
		return term{node: n, env: s}, true
	}
	if n := copied(vars, name); n != nil {
		e := &expr{op: opList, args: []*expr{{op: opNode, node: n}}}
		return term{expr: e, env: s}, true
	}
	return term{}, false
}

// function finds one of the functions that a template declares, by namespace.name; those that compiled Bicep exports need no namespace.
func (s *templateSymbols) function(name string) (userFunction, bool) {
	list := s.template.Get("functions")
	if list == nil {
		return userFunction{}, false
	}
	space, member, ok := strings.Cut(name, ".")
	if !ok {
		space, member = "__bicep", name
	}
	for _, group := range list.Items {
		if !strings.EqualFold(group.Get("namespace").str(), space) {
			continue
		}
		n := group.At("members", member)
		if n == nil {
			continue
		}
		f := userFunction{body: term{node: n.At("output", "value"), env: s}}
		if params := n.Get("parameters"); params != nil {
			for _, p := range params.Items {
				f.params = append(f.params, p.Get("name").str())
			}
		}
		return f, true
	}
	return userFunction{}, false
}

func (s *templateSymbols) parameter(name string) (declaration, bool) {
	n := s.template.At("parameters", name)
	arg := s.args.At(name, "value")
	if n == nil && arg == nil {
		return declaration{}, false
	}
	d := declaration{name: name, typ: n.Get("type").str(), maxLen: unbounded}
	if arg != nil {
		d.arg = term{node: arg, env: s.outer}
	} else if s.args.Get(name) != nil {
		return d, true // a reference to a key vault
	}
	if def := n.Get("defaultValue"); def != nil {
		d.def = term{node: def, env: s}
	}
	if m := n.Get("maxLength"); m != nil && m.Kind == Number {
		if v, ok := parseInt(m.Text); ok && v >= 0 && v < 1<<20 {
			d.maxLen = int(v)
		}
	}
	if a := n.Get("allowedValues"); a != nil && a.Kind == Array {
		for _, item := range a.Items {
			if item.Kind == Array || item.Kind == Object {
				d.allowed = nil
				break
			}
			d.allowed = append(d.allowed, item.Text)
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
	env  symbols
	name string
	kind byte
}

func parametersOf(t term) []string {
	r := &refs{seen: map[any]bool{}}
	r.term(t)
	return r.names
}

func (r *refs) term(t term) {
	switch {
	case t.expr != nil:
		r.expr(t.expr, t.env)
	case t.node != nil && !t.verbatim:
		if r.seen[t.node] {
			return
		}
		r.seen[t.node] = true
		switch t.node.Kind {
		case String:
			if s := t.node.Text; isExpression(s) {
				if e, err := parseExpression(s[1 : len(s)-1]); err == nil {
					r.expr(e, t.env)
				}
			}
		case Array:
			for _, n := range t.node.Items {
				r.term(term{node: n, env: t.env})
			}
		case Object:
			for _, m := range t.node.Members {
				r.term(term{node: m.Value, env: t.env})
			}
		}
	}
}

func (r *refs) expr(e *expr, env symbols) {
	if r.depth > maxCalls {
		return
	}
	r.depth++
	defer func() { r.depth-- }()
	if e.node != nil {
		r.term(term{node: e.node, env: env})
	}
	if e.op == opMember && env != nil {
		// Of an object variable only the member counts.
		if name, ok := called(e.args[0], "variables"); ok {
			if t, ok := env.variable(name); ok && t.node.Get(e.name) != nil {
				r.term(term{node: t.node.Get(e.name), env: t.env})
				return
			}
		}
	}
	if name, ok := called(e, "variables"); ok && env != nil {
		if key := (refKey{env, name, 'v'}); !r.seen[key] {
			r.seen[key] = true
			if t, ok := env.variable(name); ok {
				r.term(t)
			}
		}
		return
	}
	if name, ok := called(e, "parameters"); ok && env != nil {
		key := refKey{env, name, 'p'}
		if r.seen[key] {
			return
		}
		r.seen[key] = true
		if d, ok := env.parameter(name); ok && !d.arg.none() {
			r.term(d.arg)
			return
		}
		r.names = append(r.names, name)
		return
	}
	for _, a := range e.args {
		r.expr(a, env)
	}
}

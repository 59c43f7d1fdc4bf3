package template

import (
	"slices"
	"strings"
)

// mode says what a parameter stands for.
type mode uint8

const (
	// possible: anything the caller may choose; a default is one possibility.
	possible mode = iota
	// byDefault: its default.
	byDefault
)

// term is something to evaluate with the names it can see: a JSON value or an expression.
type term struct {
	node     *Node
	expr     *expr
	env      symbols
	verbatim bool // strings of the node are no expressions (json())
}

func (t term) none() bool { return t.node == nil && t.expr == nil }

// declaration is a parameter.
type declaration struct {
	name    string
	arg     term // what the enclosing deployment passes, if any
	def     term
	allowed []string
	maxLen  int // unbounded when not declared
	typ     string
}

// symbols resolves the names of one template.
type symbols interface {
	variable(name string) (term, bool)
	parameter(name string) (declaration, bool)
}

// Bounds of the work for one file; what is beyond stays unknown.
const (
	maxSteps = 400_000
	maxCalls = 2_000 // depth
)

type evaluator struct {
	steps, depth int
	calls        int // of functions that the template declares, one within the other
	memo         map[memoKey]*memoValue
	funcs        map[string]function
}

type memoKey struct {
	env  symbols
	kind byte
	name string
	node *Node
	mode mode
}

type memoValue struct {
	value value
	done  bool
}

func newEvaluator() *evaluator {
	return &evaluator{memo: map[memoKey]*memoValue{}, funcs: functions()}
}

// term evaluates a term.
func (ev *evaluator) term(t term, m mode) value {
	switch {
	case t.expr != nil:
		return ev.expr(t.expr, t.env, m)
	case t.node != nil:
		return ev.node(t, m)
	}
	return value{kind: valNull}
}

// step counts work; it is false when there was enough.
func (ev *evaluator) step() bool {
	ev.steps++
	return ev.steps <= maxSteps && ev.depth <= maxCalls
}

// once evaluates what has a name or a place, and notices what refers to itself.
func (ev *evaluator) once(key memoKey, h hole, f func() value) value {
	if v := ev.memo[key]; v != nil {
		if v.done {
			return v.value
		}
		return unknown(h)
	}
	v := &memoValue{}
	ev.memo[key] = v
	v.value, v.done = f(), true
	return v.value
}

func (ev *evaluator) node(t term, m mode) value {
	if !ev.step() {
		return unknown(hole{what: "...", max: unbounded})
	}
	n := t.node
	switch n.Kind {
	case String:
		if t.verbatim {
			return textValue(litText(n.Text, inline))
		}
		if !isExpression(n.Text) {
			return textValue(litText(literal(n.Text), inline))
		}
		h := hole{what: "...", max: unbounded}
		return ev.once(memoKey{env: t.env, node: n, mode: m}, h, func() value {
			e, err := parseExpression(n.Text[1 : len(n.Text)-1])
			if err != nil {
				return unknown(h)
			}
			return ev.expr(e, t.env, m)
		})
	case Number:
		if v, ok := parseInt(n.Text); ok {
			return numberValue(v)
		}
		return textValue(litText(n.Text, inline))
	case Bool:
		return boolValue(n.Text == "true")
	case Array:
		items := make([]value, len(n.Items))
		for i, item := range n.Items {
			items[i] = ev.term(term{node: item, env: t.env, verbatim: t.verbatim}, m)
		}
		return listOf(items)
	case Object:
		v := objectOf(func(key string) (value, bool) {
			if x := n.Get(key); x != nil {
				return ev.term(term{node: x, env: t.env, verbatim: t.verbatim}, m), true
			}
			if x := copied(n, key); x != nil {
				return listOf([]value{ev.term(term{node: x, env: t.env}, m)}), true
			}
			return value{kind: valNull}, false
		})
		v.count = len(n.Members)
		return v
	}
	return value{kind: valNull}
}

// copied returns the input of the copy loop that makes a property.
func copied(n *Node, name string) *Node {
	loops := n.Get("copy")
	if loops == nil || loops.Kind != Array {
		return nil
	}
	for _, l := range loops.Items {
		if strings.EqualFold(l.Get("name").str(), name) {
			return l.Get("input")
		}
	}
	return nil
}

func (ev *evaluator) expr(e *expr, env symbols, m mode) value {
	if !ev.step() {
		return unknown(hole{what: "...", max: unbounded})
	}
	ev.depth++
	defer func() { ev.depth-- }()
	switch e.op {
	case opText:
		return textValue(litText(e.name, inline))
	case opNumber:
		return numberValue(e.num)
	case opList:
		return listOf(ev.args(e, env, m))
	case opObject:
		v := objectOf(func(key string) (value, bool) { return ev.key(e, key, env, m) })
		if !slices.Contains(e.keys, spread) {
			v.count = len(e.keys)
		}
		return v
	case opNode:
		return ev.term(term{node: e.node, env: env}, m)
	case opMember:
		return ev.member(ev.expr(e.args[0], env, m), e.name)
	case opIndex:
		return ev.index(ev.expr(e.args[0], env, m), ev.expr(e.args[1], env, m))
	case opUnread:
		return unknown(hole{what: e.name, max: unbounded, deps: onFile})
	case opCall:
		if f, ok := functionOf(env, e.name); ok {
			return ev.user(f, e, env, m)
		}
		name := strings.ToLower(e.name)
		if f, ok := ev.funcs[name]; ok {
			v := f(ev, e, env, m)
			ev.steps += v.weight() / 8 // long texts are work, too
			return v
		}
		v := value{}
		for _, a := range e.args {
			v = v.after(ev.expr(a, env, m))
		}
		return unknown(fact(strings.TrimPrefix(e.name, hclFunction)+"()", v.deps)).after(v)
	}
	return unknown(hole{what: e.name, max: unbounded})
}

// key returns the value of a key of an object expression; the last one wins.
func (ev *evaluator) key(e *expr, key string, env symbols, m mode) (value, bool) {
	for i := len(e.keys) - 1; i >= 0; i-- {
		switch {
		case e.keys[i] == spread:
			of := ev.expr(e.args[i], env, m)
			if of.kind == valUnknown {
				return unknown(hole{what: "..." + key, max: unbounded, deps: of.deps}).after(of), true
			}
			if of.kind == valObject {
				if v, ok := of.get(key); ok {
					return v.after(value{from: of.from, deps: of.deps}), true
				}
			}
		case strings.EqualFold(e.keys[i], key):
			return ev.expr(e.args[i], env, m), true
		}
	}
	return value{kind: valNull}, false
}

// fact is what a function or property is known to return, with what its arguments depend on.
func fact(what string, d deps) hole {
	h, ok := data().facts[strings.ToLower(what)]
	if !ok {
		h = hole{what: what, max: unbounded}
	}
	h.deps |= d
	return h
}

func (ev *evaluator) member(base value, name string) value {
	switch base.kind {
	case valObject:
		if v, ok := base.get(name); ok {
			return v.after(value{from: base.from, deps: base.deps})
		}
		return value{kind: valNull}.after(base)
	case valUnknown:
		h := fact(base.hole.what+"."+name, base.hole.deps)
		return unknown(h).after(base)
	}
	return unknown(hole{what: "..." + name, max: unbounded}).after(base)
}

func (ev *evaluator) index(base, i value) value {
	if key, ok := i.known(); ok {
		return ev.member(base, key).after(i)
	}
	switch base.kind {
	case valList:
		if len(base.items) == 0 {
			return value{kind: valNull}.after(base, i)
		}
		if i.kind == valNumber && i.num >= 0 && i.num < int64(len(base.items)) && len(base.items) > 1 {
			return base.items[i.num].after(i)
		}
		v := base.items[0]
		for _, x := range base.items[1:] {
			v = either(v, x)
		}
		return v.after(base, i)
	case valObject:
		// One of several keys: keys that can be told are tried, the rest stays unknown.
		var v value
		found := false
		for _, t := range i.alternatives() {
			key, ok := t.known()
			if !ok {
				continue
			}
			if x, ok := base.get(key); ok && found {
				v = either(v, x)
			} else if ok {
				v, found = x, true
			}
		}
		if found {
			return v.after(base, i)
		}
	}
	return unknown(hole{what: "...", max: unbounded}).after(base, i)
}

// variable evaluates a variable.
func (ev *evaluator) variable(env symbols, name string, m mode) value {
	h := hole{what: "variables('" + name + "')", max: unbounded}
	return ev.once(memoKey{env: env, kind: 'v', name: strings.ToLower(name), mode: m}, h, func() value {
		t, ok := env.variable(name)
		if !ok {
			return unknown(h)
		}
		return ev.term(t, m).raised(variable, 0)
	})
}

// parameter evaluates a parameter.
func (ev *evaluator) parameter(env symbols, name string, m mode) value {
	h := hole{what: "parameters('" + name + "')", kind: holeParameter, max: unbounded}
	return ev.once(memoKey{env: env, kind: 'p', name: strings.ToLower(name), mode: m}, h, func() value {
		return ev.declared(env, name, m)
	})
}

func (ev *evaluator) declared(env symbols, name string, m mode) value {
	h := hole{what: "parameters('" + name + "')", kind: holeParameter, max: unbounded, deps: onCaller}
	d, ok := env.parameter(name)
	if !ok {
		return unknown(h).raised(parameter, 0)
	}
	h.max = d.maxLen
	if hasWord(name, "location") {
		h.kind, h.deps = holeLocation, onLocation|onCaller
		if h.max == unbounded {
			h.max = data().longest
		}
	}
	switch {
	case !d.arg.none():
		return ev.term(d.arg, m).raised(variable, h.deps&^onCaller)
	case m == byDefault && !d.def.none():
		return ev.term(d.def, m).raised(parameter, h.deps)
	case m == possible && len(d.allowed) > 0:
		texts := make([]text, len(d.allowed))
		for i, a := range d.allowed {
			texts[i] = litText(a, parameter)
		}
		return textValue(texts...).raised(parameter, h.deps)
	case !d.def.none():
		v := ev.term(d.def, m).raised(parameter, h.deps)
		if s, ok := v.known(); ok && s == "" || v.kind == valNull {
			break // nothing can be said about what will replace an empty default
		}
		return v
	}
	switch d.typ {
	case "bool":
		h.max = len("False")
	case "int":
		h.kind, h.max = holeDigits, 11
	}
	return unknown(h).raised(parameter, 0)
}

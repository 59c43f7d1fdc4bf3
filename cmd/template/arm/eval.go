package arm

import (
	"slices"
	"strings"
)

// Mode says what a parameter stands for.
type Mode uint8

// The modes.
const (
	// Possible: anything the caller may choose; a default is one possibility.
	Possible Mode = iota
	// ByDefault: its default.
	ByDefault
)

// Term is something to evaluate with the names it can see: a JSON value or an expression.
type Term struct {
	Node     *Node   // a JSON value, or
	Expr     *Expr   // an expression
	Env      Symbols // the names it can see; nil: none
	verbatim bool    // strings of the node are not expressions (json())
}

// None reports whether there is nothing to evaluate.
func (t Term) None() bool { return t.Node == nil && t.Expr == nil }

// Declaration is a parameter.
type Declaration struct {
	Name    string   // of the parameter
	Arg     Term     // what the enclosing deployment passes, if any
	Def     Term     // its default, if any
	Allowed []string // the values it can have; none: any
	MaxLen  int      // Unbounded when not declared
	Type    string   // as declared: bool, int, string
}

// Symbols resolves the names of one template.
type Symbols interface {
	Variable(name string) (Term, bool)
	Parameter(name string) (Declaration, bool)
}

// Bounds of the work for one file; what is beyond stays unknown.
const (
	maxSteps = 400_000
	maxCalls = 2_000 // depth
)

// Evaluator finds out what expressions can become. One serves for one file: it remembers what it found, and how much work it was.
type Evaluator struct {
	steps, depth int
	calls        int // of functions that the template declares, one within the other
	memo         map[memoKey]*memoValue
	funcs        map[string]Function
}

type memoKey struct {
	env  Symbols
	kind byte
	name string
	node *Node
	mode Mode
}

type memoValue struct {
	value Value
	done  bool
}

// NewEvaluator makes an evaluator that knows functions by their names in lower case.
func NewEvaluator(funcs map[string]Function) *Evaluator {
	return &Evaluator{memo: map[memoKey]*memoValue{}, funcs: funcs}
}

// Term evaluates a term.
func (ev *Evaluator) Term(t Term, m Mode) Value {
	switch {
	case t.Expr != nil:
		return ev.Expr(t.Expr, t.Env, m)
	case t.Node != nil:
		return ev.Node(t, m)
	}
	return Value{Kind: ValNull}
}

// step counts work; it is false when there was enough.
func (ev *Evaluator) step() bool {
	ev.steps++
	return ev.steps <= maxSteps && ev.depth <= maxCalls
}

// once evaluates what has a name or a place, and notices what refers to itself.
func (ev *Evaluator) once(key memoKey, h hole, f func() Value) Value {
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

// Node evaluates a JSON value.
func (ev *Evaluator) Node(t Term, m Mode) Value {
	if !ev.step() {
		return unknown(hole{What: "...", Max: Unbounded})
	}
	n := t.Node
	switch n.Kind {
	case String:
		if t.verbatim {
			return TextValue(LitText(n.Text, inline))
		}
		if !IsExpression(n.Text) {
			return TextValue(LitText(literal(n.Text), inline))
		}
		h := hole{What: "...", Max: Unbounded}
		return ev.once(memoKey{env: t.Env, node: n, mode: m}, h, func() Value {
			e, err := ParseExpression(n.Text[1 : len(n.Text)-1])
			if err != nil {
				return unknown(h)
			}
			return ev.Expr(e, t.Env, m)
		})
	case Number:
		if v, ok := ParseInt(n.Text); ok {
			return NumberValue(v)
		}
		return TextValue(LitText(n.Text, inline))
	case Bool:
		return BoolValue(n.Text == "true")
	case Array:
		items := make([]Value, len(n.Items))
		for i, item := range n.Items {
			items[i] = ev.Term(Term{Node: item, Env: t.Env, verbatim: t.verbatim}, m)
		}
		return ListOf(items)
	case Object:
		v := objectOf(func(key string) (Value, bool) {
			if x := n.Get(key); x != nil {
				return ev.Term(Term{Node: x, Env: t.Env, verbatim: t.verbatim}, m), true
			}
			if x := copied(n, key); x != nil {
				return ListOf([]Value{ev.Term(Term{Node: x, Env: t.Env}, m)}), true
			}
			return Value{Kind: ValNull}, false
		})
		v.Count = len(n.Members)
		return v
	}
	return Value{Kind: ValNull}
}

// copied returns the input of the copy loop that makes a property.
func copied(n *Node, name string) *Node {
	loops := n.Get("copy")
	if loops == nil || loops.Kind != Array {
		return nil
	}
	for _, l := range loops.Items {
		if strings.EqualFold(l.Get("name").Str(), name) {
			return l.Get("input")
		}
	}
	return nil
}

// Expr evaluates an expression with the names of env.
func (ev *Evaluator) Expr(e *Expr, env Symbols, m Mode) Value {
	if !ev.step() {
		return unknown(hole{What: "...", Max: Unbounded})
	}
	ev.depth++
	defer func() { ev.depth-- }()
	switch e.Op {
	case OpText:
		return TextValue(LitText(e.Name, inline))
	case OpNumber:
		return NumberValue(e.Num)
	case OpList:
		return ListOf(ev.Args(e, env, m))
	case OpObject:
		v := objectOf(func(key string) (Value, bool) { return ev.key(e, key, env, m) })
		if !slices.Contains(e.Keys, Spread) {
			v.Count = len(e.Keys)
		}
		return v
	case opNode:
		return ev.Term(Term{Node: e.node, Env: env}, m)
	case OpMember:
		return ev.member(ev.Expr(e.Args[0], env, m), e.Name)
	case OpIndex:
		return ev.index(ev.Expr(e.Args[0], env, m), ev.Expr(e.Args[1], env, m))
	case OpUnread:
		return unknown(hole{What: e.Name, Max: Unbounded, Deps: OnFile})
	case OpCall:
		if f, ok := FunctionOf(env, e.Name); ok {
			return ev.user(f, e, env, m)
		}
		name := strings.ToLower(e.Name)
		if f, ok := ev.funcs[name]; ok {
			v := f(ev, e, env, m)
			ev.steps += v.weight() / 8 // long texts are work, too
			return v
		}
		v := Value{}
		for _, a := range e.Args {
			v = v.After(ev.Expr(a, env, m))
		}
		// A colon follows the language of a function that is not one of ARM.
		return unknown(fact(e.Name[strings.IndexByte(e.Name, ':')+1:]+"()", v.Deps)).After(v)
	}
	return unknown(hole{What: e.Name, Max: Unbounded})
}

// key returns the value of a key of an object expression; the last one wins.
func (ev *Evaluator) key(e *Expr, key string, env Symbols, m Mode) (Value, bool) {
	for i := len(e.Keys) - 1; i >= 0; i-- {
		switch {
		case e.Keys[i] == Spread:
			of := ev.Expr(e.Args[i], env, m)
			if of.Kind == ValUnknown {
				return unknown(hole{What: "..." + key, Max: Unbounded, Deps: of.Deps}).After(of), true
			}
			if of.Kind == ValObject {
				if v, ok := of.Get(key); ok {
					return v.After(Value{From: of.From, Deps: of.Deps}), true
				}
			}
		case strings.EqualFold(e.Keys[i], key):
			return ev.Expr(e.Args[i], env, m), true
		}
	}
	return Value{Kind: ValNull}, false
}

// fact is what a function or property is known to return, with what its arguments depend on.
func fact(what string, d deps) hole {
	h, ok := returned()[strings.ToLower(what)]
	if !ok {
		h = hole{What: what, Max: Unbounded}
	}
	h.Deps |= d
	return h
}

func (ev *Evaluator) member(base Value, name string) Value {
	switch base.Kind {
	case ValObject:
		if v, ok := base.Get(name); ok {
			return v.After(Value{From: base.From, Deps: base.Deps})
		}
		return Value{Kind: ValNull}.After(base)
	case ValUnknown:
		h := fact(base.Hole.What+"."+name, base.Hole.Deps)
		return unknown(h).After(base)
	}
	return unknown(hole{What: "..." + name, Max: Unbounded}).After(base)
}

func (ev *Evaluator) index(base, i Value) Value {
	if key, ok := i.Known(); ok {
		return ev.member(base, key).After(i)
	}
	switch base.Kind {
	case ValList:
		if len(base.Items) == 0 {
			return Value{Kind: ValNull}.After(base, i)
		}
		if i.Kind == ValNumber && i.Num >= 0 && i.Num < int64(len(base.Items)) && len(base.Items) > 1 {
			return base.Items[i.Num].After(i)
		}
		v := base.Items[0]
		for _, x := range base.Items[1:] {
			v = either(v, x)
		}
		return v.After(base, i)
	case ValObject:
		// One of several keys: keys that can be told are tried, the rest stays unknown.
		var v Value
		found := false
		for _, t := range i.Alternatives() {
			key, ok := t.Known()
			if !ok {
				continue
			}
			if x, ok := base.Get(key); ok && found {
				v = either(v, x)
			} else if ok {
				v, found = x, true
			}
		}
		if found {
			return v.After(base, i)
		}
	}
	return unknown(hole{What: "...", Max: Unbounded}).After(base, i)
}

// variable evaluates a variable.
func (ev *Evaluator) variable(env Symbols, name string, m Mode) Value {
	h := hole{What: "variables('" + name + "')", Max: Unbounded}
	return ev.once(memoKey{env: env, kind: 'v', name: strings.ToLower(name), mode: m}, h, func() Value {
		t, ok := env.Variable(name)
		if !ok {
			return unknown(h)
		}
		return ev.Term(t, m).raised(Variable, 0)
	})
}

// parameter evaluates a parameter.
func (ev *Evaluator) parameter(env Symbols, name string, m Mode) Value {
	h := hole{What: "parameters('" + name + "')", Kind: HoleParameter, Max: Unbounded}
	return ev.once(memoKey{env: env, kind: 'p', name: strings.ToLower(name), mode: m}, h, func() Value {
		return ev.declared(env, name, m)
	})
}

func (ev *Evaluator) declared(env Symbols, name string, m Mode) Value {
	h := hole{What: "parameters('" + name + "')", Kind: HoleParameter, Max: Unbounded, Deps: onCaller}
	d, ok := env.Parameter(name)
	if !ok {
		return unknown(h).raised(Parameter, 0)
	}
	h.Max = d.MaxLen
	if HasWord(name, "location") {
		h.Kind, h.Deps = holeLocation, OnLocation|onCaller
		if h.Max == Unbounded {
			h.Max = longestRegion()
		}
	}
	switch {
	case !d.Arg.None():
		return ev.Term(d.Arg, m).raised(Variable, h.Deps&^onCaller)
	case m == ByDefault && !d.Def.None():
		return ev.Term(d.Def, m).raised(Parameter, h.Deps)
	case m == Possible && len(d.Allowed) > 0:
		texts := make([]Text, len(d.Allowed))
		for i, a := range d.Allowed {
			texts[i] = LitText(a, Parameter)
		}
		return TextValue(texts...).raised(Parameter, h.Deps)
	case !d.Def.None():
		v := ev.Term(d.Def, m).raised(Parameter, h.Deps)
		if s, ok := v.Known(); ok && s == "" || v.Kind == ValNull {
			break // nothing can be said about what will replace an empty default
		}
		return v
	}
	switch d.Type {
	case "bool":
		h.Max = len("False")
	case "int":
		h.Kind, h.Max = HoleDigits, 11
	}
	return unknown(h).raised(Parameter, 0)
}

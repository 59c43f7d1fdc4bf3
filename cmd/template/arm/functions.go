package arm

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// Function evaluates one call.
type Function func(ev *Evaluator, e *Expr, env Symbols, m Mode) Value

// Functions are those whose result can say something about a name; any other call is a hole (facts.csv).
func Functions() map[string]Function {
	return map[string]Function{
		"parameters": parameterCall,
		"variables":  variableCall,
		"concat":     WithArgs(concat),
		"format":     WithArgs(format),
		"if":         ifCall,
		"coalesce":   WithArgs(Coalesce),
		"take":       WithArgs(take),
		"skip":       WithArgs(skip),
		"substring":  WithArgs(substring),
		"tolower":    WithArgs(onText(func(t Text) Text { return t.mapLiterals(strings.ToLower) })),
		"toupper":    WithArgs(onText(func(t Text) Text { return t.mapLiterals(strings.ToUpper) })),
		"trim":       WithArgs(onText(trim)),
		"any":        WithArgs(func(a []Value) Value { return Arg(a, 0) }), // of Bicep: hides a type
		"string":     WithArgs(onText(func(t Text) Text { return t })),
		"replace":    WithArgs(Replace),

		"base64":         WithArgs(onKnown("base64()", func(s string) (string, bool) { return base64.StdEncoding.EncodeToString([]byte(s)), true })),
		"base64tostring": WithArgs(onKnown("base64ToString()", fromBase64)),

		"padleft": WithArgs(padLeft),
		"split":   WithArgs(split),
		"join":    WithArgs(JoinCall),
		"first":   WithArgs(func(a []Value) Value { return Edge(a, true) }),
		"last":    WithArgs(func(a []Value) Value { return Edge(a, false) }),
		"uri":     WithArgs(uri),

		"createarray":      WithArgs(func(a []Value) Value { return ListOf(a, a...) }),
		"createobject":     WithArgs(createObject),
		"union":            WithArgs(union),
		"json":             jsonCall,
		"tryget":           tryGet,
		"loadtextcontent":  loaded(nil),
		"loadjsoncontent":  loaded(decodeJSON),
		"loadyamlcontent":  loaded(decodeYAML),
		"loadfileasbase64": loadedBase64,

		"length":    WithArgs(length),
		"range":     WithArgs(func(a []Value) Value { return ListOf([]Value{digits("range()", a...)}) }),
		"copyindex": copyIndex,
		"utcnow":    WithArgs(utcNow),

		"true":     WithArgs(func(a []Value) Value { return BoolValue(true) }),
		"false":    WithArgs(func(a []Value) Value { return BoolValue(false) }),
		"null":     WithArgs(func(a []Value) Value { return Value{Kind: ValNull} }),
		"bool":     WithArgs(boolCall),
		"int":      WithArgs(intCall),
		"not":      not,
		"and":      func(ev *Evaluator, e *Expr, env Symbols, m Mode) Value { return allOf(ev, e, env, m, false) },
		"or":       func(ev *Evaluator, e *Expr, env Symbols, m Mode) Value { return allOf(ev, e, env, m, true) },
		"equals":   comparison(equals),
		"empty":    comparison(empty),
		"contains": comparison(contains),
		"startswith": comparison(func(a []Value) (bool, bool) {
			return textTest(a, strings.HasPrefix)
		}),
		"endswith": comparison(func(a []Value) (bool, bool) { return textTest(a, strings.HasSuffix) }),
		"greater":  comparison(numberTest(func(a, b int64) bool { return a > b })),
		"less":     comparison(numberTest(func(a, b int64) bool { return a < b })),
		"greaterorequals": comparison(numberTest(func(a, b int64) bool {
			return a >= b
		})),
		"lessorequals": comparison(numberTest(func(a, b int64) bool { return a <= b })),

		"add": arithmetic(func(a, b int64) (int64, bool) { return a + b, true }),
		"sub": arithmetic(func(a, b int64) (int64, bool) { return a - b, true }),
		"mul": arithmetic(func(a, b int64) (int64, bool) { return a * b, a == 0 || b == 0 || a*b/b == a }),
		"div": arithmetic(func(a, b int64) (int64, bool) {
			if b == 0 || b == -1 {
				return -a, b != 0
			}
			return a / b, true
		}),
		"mod": arithmetic(func(a, b int64) (int64, bool) {
			if b == 0 || b == -1 {
				return 0, b != 0
			}
			return a % b, true
		}),
	}
}

// WithArgs evaluates the arguments first.
func WithArgs(f func(args []Value) Value) Function {
	return func(ev *Evaluator, e *Expr, env Symbols, m Mode) Value {
		return f(ev.Args(e, env, m))
	}
}

// Args evaluates the arguments of a call.
func (ev *Evaluator) Args(e *Expr, env Symbols, m Mode) []Value {
	out := make([]Value, len(e.Args))
	for i, a := range e.Args {
		out[i] = ev.Expr(a, env, m)
	}
	return out
}

// Arg returns an argument; null where the call has none.
func Arg(a []Value, i int) Value {
	if i < len(a) {
		return a[i]
	}
	return Value{Kind: ValNull}
}

// Opaque is a result of which only the function is known, and what it depends on.
func Opaque(what string, of ...Value) Value {
	v := Value{}.After(of...)
	return unknown(fact(what, v.Deps)).After(v)
}

func digits(what string, of ...Value) Value {
	h := hole{What: what, Kind: HoleDigits, Max: 3}
	return unknown(h).After(of...)
}

// ParseInt reads a number; false when it is not one.
func ParseInt(s string) (int64, bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	return n, err == nil
}

func parameterCall(ev *Evaluator, e *Expr, env Symbols, m Mode) Value {
	if name, ok := Arg(ev.Args(e, env, m), 0).Known(); ok && env != nil {
		return ev.parameter(env, name, m)
	}
	return unknown(hole{What: "parameters()", Kind: HoleParameter, Max: Unbounded, Deps: onCaller}).raised(Parameter, 0)
}

// variableCall also sees names that are put together, as far as they are known.
func variableCall(ev *Evaluator, e *Expr, env Symbols, m Mode) Value {
	var v Value
	found := false
	if env != nil {
		for _, t := range Arg(ev.Args(e, env, m), 0).Alternatives() {
			name, ok := t.Known()
			if !ok {
				continue
			}
			x := ev.variable(env, name, m)
			if found {
				x = either(v, x)
			}
			v, found = x, true
		}
	}
	if !found {
		return unknown(hole{What: "variables()", Max: Unbounded})
	}
	return v
}

// copyIndex counts within the loop; ARM allows 800 copies.
func copyIndex(ev *Evaluator, e *Expr, env Symbols, m Mode) Value {
	h := fact("copyIndex()", 0)
	return unknown(h)
}

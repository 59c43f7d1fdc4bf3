package template

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// function evaluates one call.
type function func(ev *evaluator, e *expr, env symbols, m mode) value

// functions are those whose result can say something about a name; any other call is a hole (facts.csv).
func functions() map[string]function {
	all := map[string]function{
		"parameters": parameterCall,
		"variables":  variableCall,
		"concat":     withArgs(concat),
		"format":     withArgs(format),
		"if":         ifCall,
		"coalesce":   withArgs(coalesce),
		"take":       withArgs(take),
		"skip":       withArgs(skip),
		"substring":  withArgs(substring),
		"tolower":    withArgs(onText(func(t text) text { return t.mapLiterals(strings.ToLower) })),
		"toupper":    withArgs(onText(func(t text) text { return t.mapLiterals(strings.ToUpper) })),
		"trim":       withArgs(onText(trim)),
		"any":        withArgs(func(a []value) value { return arg(a, 0) }), // of Bicep: hides a type
		"string":     withArgs(onText(func(t text) text { return t })),
		"replace":    withArgs(replace),

		"base64":         withArgs(onKnown("base64()", func(s string) (string, bool) { return base64.StdEncoding.EncodeToString([]byte(s)), true })),
		"base64tostring": withArgs(onKnown("base64ToString()", fromBase64)),

		"padleft": withArgs(padLeft),
		"split":   withArgs(split),
		"join":    withArgs(joinCall),
		"first":   withArgs(func(a []value) value { return edge(a, true) }),
		"last":    withArgs(func(a []value) value { return edge(a, false) }),
		"uri":     withArgs(uri),

		"createarray":      withArgs(func(a []value) value { return listOf(a, a...) }),
		"createobject":     withArgs(createObject),
		"union":            withArgs(union),
		"json":             jsonCall,
		"tryget":           tryGet,
		"loadtextcontent":  loaded(nil),
		"loadjsoncontent":  loaded(decodeJSON),
		"loadyamlcontent":  loaded(decodeYAML),
		"loadfileasbase64": loadedBase64,

		"length":    withArgs(length),
		"range":     withArgs(func(a []value) value { return listOf([]value{digits("range()", a...)}) }),
		"copyindex": copyIndex,
		"utcnow":    withArgs(utcNow),

		"true":     withArgs(func(a []value) value { return boolValue(true) }),
		"false":    withArgs(func(a []value) value { return boolValue(false) }),
		"null":     withArgs(func(a []value) value { return value{kind: valNull} }),
		"bool":     withArgs(boolCall),
		"int":      withArgs(intCall),
		"not":      not,
		"and":      func(ev *evaluator, e *expr, env symbols, m mode) value { return allOf(ev, e, env, m, false) },
		"or":       func(ev *evaluator, e *expr, env symbols, m mode) value { return allOf(ev, e, env, m, true) },
		"equals":   comparison(equals),
		"empty":    comparison(empty),
		"contains": comparison(contains),
		"startswith": comparison(func(a []value) (bool, bool) {
			return textTest(a, strings.HasPrefix)
		}),
		"endswith": comparison(func(a []value) (bool, bool) { return textTest(a, strings.HasSuffix) }),
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
	hclFunctions(all)
	return all
}

// withArgs evaluates the arguments first.
func withArgs(f func(args []value) value) function {
	return func(ev *evaluator, e *expr, env symbols, m mode) value {
		return f(ev.args(e, env, m))
	}
}

func (ev *evaluator) args(e *expr, env symbols, m mode) []value {
	out := make([]value, len(e.args))
	for i, a := range e.args {
		out[i] = ev.expr(a, env, m)
	}
	return out
}

func arg(a []value, i int) value {
	if i < len(a) {
		return a[i]
	}
	return value{kind: valNull}
}

func opaque(what string, of ...value) value {
	v := value{}.after(of...)
	return unknown(fact(what, v.deps)).after(v)
}

func digits(what string, of ...value) value {
	h := hole{what: what, kind: holeDigits, max: 3}
	return unknown(h).after(of...)
}

func parseInt(s string) (int64, bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	return n, err == nil
}

func parameterCall(ev *evaluator, e *expr, env symbols, m mode) value {
	if name, ok := arg(ev.args(e, env, m), 0).known(); ok && env != nil {
		return ev.parameter(env, name, m)
	}
	return unknown(hole{what: "parameters()", kind: holeParameter, max: unbounded, deps: onCaller}).raised(parameter, 0)
}

// variableCall also sees names that are put together, as far as they are known.
func variableCall(ev *evaluator, e *expr, env symbols, m mode) value {
	var v value
	found := false
	if env != nil {
		for _, t := range arg(ev.args(e, env, m), 0).alternatives() {
			name, ok := t.known()
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
		return unknown(hole{what: "variables()", max: unbounded})
	}
	return v
}

// copyIndex counts within the loop; ARM allows 800 copies.
func copyIndex(ev *evaluator, e *expr, env symbols, m mode) value {
	h := fact("copyIndex()", 0)
	return unknown(h)
}

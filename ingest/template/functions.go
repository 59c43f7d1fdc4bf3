package template

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// function evaluates one call.
type function func(ev *evaluator, e *expr, env symbols, m mode) value

// functions are those whose result can say something about a name; any other call is a hole (facts.csv).
func functions() map[string]function {
	return map[string]function{
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
		"string":     withArgs(onText(func(t text) text { return t })),
		"replace":    withArgs(replace),
		"padleft":    withArgs(padLeft),
		"split":      withArgs(split),
		"join":       withArgs(joinCall),
		"first":      withArgs(func(a []value) value { return edge(a, true) }),
		"last":       withArgs(func(a []value) value { return edge(a, false) }),
		"uri":        withArgs(uri),

		"createarray":  withArgs(func(a []value) value { return listOf(a, a...) }),
		"createobject": withArgs(createObject),
		"union":        withArgs(union),
		"json":         jsonCall,
		"tryget":       tryGet,
		"length":       withArgs(length),
		"range":        withArgs(func(a []value) value { return listOf([]value{digits("range()", a...)}) }),
		"copyindex":    copyIndex,
		"utcnow":       withArgs(utcNow),

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

func concat(a []value) value {
	lists := len(a) > 0
	for _, x := range a {
		lists = lists && x.kind == valList
	}
	if lists {
		return concatLists(a)
	}
	v := textValue(text{})
	for _, x := range a {
		v = combine(v, x, join)
	}
	return v
}

var placeholder = regexp.MustCompile(`\{\{|\}\}|\{[0-9]+(?:,-?[0-9]+)?(?::[^{}]*)?\}`)

func format(a []value) value {
	pattern, ok := arg(a, 0).known()
	if !ok {
		return opaque("format()", a...)
	}
	from := a[0].from
	out := textValue(text{})
	at := 0
	for _, loc := range placeholder.FindAllStringIndex(pattern, -1) {
		out = combine(out, textValue(litText(pattern[at:loc[0]], from)), join)
		at = loc[1]
		hit := pattern[loc[0]:loc[1]]
		if hit == "{{" || hit == "}}" {
			out = combine(out, textValue(litText(hit[:1], from)), join)
			continue
		}
		index, width, _ := strings.Cut(hit[1:len(hit)-1], ":")
		index, _, _ = strings.Cut(index, ",")
		n, err := strconv.Atoi(index)
		if err != nil || n+1 >= len(a) {
			return opaque("format()", a...)
		}
		out = combine(out, formatted(a[n+1], width), join)
	}
	return combine(out, textValue(litText(pattern[at:], from)), join).after(a...)
}

// formatted applies a .NET number format of the kind that names use: D2, 00.
func formatted(v value, spec string) value {
	if spec == "" {
		return v
	}
	width := len(spec)
	if spec[0] == 'D' || spec[0] == 'd' {
		n, ok := parseInt(spec[1:])
		if !ok || n > maskMax {
			return v
		}
		width = int(n)
	} else if strings.Trim(spec, "0") != "" {
		return v
	}
	if v.kind == valNumber && v.num >= 0 {
		return textValue(litText(fmt.Sprintf("%0*d", min(width, maskMax), v.num), v.from)).after(v)
	}
	return v
}

func ifCall(ev *evaluator, e *expr, env symbols, m mode) value {
	if len(e.args) != 3 {
		return unknown(hole{what: "if()", max: unbounded})
	}
	c := ev.expr(e.args[0], env, m)
	if c.kind == valBool && (m == byDefault || c.from < parameter) {
		if c.flag {
			return ev.expr(e.args[1], env, m).after(c)
		}
		return ev.expr(e.args[2], env, m).after(c)
	}
	v := either(ev.expr(e.args[1], env, m), ev.expr(e.args[2], env, m))
	v.deps |= c.deps
	return v
}

func coalesce(a []value) value {
	var v value
	found := false
	for _, x := range a {
		if x.kind == valNull {
			continue
		}
		if found {
			v = either(v, x)
		} else {
			v, found = x, true
		}
		if x.kind != valUnknown && x.from < parameter {
			break
		}
	}
	if !found {
		return value{kind: valNull}.after(a...)
	}
	return v
}

// onText lifts a change of texts to a call of one argument.
func onText(f func(text) text) func([]value) value {
	return func(a []value) value { return arg(a, 0).each(f) }
}

func trim(t text) text {
	if s, ok := t.known(); ok {
		return litText(strings.TrimSpace(s), t.from()).raised(inline, t.deps)
	}
	return t
}

func number(v value) (int, bool) {
	if v.kind == valNumber && v.num >= 0 && v.num <= 1<<20 {
		return int(v.num), true
	}
	return 0, false
}

func take(a []value) value {
	n, ok := number(arg(a, 1))
	if !ok {
		return arg(a, 0).after(a...)
	}
	if v := a[0]; v.kind == valList {
		v.items = v.items[:min(n, len(v.items))]
		return v
	}
	return a[0].each(func(t text) text { return t.take(n) })
}

func skip(a []value) value {
	n, ok := number(arg(a, 1))
	if !ok {
		return opaque("skip()", a...)
	}
	if v := a[0]; v.kind == valList {
		v.items = v.items[min(n, len(v.items)):]
		return v
	}
	return a[0].each(func(t text) text { t.cut = nil; return t.slice(n, 1<<20) })
}

func substring(a []value) value {
	from, ok := number(arg(a, 1))
	if !ok {
		return opaque("substring()", a...)
	}
	if len(a) < 3 {
		return skip(a)
	}
	n, ok := number(a[2])
	if !ok {
		return skip(a[:2])
	}
	return a[0].each(func(t text) text {
		if from == 0 {
			return t.take(n)
		}
		t.cut = nil
		return t.slice(from, from+n)
	})
}

func replace(a []value) value {
	from, ok := arg(a, 1).known()
	to, known := arg(a, 2).known()
	if !ok || !known || from == "" {
		return arg(a, 0).after(a...)
	}
	return a[0].each(func(t text) text {
		if s, ok := t.known(); ok { // an occurrence may span parts
			if len(to) > 0 && strings.Count(s, from)*len(to) > 1<<16 {
				return t
			}
			if !strings.Contains(s, from) {
				return t
			}
			return litText(strings.ReplaceAll(s, from, to), t.from()).raised(inline, t.deps)
		}
		return t.mapLiterals(func(s string) string {
			if len(to) > 0 && strings.Count(s, from)*len(to) > 1<<16 {
				return s
			}
			return strings.ReplaceAll(s, from, to)
		})
	})
}

func padLeft(a []value) value {
	n, ok := number(arg(a, 1))
	pad, known := arg(a, 2).known()
	if len(a) < 3 {
		pad, known = " ", true
	}
	if !ok || !known || len(pad) != 1 || n > maskMax {
		return arg(a, 0).after(a...)
	}
	return a[0].each(func(t text) text {
		if s, ok := t.known(); ok && len(s) < n {
			return join(litText(strings.Repeat(pad, n-len(s)), t.from()), t)
		}
		if len(t.parts) == 1 && t.parts[0].hole != nil && t.parts[0].hole.max < n {
			h := *t.parts[0].hole
			if h.max != unbounded {
				h.max = n
			}
			t.parts = []part{{hole: &h, from: t.parts[0].from}}
		}
		return t
	})
}

func split(a []value) value {
	s, ok := arg(a, 0).known()
	sep, known := arg(a, 1).known()
	if !ok || !known || sep == "" {
		return opaque("split()", a...)
	}
	var pieces []value
	for _, piece := range strings.SplitN(s, sep, maxParts) {
		pieces = append(pieces, textValue(litText(piece, a[0].from)))
	}
	return listOf(pieces, a...)
}

func joinCall(a []value) value {
	sep, ok := arg(a, 1).known()
	if !ok || a[0].kind != valList || len(a[0].items) > maxTexts {
		return opaque("join()", a...)
	}
	v := textValue(text{})
	for i, x := range a[0].items {
		if i > 0 {
			v = combine(v, textValue(litText(sep, a[1].from)), join)
		}
		v = combine(v, x, join)
	}
	return v.after(a...)
}

func edge(a []value, first bool) value {
	switch v := arg(a, 0); {
	case v.kind == valList && len(v.items) > 0:
		if first {
			return v.items[0].after(v)
		}
		return v.items[len(v.items)-1].after(v)
	case v.kind == valText:
		return v.each(func(t text) text {
			n, open := t.maxLen()
			switch {
			case n == 0 && !open:
				return t
			case first:
				return t.slice(0, 1)
			case open:
				return holeText(&hole{what: "last()", max: 1, deps: t.allDeps()})
			}
			t.cut = nil
			return t.slice(n-1, n)
		})
	}
	return opaque("first()", a...)
}

// uri keeps the relative part, which names a linked template.
func uri(a []value) value {
	base := unknown(hole{what: "uri", max: unbounded}).after(arg(a, 0))
	return combine(combine(base, textValue(litText("/", inline)), join), arg(a, 1), join)
}

func createObject(a []value) value {
	return objectOf(func(key string) (value, bool) {
		for i := len(a)/2*2 - 2; i >= 0; i -= 2 {
			if k, ok := a[i].known(); ok && strings.EqualFold(k, key) {
				return a[i+1], true
			}
		}
		return value{kind: valNull}, false
	}, a...)
}

func union(a []value) value {
	for _, x := range a {
		if x.kind != valObject && x.kind != valUnknown {
			return concatLists(a)
		}
	}
	return objectOf(func(key string) (value, bool) {
		var v value
		found, doubt := false, false
		for i := len(a) - 1; i >= 0 && !(found && !doubt); i-- {
			if a[i].kind != valObject {
				doubt = true
				continue
			}
			x, ok := a[i].get(key)
			if ok && found {
				v = either(v, x)
			} else if ok {
				v, found = x, true
			}
		}
		if !found && doubt {
			return unknown(hole{what: "union()." + key, max: unbounded}).after(a...), true
		}
		return v, found
	}, a...)
}

func concatLists(a []value) value {
	var items []value
	for _, x := range a {
		if x.kind != valList || len(items) > maxValues {
			return opaque("union()", a...)
		}
		items = append(items, x.items...)
	}
	return listOf(items, a...)
}

func jsonCall(ev *evaluator, e *expr, env symbols, m mode) value {
	a := arg(ev.args(e, env, m), 0)
	s, ok := a.known()
	if !ok {
		return opaque("json()", a)
	}
	doc, err := Read([]byte(s))
	if err != nil {
		return opaque("json()", a)
	}
	return ev.node(term{node: doc.Root, verbatim: true}, m).raised(a.from, a.deps)
}

func tryGet(ev *evaluator, e *expr, env symbols, m mode) value {
	a := ev.args(e, env, m)
	v := arg(a, 0)
	for i := 1; i < len(a); i++ {
		v = ev.index(v, a[i])
	}
	return v
}

func length(a []value) value {
	switch v := arg(a, 0); v.kind {
	case valText:
		if s, ok := v.known(); ok {
			return numberValue(int64(len([]rune(s))), v)
		}
	case valList:
		return digits("length()", v)
	}
	return digits("length()", a...)
}

// copyIndex counts within the loop; ARM allows 800 copies.
func copyIndex(ev *evaluator, e *expr, env symbols, m mode) value {
	h := fact("copyIndex()", 0)
	return unknown(h)
}

// utcNow has as many characters as its format.
func utcNow(a []value) value {
	h := fact("utcNow()", 0)
	if f, ok := arg(a, 0).known(); ok && len(f) > 1 {
		h.max = len(f)
	} else if ok && len(f) == 1 {
		h.max = 33 // the longest of the standard formats
	}
	return unknown(h)
}

func boolCall(a []value) value {
	v := arg(a, 0)
	switch s, ok := v.known(); {
	case v.kind == valBool:
		return v
	case v.kind == valNumber:
		return boolValue(v.num != 0, v)
	case ok && strings.EqualFold(s, "true"):
		return boolValue(true, v)
	case ok && strings.EqualFold(s, "false"):
		return boolValue(false, v)
	}
	return opaque("bool()", a...)
}

func intCall(a []value) value {
	v := arg(a, 0)
	if v.kind == valNumber {
		return v
	}
	if s, ok := v.known(); ok {
		if n, ok := parseInt(s); ok {
			return numberValue(n, v)
		}
	}
	return digits("int()", a...)
}

func not(ev *evaluator, e *expr, env symbols, m mode) value {
	v := arg(ev.args(e, env, m), 0)
	if v.kind != valBool {
		return opaque("not()", v)
	}
	v.flag = !v.flag
	return v
}

// allOf is `or` when one true decides, and `and` when one false does.
func allOf(ev *evaluator, e *expr, env symbols, m mode, decides bool) value {
	args := ev.args(e, env, m)
	sure := true
	for _, v := range args {
		if v.kind != valBool {
			sure = false
		} else if v.flag == decides && (m == byDefault || v.from < parameter) {
			return boolValue(decides, v)
		}
	}
	if sure {
		for _, v := range args {
			if v.flag == decides {
				return boolValue(decides, args...)
			}
		}
		return boolValue(!decides, args...)
	}
	return opaque(e.name+"()", args...)
}

// comparison lifts a test of single values; the second result is false when the values do not tell.
func comparison(f func(a []value) (result, ok bool)) function {
	return func(ev *evaluator, e *expr, env symbols, m mode) value {
		a := ev.args(e, env, m)
		if result, ok := f(a); ok {
			return boolValue(result, a...)
		}
		return opaque(e.name+"()", a...)
	}
}

func equals(a []value) (bool, bool) {
	x, y := arg(a, 0), arg(a, 1)
	s, ok := x.known()
	t, known := y.known()
	switch {
	case ok && known:
		return strings.EqualFold(s, t), true
	case x.kind == valNumber && y.kind == valNumber:
		return x.num == y.num, true
	case x.kind == valBool && y.kind == valBool:
		return x.flag == y.flag, true
	case x.kind == valNull && y.kind == valNull:
		return true, true
	}
	return false, false
}

func empty(a []value) (bool, bool) {
	switch v := arg(a, 0); v.kind {
	case valNull:
		return true, true
	case valList:
		return len(v.items) == 0, true
	case valText:
		if s, ok := v.known(); ok {
			return s == "", true
		}
	}
	return false, false
}

func contains(a []value) (bool, bool) {
	if v := arg(a, 0); v.kind == valObject {
		key, ok := arg(a, 1).known()
		if !ok {
			return false, false
		}
		_, has := v.get(key)
		return has, true
	}
	return textTest(a, strings.Contains)
}

func textTest(a []value, f func(s, t string) bool) (bool, bool) {
	s, ok := arg(a, 0).known()
	t, known := arg(a, 1).known()
	return ok && known && f(s, t), ok && known
}

func numberTest(f func(a, b int64) bool) func([]value) (bool, bool) {
	return func(a []value) (bool, bool) {
		x, y := arg(a, 0), arg(a, 1)
		ok := x.kind == valNumber && y.kind == valNumber
		return ok && f(x.num, y.num), ok
	}
}

func arithmetic(f func(a, b int64) (int64, bool)) function {
	return withArgs(func(a []value) value {
		x, y := arg(a, 0), arg(a, 1)
		if x.kind == valNumber && y.kind == valNumber {
			if n, ok := f(x.num, y.num); ok {
				return numberValue(n, a...)
			}
		}
		return digits("number", a...)
	})
}

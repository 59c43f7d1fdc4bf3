package template

import (
	"strings"
)

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
		if a.deps&onFile != 0 {
			return a // it says what could not be read
		}
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

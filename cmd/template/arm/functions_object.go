package arm

import (
	"strings"
)

func createObject(a []Value) Value {
	return objectOf(func(key string) (Value, bool) {
		for i := len(a)/2*2 - 2; i >= 0; i -= 2 {
			if k, ok := a[i].Known(); ok && strings.EqualFold(k, key) {
				return a[i+1], true
			}
		}
		return Value{Kind: ValNull}, false
	}, a...)
}

func union(a []Value) Value {
	for _, x := range a {
		if x.Kind != ValObject && x.Kind != ValUnknown {
			return ConcatLists(a)
		}
	}
	return objectOf(func(key string) (Value, bool) {
		var v Value
		found, doubt := false, false
		for i := len(a) - 1; i >= 0 && !(found && !doubt); i-- {
			if a[i].Kind != ValObject {
				doubt = true
				continue
			}
			x, ok := a[i].Get(key)
			if ok && found {
				v = either(v, x)
			} else if ok {
				v, found = x, true
			}
		}
		if !found && doubt {
			return unknown(hole{What: "union()." + key, Max: Unbounded}).After(a...), true
		}
		return v, found
	}, a...)
}

// ConcatLists puts lists one after the other.
func ConcatLists(a []Value) Value {
	var items []Value
	for _, x := range a {
		if x.Kind != ValList || len(items) > maxValues {
			return Opaque("union()", a...)
		}
		items = append(items, x.Items...)
	}
	return ListOf(items, a...)
}

func jsonCall(ev *Evaluator, e *Expr, env Symbols, m Mode) Value {
	a := Arg(ev.Args(e, env, m), 0)
	s, ok := a.Known()
	if !ok {
		if a.Deps&OnFile != 0 {
			return a // it says what could not be read
		}
		return Opaque("json()", a)
	}
	doc, err := Read([]byte(s))
	if err != nil {
		return Opaque("json()", a)
	}
	return ev.Node(Term{Node: doc.Root, verbatim: true}, m).raised(a.From, a.Deps)
}

func tryGet(ev *Evaluator, e *Expr, env Symbols, m Mode) Value {
	a := ev.Args(e, env, m)
	v := Arg(a, 0)
	for i := 1; i < len(a); i++ {
		v = ev.index(v, a[i])
	}
	return v
}

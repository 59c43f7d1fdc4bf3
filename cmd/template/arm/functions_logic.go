package arm

import (
	"strings"
)

func ifCall(ev *Evaluator, e *Expr, env Symbols, m Mode) Value {
	if len(e.Args) != 3 {
		return unknown(hole{What: "if()", Max: Unbounded})
	}
	c := ev.Expr(e.Args[0], env, m)
	if c.Kind == ValBool && (m == ByDefault || c.From < Parameter) {
		if c.Flag {
			return ev.Expr(e.Args[1], env, m).After(c)
		}
		return ev.Expr(e.Args[2], env, m).After(c)
	}
	v := either(ev.Expr(e.Args[1], env, m), ev.Expr(e.Args[2], env, m))
	v.Deps |= c.Deps
	return v
}

// Coalesce is the first argument that is not null.
func Coalesce(a []Value) Value {
	var v Value
	found := false
	for _, x := range a {
		if x.Kind == ValNull {
			continue
		}
		if found {
			v = either(v, x)
		} else {
			v, found = x, true
		}
		if x.Kind != ValUnknown && x.From < Parameter {
			break
		}
	}
	if !found {
		return Value{Kind: ValNull}.After(a...)
	}
	return v
}

func boolCall(a []Value) Value {
	v := Arg(a, 0)
	switch s, ok := v.Known(); {
	case v.Kind == ValBool:
		return v
	case v.Kind == ValNumber:
		return BoolValue(v.Num != 0, v)
	case ok && strings.EqualFold(s, "true"):
		return BoolValue(true, v)
	case ok && strings.EqualFold(s, "false"):
		return BoolValue(false, v)
	}
	return Opaque("bool()", a...)
}

func intCall(a []Value) Value {
	v := Arg(a, 0)
	if v.Kind == ValNumber {
		return v
	}
	if s, ok := v.Known(); ok {
		if n, ok := ParseInt(s); ok {
			return NumberValue(n, v)
		}
	}
	return digits("int()", a...)
}

func not(ev *Evaluator, e *Expr, env Symbols, m Mode) Value {
	v := Arg(ev.Args(e, env, m), 0)
	if v.Kind != ValBool {
		return Opaque("not()", v)
	}
	v.Flag = !v.Flag
	return v
}

// allOf is `or` when one true decides, and `and` when one false does.
func allOf(ev *Evaluator, e *Expr, env Symbols, m Mode, decides bool) Value {
	args := ev.Args(e, env, m)
	sure := true
	for _, v := range args {
		if v.Kind != ValBool {
			sure = false
		} else if v.Flag == decides && (m == ByDefault || v.From < Parameter) {
			return BoolValue(decides, v)
		}
	}
	if sure {
		for _, v := range args {
			if v.Flag == decides {
				return BoolValue(decides, args...)
			}
		}
		return BoolValue(!decides, args...)
	}
	return Opaque(e.Name+"()", args...)
}

// comparison lifts a test of single values; the second result is false when the values do not tell.
func comparison(f func(a []Value) (result, ok bool)) Function {
	return func(ev *Evaluator, e *Expr, env Symbols, m Mode) Value {
		a := ev.Args(e, env, m)
		if result, ok := f(a); ok {
			return BoolValue(result, a...)
		}
		return Opaque(e.Name+"()", a...)
	}
}

func equals(a []Value) (bool, bool) {
	x, y := Arg(a, 0), Arg(a, 1)
	s, ok := x.Known()
	t, known := y.Known()
	switch {
	case ok && known:
		return strings.EqualFold(s, t), true
	case x.Kind == ValNumber && y.Kind == ValNumber:
		return x.Num == y.Num, true
	case x.Kind == ValBool && y.Kind == ValBool:
		return x.Flag == y.Flag, true
	case x.Kind == ValNull && y.Kind == ValNull:
		return true, true
	}
	return false, false
}

func empty(a []Value) (bool, bool) {
	switch v := Arg(a, 0); v.Kind {
	case ValNull:
		return true, true
	case ValList:
		return len(v.Items) == 0, true
	case ValText:
		if s, ok := v.Known(); ok {
			return s == "", true
		}
	}
	return false, false
}

func contains(a []Value) (bool, bool) {
	if v := Arg(a, 0); v.Kind == ValObject {
		key, ok := Arg(a, 1).Known()
		if !ok {
			return false, false
		}
		_, has := v.Get(key)
		return has, true
	}
	return textTest(a, strings.Contains)
}

func textTest(a []Value, f func(s, t string) bool) (bool, bool) {
	s, ok := Arg(a, 0).Known()
	t, known := Arg(a, 1).Known()
	return ok && known && f(s, t), ok && known
}

func numberTest(f func(a, b int64) bool) func([]Value) (bool, bool) {
	return func(a []Value) (bool, bool) {
		x, y := Arg(a, 0), Arg(a, 1)
		ok := x.Kind == ValNumber && y.Kind == ValNumber
		return ok && f(x.Num, y.Num), ok
	}
}

func arithmetic(f func(a, b int64) (int64, bool)) Function {
	return WithArgs(func(a []Value) Value {
		x, y := Arg(a, 0), Arg(a, 1)
		if x.Kind == ValNumber && y.Kind == ValNumber {
			if n, ok := f(x.Num, y.Num); ok {
				return NumberValue(n, a...)
			}
		}
		return digits("number", a...)
	})
}

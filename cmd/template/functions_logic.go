package template

import (
	"strings"
)

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

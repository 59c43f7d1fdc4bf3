package arm

import (
	"strconv"
)

type valueKind uint8

// The kinds of values.
const (
	ValUnknown valueKind = iota // a hole of any type
	ValNull
	ValBool
	ValNumber
	ValText
	ValList
	ValObject
)

// Value is what an expression can become.
type Value struct {
	Kind  valueKind                      // which of the fields below has it
	Texts []Text                         // ValText: the alternatives
	Hole  *hole                          // ValUnknown
	Flag  bool                           // ValBool
	Num   int64                          // ValNumber
	Items []Value                        // ValList
	Get   func(key string) (Value, bool) // ValObject
	Count int                            // of an object: how many keys it has; -1 when that cannot be told
	size  int                            // of a list or object: how many values it was put together from
	From  Origin                         // the farthest that a piece of it was written
	Deps  deps                           // what else it changes with
}

// Bounds of one value, far beyond what names need: alternatives that are left out, and sizes at which it becomes a hole.
const (
	MaxTexts   = 64
	maxParts   = 128
	maxLiteral = 64 << 10
	maxValues  = 20_000
)

func unknown(h hole) Value { return Value{Kind: ValUnknown, Hole: &h, Deps: h.Deps} }

// TextValue is one of several texts.
func TextValue(t ...Text) Value {
	v := Value{Kind: ValText}
	seen := make(map[string]bool, len(t))
	for _, x := range t {
		if key := x.String(); !seen[key] && len(v.Texts) < MaxTexts {
			seen[key] = true
			v.Texts = append(v.Texts, x)
			v.From = max(v.From, x.from())
			v.Deps |= x.AllDeps()
		}
	}
	return v
}

// ListOf and objectOf make containers that cannot grow without end, whatever a template builds of them.
func ListOf(items []Value, of ...Value) Value {
	v := Value{Kind: ValList, Items: items, size: 1}
	for _, x := range items {
		v.size += max(x.size, 1)
	}
	return v.bounded(of)
}

func objectOf(get func(key string) (Value, bool), of ...Value) Value {
	v := Value{Kind: ValObject, Get: get, Count: -1, size: 1}
	for _, x := range of {
		v.size += max(x.size, 1)
	}
	return v.bounded(of)
}

func (v Value) bounded(of []Value) Value {
	if v.size > maxValues {
		return Opaque("...", of...)
	}
	return v.After(of...)
}

// BoolValue is true or false, made of other values.
func BoolValue(b bool, of ...Value) Value {
	v := Value{Kind: ValBool, Flag: b}
	return v.After(of...)
}

// NumberValue is a number, made of other values.
func NumberValue(n int64, of ...Value) Value {
	v := Value{Kind: ValNumber, Num: n}
	return v.After(of...)
}

// After takes over where other values came from.
func (v Value) After(of ...Value) Value {
	for _, o := range of {
		v.From = max(v.From, o.From)
		v.Deps |= o.Deps
	}
	return v
}

// Alternatives renders any value as texts.
func (v Value) Alternatives() []Text {
	switch v.Kind {
	case ValText:
		return v.Texts
	case ValBool:
		word := "False"
		if v.Flag {
			word = "True"
		}
		return []Text{LitText(word, v.From)}
	case ValNumber:
		return []Text{LitText(strconv.FormatInt(v.Num, 10), v.From)}
	case ValNull:
		return []Text{{}}
	case ValUnknown:
		t := holeText(v.Hole)
		t.Parts[0].From = v.From
		t.deps = v.Deps
		return []Text{t}
	}
	h := &hole{What: "...", Max: Unbounded, Deps: v.Deps}
	t := holeText(h)
	t.Parts[0].From = v.From
	return []Text{t}
}

// Known returns the single text that the value is, when it is one.
func (v Value) Known() (string, bool) {
	if v.Kind != ValText || len(v.Texts) != 1 {
		return "", false
	}
	return v.Texts[0].Known()
}

// raised marks a value as having come through a variable or parameter.
func (v Value) raised(from Origin, d deps) Value {
	if from <= v.From && d&^v.Deps == 0 && v.Kind != ValObject && v.Kind != ValList && v.Kind != ValText {
		return v
	}
	v.From, v.Deps = max(v.From, from), v.Deps|d
	switch v.Kind {
	case ValText:
		texts := make([]Text, len(v.Texts))
		for i, t := range v.Texts {
			texts[i] = t.raised(from, d)
		}
		v.Texts = texts
	case ValList:
		items := make([]Value, len(v.Items))
		for i, x := range v.Items {
			items[i] = x.raised(from, d)
		}
		v.Items = items
	case ValObject:
		get := v.Get
		v.Get = func(key string) (Value, bool) {
			x, ok := get(key)
			return x.raised(from, d), ok
		}
	}
	return v
}

// weight is how many parts its alternatives have.
func (v Value) weight() int {
	n := len(v.Items)
	for _, t := range v.Texts {
		n += len(t.Parts)
	}
	return n
}

// either merges two possibilities.
func either(a, b Value) Value {
	switch {
	case a.Kind == ValNull:
		return b
	case b.Kind == ValNull:
		return a
	case a.Kind == ValObject && b.Kind == ValObject:
		return objectOf(func(key string) (Value, bool) {
			x, okx := a.Get(key)
			y, oky := b.Get(key)
			switch {
			case okx && oky:
				return either(x, y), true
			case okx:
				return x, true
			}
			return y, oky
		}, a, b)
	case a.Kind == ValList && b.Kind == ValList:
		return ListOf(append(append([]Value{}, a.Items...), b.Items...), a, b)
	case a.Kind == ValBool && b.Kind == ValBool && a.Flag == b.Flag, a.Kind == ValNumber && b.Kind == ValNumber && a.Num == b.Num:
		return a.After(b)
	case a.Kind == ValText || b.Kind == ValText:
		v := TextValue(append(append([]Text{}, a.Alternatives()...), b.Alternatives()...)...)
		return v.After(a, b)
	}
	return Value{Kind: ValUnknown, Hole: &hole{What: "...", Max: Unbounded, Deps: a.Deps | b.Deps}}.After(a, b)
}

// Combine builds the texts of all combinations of two values.
func Combine(a, b Value, f func(x, y Text) Text) Value {
	var out []Text
	for _, x := range a.Alternatives() {
		for _, y := range b.Alternatives() {
			if len(out) == MaxTexts {
				break
			}
			out = append(out, f(x, y).bounded())
		}
	}
	return TextValue(out...).After(a, b)
}

// each changes every alternative.
func (v Value) each(f func(Text) Text) Value {
	alts := v.Alternatives()
	out := make([]Text, len(alts))
	for i, t := range alts {
		out[i] = f(t)
	}
	return TextValue(out...).After(v)
}

// Member returns the value of a key of an object; null when it has none.
func (v Value) Member(key string) Value {
	if x, ok := v.Get(key); ok {
		return x
	}
	return Value{Kind: ValNull}
}

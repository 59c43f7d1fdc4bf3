package template

import (
	"strconv"
	"strings"
)

type valueKind uint8

const (
	valUnknown valueKind = iota // a hole of any type
	valNull
	valBool
	valNumber
	valText
	valList
	valObject
)

// value is what an expression can become.
type value struct {
	kind  valueKind
	texts []text // valText: the alternatives
	hole  *hole  // valUnknown
	flag  bool
	num   int64
	items []value                        // valList
	get   func(key string) (value, bool) // valObject
	count int                            // of an object: how many keys it has; -1 when that cannot be told
	size  int                            // of a list or object: how many values it was put together from
	from  origin
	deps  deps
}

// Bounds of one value, far beyond what names need: alternatives that are left out, and sizes at which it becomes a hole.
const (
	maxTexts   = 64
	maxParts   = 128
	maxLiteral = 64 << 10
	maxValues  = 20_000
)

func unknown(h hole) value { return value{kind: valUnknown, hole: &h, deps: h.deps} }

func textValue(t ...text) value {
	v := value{kind: valText}
	seen := make(map[string]bool, len(t))
	for _, x := range t {
		if key := x.String(); !seen[key] && len(v.texts) < maxTexts {
			seen[key] = true
			v.texts = append(v.texts, x)
			v.from = max(v.from, x.from())
			v.deps |= x.allDeps()
		}
	}
	return v
}

// listOf and objectOf make containers that cannot grow without end, whatever a template builds of them.
func listOf(items []value, of ...value) value {
	v := value{kind: valList, items: items, size: 1}
	for _, x := range items {
		v.size += max(x.size, 1)
	}
	return v.bounded(of)
}

func objectOf(get func(key string) (value, bool), of ...value) value {
	v := value{kind: valObject, get: get, count: -1, size: 1}
	for _, x := range of {
		v.size += max(x.size, 1)
	}
	return v.bounded(of)
}

func (v value) bounded(of []value) value {
	if v.size > maxValues {
		return opaque("...", of...)
	}
	return v.after(of...)
}

func boolValue(b bool, of ...value) value {
	v := value{kind: valBool, flag: b}
	return v.after(of...)
}

func numberValue(n int64, of ...value) value {
	v := value{kind: valNumber, num: n}
	return v.after(of...)
}

// after takes over where other values came from.
func (v value) after(of ...value) value {
	for _, o := range of {
		v.from = max(v.from, o.from)
		v.deps |= o.deps
	}
	return v
}

// alternatives renders any value as texts.
func (v value) alternatives() []text {
	switch v.kind {
	case valText:
		return v.texts
	case valBool:
		word := "False"
		if v.flag {
			word = "True"
		}
		return []text{litText(word, v.from)}
	case valNumber:
		return []text{litText(strconv.FormatInt(v.num, 10), v.from)}
	case valNull:
		return []text{{}}
	case valUnknown:
		t := holeText(v.hole)
		t.parts[0].from = v.from
		t.deps = v.deps
		return []text{t}
	}
	h := &hole{what: "...", max: unbounded, deps: v.deps}
	t := holeText(h)
	t.parts[0].from = v.from
	return []text{t}
}

// known returns the single text that the value is, when it is one.
func (v value) known() (string, bool) {
	if v.kind != valText || len(v.texts) != 1 {
		return "", false
	}
	return v.texts[0].known()
}

// raised marks a value as having come through a variable or parameter.
func (v value) raised(from origin, d deps) value {
	if from <= v.from && d&^v.deps == 0 && v.kind != valObject && v.kind != valList && v.kind != valText {
		return v
	}
	v.from, v.deps = max(v.from, from), v.deps|d
	switch v.kind {
	case valText:
		texts := make([]text, len(v.texts))
		for i, t := range v.texts {
			texts[i] = t.raised(from, d)
		}
		v.texts = texts
	case valList:
		items := make([]value, len(v.items))
		for i, x := range v.items {
			items[i] = x.raised(from, d)
		}
		v.items = items
	case valObject:
		get := v.get
		v.get = func(key string) (value, bool) {
			x, ok := get(key)
			return x.raised(from, d), ok
		}
	}
	return v
}

// weight is how many parts its alternatives have.
func (v value) weight() int {
	n := len(v.items)
	for _, t := range v.texts {
		n += len(t.parts)
	}
	return n
}

// either merges two possibilities.
func either(a, b value) value {
	switch {
	case a.kind == valNull:
		return b
	case b.kind == valNull:
		return a
	case a.kind == valObject && b.kind == valObject:
		return objectOf(func(key string) (value, bool) {
			x, okx := a.get(key)
			y, oky := b.get(key)
			switch {
			case okx && oky:
				return either(x, y), true
			case okx:
				return x, true
			}
			return y, oky
		}, a, b)
	case a.kind == valList && b.kind == valList:
		return listOf(append(append([]value{}, a.items...), b.items...), a, b)
	case a.kind == valBool && b.kind == valBool && a.flag == b.flag, a.kind == valNumber && b.kind == valNumber && a.num == b.num:
		return a.after(b)
	case a.kind == valText || b.kind == valText:
		v := textValue(append(append([]text{}, a.alternatives()...), b.alternatives()...)...)
		return v.after(a, b)
	}
	return value{kind: valUnknown, hole: &hole{what: "...", max: unbounded, deps: a.deps | b.deps}}.after(a, b)
}

// combine builds the texts of all combinations of two values.
func combine(a, b value, f func(x, y text) text) value {
	var out []text
	for _, x := range a.alternatives() {
		for _, y := range b.alternatives() {
			if len(out) == maxTexts {
				break
			}
			out = append(out, f(x, y).bounded())
		}
	}
	return textValue(out...).after(a, b)
}

// each changes every alternative.
func (v value) each(f func(text) text) value {
	alts := v.alternatives()
	out := make([]text, len(alts))
	for i, t := range alts {
		out[i] = f(t)
	}
	return textValue(out...).after(v)
}

// wordsOf splits a name at its capitals, digits, `-` and `_`, in lower case: enablePidTracking is enable, pid, tracking.
func wordsOf(name string) []string {
	var out []string
	start := 0
	flush := func(end int) {
		if end > start {
			out = append(out, strings.ToLower(name[start:end]))
		}
		start = end
	}
	for i := 0; i < len(name); i++ {
		c := name[i]
		upper := 'A' <= c && c <= 'Z'
		lowerBefore := i > 0 && ('a' <= name[i-1] && name[i-1] <= 'z')
		lowerAfter := i+1 < len(name) && 'a' <= name[i+1] && name[i+1] <= 'z'
		upperBefore := i > 0 && 'A' <= name[i-1] && name[i-1] <= 'Z'
		switch {
		case !upper && (c < 'a' || c > 'z'):
			flush(i)
			start = i + 1
		case upper && (lowerBefore || upperBefore && lowerAfter):
			flush(i)
		}
	}
	flush(len(name))
	return out
}

// hasWord reports whether a name has one of the words of a kind (words.csv), also one made of two neighbours: optOut.
func hasWord(name, kind string) bool {
	set := data().words[kind]
	w := wordsOf(name)
	for i, x := range w {
		if set[x] || i > 0 && set[w[i-1]+x] {
			return true
		}
	}
	return false
}

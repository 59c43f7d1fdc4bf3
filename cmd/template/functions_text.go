package template

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

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

// onText lifts a change of texts to a call of one argument.
func onText(f func(text) text) func([]value) value {
	return func(a []value) value { return arg(a, 0).each(f) }
}

// onKnown applies a function to a text that is known; of others, and where it fails, nothing is known but what they depend on.
func onKnown(name string, f func(string) (string, bool)) func([]value) value {
	return func(a []value) value {
		s, ok := arg(a, 0).known()
		if ok {
			s, ok = f(s)
		}
		if !ok {
			return opaque(name, a...)
		}
		return textValue(litText(s, a[0].from)).after(a...)
	}
}

func fromBase64(s string) (string, bool) {
	b, err := base64.StdEncoding.DecodeString(s)
	return string(b), err == nil
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

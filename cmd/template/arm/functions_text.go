package arm

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

func concat(a []Value) Value {
	lists := len(a) > 0
	for _, x := range a {
		lists = lists && x.Kind == ValList
	}
	if lists {
		return ConcatLists(a)
	}
	v := TextValue(Text{})
	for _, x := range a {
		v = Combine(v, x, Join)
	}
	return v
}

var placeholder = regexp.MustCompile(`\{\{|\}\}|\{[0-9]+(?:,-?[0-9]+)?(?::[^{}]*)?\}`)

func format(a []Value) Value {
	pattern, ok := Arg(a, 0).Known()
	if !ok {
		return Opaque("format()", a...)
	}
	from := a[0].From
	out := TextValue(Text{})
	at := 0
	for _, loc := range placeholder.FindAllStringIndex(pattern, -1) {
		out = Combine(out, TextValue(LitText(pattern[at:loc[0]], from)), Join)
		at = loc[1]
		hit := pattern[loc[0]:loc[1]]
		if hit == "{{" || hit == "}}" {
			out = Combine(out, TextValue(LitText(hit[:1], from)), Join)
			continue
		}
		index, width, _ := strings.Cut(hit[1:len(hit)-1], ":")
		index, _, _ = strings.Cut(index, ",")
		n, err := strconv.Atoi(index)
		if err != nil || n+1 >= len(a) {
			return Opaque("format()", a...)
		}
		out = Combine(out, formatted(a[n+1], width), Join)
	}
	return Combine(out, TextValue(LitText(pattern[at:], from)), Join).After(a...)
}

// formatted applies a .NET number format of the kind that names use: D2, 00.
func formatted(v Value, spec string) Value {
	if spec == "" {
		return v
	}
	width := len(spec)
	if spec[0] == 'D' || spec[0] == 'd' {
		n, ok := ParseInt(spec[1:])
		if !ok || n > MaskMax {
			return v
		}
		width = int(n)
	} else if strings.Trim(spec, "0") != "" {
		return v
	}
	if v.Kind == ValNumber && v.Num >= 0 {
		return TextValue(LitText(fmt.Sprintf("%0*d", min(width, MaskMax), v.Num), v.From)).After(v)
	}
	return v
}

// onText lifts a change of texts to a call of one argument.
func onText(f func(Text) Text) func([]Value) Value {
	return func(a []Value) Value { return Arg(a, 0).each(f) }
}

// onKnown applies a function to a text that is known; of others, and where it fails, nothing is known but what they depend on.
func onKnown(name string, f func(string) (string, bool)) func([]Value) Value {
	return func(a []Value) Value {
		s, ok := Arg(a, 0).Known()
		if ok {
			s, ok = f(s)
		}
		if !ok {
			return Opaque(name, a...)
		}
		return TextValue(LitText(s, a[0].From)).After(a...)
	}
}

func fromBase64(s string) (string, bool) {
	b, err := base64.StdEncoding.DecodeString(s)
	return string(b), err == nil
}

func trim(t Text) Text {
	if s, ok := t.Known(); ok {
		return LitText(strings.TrimSpace(s), t.from()).raised(inline, t.deps)
	}
	return t
}

func number(v Value) (int, bool) {
	if v.Kind == ValNumber && v.Num >= 0 && v.Num <= 1<<20 {
		return int(v.Num), true
	}
	return 0, false
}

func take(a []Value) Value {
	n, ok := number(Arg(a, 1))
	if !ok {
		return Arg(a, 0).After(a...)
	}
	if v := a[0]; v.Kind == ValList {
		v.Items = v.Items[:min(n, len(v.Items))]
		return v
	}
	return a[0].each(func(t Text) Text { return t.take(n) })
}

func skip(a []Value) Value {
	n, ok := number(Arg(a, 1))
	if !ok {
		return Opaque("skip()", a...)
	}
	if v := a[0]; v.Kind == ValList {
		v.Items = v.Items[min(n, len(v.Items)):]
		return v
	}
	return a[0].each(func(t Text) Text { t.Cut = nil; return t.slice(n, 1<<20) })
}

func substring(a []Value) Value {
	from, ok := number(Arg(a, 1))
	if !ok {
		return Opaque("substring()", a...)
	}
	if len(a) < 3 {
		return skip(a)
	}
	n, ok := number(a[2])
	if !ok {
		return skip(a[:2])
	}
	return a[0].each(func(t Text) Text {
		if from == 0 {
			return t.take(n)
		}
		t.Cut = nil
		return t.slice(from, from+n)
	})
}

// Replace puts one text in place of another.
func Replace(a []Value) Value {
	from, ok := Arg(a, 1).Known()
	to, known := Arg(a, 2).Known()
	if !ok || !known || from == "" {
		return Arg(a, 0).After(a...)
	}
	return a[0].each(func(t Text) Text {
		if s, ok := t.Known(); ok { // an occurrence may span parts
			if len(to) > 0 && strings.Count(s, from)*len(to) > 1<<16 {
				return t
			}
			if !strings.Contains(s, from) {
				return t
			}
			return LitText(strings.ReplaceAll(s, from, to), t.from()).raised(inline, t.deps)
		}
		return t.mapLiterals(func(s string) string {
			if len(to) > 0 && strings.Count(s, from)*len(to) > 1<<16 {
				return s
			}
			return strings.ReplaceAll(s, from, to)
		})
	})
}

func padLeft(a []Value) Value {
	n, ok := number(Arg(a, 1))
	pad, known := Arg(a, 2).Known()
	if len(a) < 3 {
		pad, known = " ", true
	}
	if !ok || !known || len(pad) != 1 || n > MaskMax {
		return Arg(a, 0).After(a...)
	}
	return a[0].each(func(t Text) Text {
		if s, ok := t.Known(); ok && len(s) < n {
			return Join(LitText(strings.Repeat(pad, n-len(s)), t.from()), t)
		}
		if len(t.Parts) == 1 && t.Parts[0].Hole != nil && t.Parts[0].Hole.Max < n {
			h := *t.Parts[0].Hole
			if h.Max != Unbounded {
				h.Max = n
			}
			t.Parts = []Part{{Hole: &h, From: t.Parts[0].From}}
		}
		return t
	})
}

func split(a []Value) Value {
	s, ok := Arg(a, 0).Known()
	sep, known := Arg(a, 1).Known()
	if !ok || !known || sep == "" {
		return Opaque("split()", a...)
	}
	var pieces []Value
	for _, piece := range strings.SplitN(s, sep, maxParts) {
		pieces = append(pieces, TextValue(LitText(piece, a[0].From)))
	}
	return ListOf(pieces, a...)
}

// JoinCall joins the items of a list with a separator.
func JoinCall(a []Value) Value {
	sep, ok := Arg(a, 1).Known()
	if !ok || a[0].Kind != ValList || len(a[0].Items) > MaxTexts {
		return Opaque("join()", a...)
	}
	v := TextValue(Text{})
	for i, x := range a[0].Items {
		if i > 0 {
			v = Combine(v, TextValue(LitText(sep, a[1].From)), Join)
		}
		v = Combine(v, x, Join)
	}
	return v.After(a...)
}

// Edge is the first or last item of a list, or character of a text.
func Edge(a []Value, first bool) Value {
	switch v := Arg(a, 0); {
	case v.Kind == ValList && len(v.Items) > 0:
		if first {
			return v.Items[0].After(v)
		}
		return v.Items[len(v.Items)-1].After(v)
	case v.Kind == ValText:
		return v.each(func(t Text) Text {
			n, open := t.MaxLen()
			switch {
			case n == 0 && !open:
				return t
			case first:
				return t.slice(0, 1)
			case open:
				return holeText(&hole{What: "last()", Max: 1, Deps: t.AllDeps()})
			}
			t.Cut = nil
			return t.slice(n-1, n)
		})
	}
	return Opaque("first()", a...)
}

// uri keeps the relative part, which names a linked template.
func uri(a []Value) Value {
	base := unknown(hole{What: "uri", Max: Unbounded}).After(Arg(a, 0))
	return Combine(Combine(base, TextValue(LitText("/", inline)), Join), Arg(a, 1), Join)
}

func length(a []Value) Value {
	switch v := Arg(a, 0); v.Kind {
	case ValText:
		if s, ok := v.Known(); ok {
			return NumberValue(int64(len([]rune(s))), v)
		}
	case ValList:
		return digits("length()", v)
	}
	return digits("length()", a...)
}

// utcNow has as many characters as its format.
func utcNow(a []Value) Value {
	h := fact("utcNow()", 0)
	if f, ok := Arg(a, 0).Known(); ok && len(f) > 1 {
		h.Max = len(f)
	} else if ok && len(f) == 1 {
		h.Max = 33 // the longest of the standard formats
	}
	return unknown(h)
}

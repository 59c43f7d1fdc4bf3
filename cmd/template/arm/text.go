package arm

import (
	"regexp"
	"strings"
)

// Origin says how far from the name itself a piece of it was written; the greater one wins when pieces come through several hands.
type Origin uint8

// Where a piece of a name was written, from the nearest.
const (
	inline    Origin = iota // in the name expression
	Variable                // in a variable, an object or loaded JSON
	Parameter               // in a parameter: whoever deploys can change it
)

// deps says what else a value changes with.
type deps uint8

// What a value changes with.
const (
	OnLocation   deps = 1 << iota // the region of the deployment
	OnRun                         // every run: utcNow, newGuid
	OnDeployment                  // the name of the deployment
	onGroup                       // the resource group
	onCaller                      // another parameter
	OnFile                        // a file that could not be read
)

type holeKind uint8

// What is known of a hole.
const (
	holeOther holeKind = iota
	HoleHash
	HoleGUID
	HoleDigits
	holeLocation
	HoleTime
	holeName
	holeID
	holeObject
	HoleParameter
)

// Unbounded is the greatest length of a hole that nothing limits.
const Unbounded = -1

// hole is a piece of a text that is known only when the template is deployed.
type hole struct {
	What string // as the expression shows it: uniqueString(), parameters('x')
	Kind holeKind
	Max  int // greatest length in characters, or Unbounded
	Deps deps
}

// Part is a literal or a hole.
type Part struct {
	Lit  string // the literal
	Hole *hole  // nil: a literal
	From Origin // where it was written
}

// Text is one thing that a string can become.
type Text struct {
	Parts []Part // from left to right
	Cut   *Text  // the text before a take or substring shortened it
	limit int    // greatest length that a take left, where holes alone would allow more; 0 when there is none
	deps  deps   // beyond those of the holes: how a parameter's default was found
}

// LitText is a text that is known.
func LitText(s string, from Origin) Text {
	if s == "" {
		return Text{}
	}
	return Text{Parts: []Part{{Lit: s, From: from}}}
}

func holeText(h *hole) Text {
	return Text{Parts: []Part{{Hole: h}}}
}

// String shows the text with its holes in braces.
func (t Text) String() string {
	var b strings.Builder
	for _, p := range t.Parts {
		if p.Hole == nil {
			b.WriteString(p.Lit)
		} else {
			b.WriteString("{" + p.Hole.What + "}")
		}
	}
	return b.String()
}

// HoleByte stands for a hole's characters in a mask: no letter, no digit and nothing a token can contain.
const HoleByte = '?'

// Mask is the text at its greatest length with every hole blanked out; a hole without limit is one character. More than maskMax
// characters of one hole, or maskAll of all, change nothing.
func (t Text) Mask() string {
	var b strings.Builder
	for _, p := range t.Parts {
		if b.Len() > maskAll {
			break
		}
		if p.Hole == nil {
			b.WriteString(p.Lit[:min(len(p.Lit), maskAll)])
			continue
		}
		n := p.Hole.Max
		if n < 1 {
			n = 1
		}
		b.WriteString(strings.Repeat(string(HoleByte), min(n, MaskMax)))
	}
	return b.String()
}

// Bounds of a mask, in characters.
const (
	MaskMax = 256
	maskAll = 4096
)

// PartAt returns the part that covers a byte of the mask.
func (t Text) PartAt(offset int) *Part {
	at := 0
	for i := range t.Parts {
		p := &t.Parts[i]
		n := len(p.Lit)
		if p.Hole != nil {
			n = min(max(p.Hole.Max, 1), MaskMax)
		}
		if at += n; offset < at {
			return p
		}
	}
	return nil
}

// Known returns the text when it has no holes.
func (t Text) Known() (string, bool) {
	var b strings.Builder
	for _, p := range t.Parts {
		if p.Hole != nil {
			return "", false
		}
		b.WriteString(p.Lit)
	}
	return b.String(), true
}

// MaxLen is the greatest length in characters; open is true when a hole has no limit.
func (t Text) MaxLen() (n int, open bool) {
	for _, p := range t.Parts {
		switch {
		case p.Hole == nil:
			n += len([]rune(p.Lit))
		case p.Hole.Max == Unbounded:
			open = true
		default:
			n += p.Hole.Max
		}
	}
	if t.limit > 0 && (open || n > t.limit) {
		return t.limit, false
	}
	return n, open
}

// from is the farthest origin among the parts.
func (t Text) from() Origin {
	var f Origin
	for _, p := range t.Parts {
		f = max(f, p.From)
	}
	return f
}

// AllDeps says what the text changes with, its holes included.
func (t Text) AllDeps() deps {
	d := t.deps
	for _, p := range t.Parts {
		if p.Hole != nil {
			d |= p.Hole.Deps
		}
	}
	return d
}

func (t Text) raised(from Origin, d deps) Text {
	out := Text{Parts: make([]Part, len(t.Parts)), Cut: t.Cut, deps: t.deps | d, limit: t.limit}
	for i, p := range t.Parts {
		p.From = max(p.From, from)
		out.Parts[i] = p
	}
	if t.Cut != nil {
		c := t.Cut.raised(from, d)
		out.Cut = &c
	}
	return out
}

// Join puts one text after another.
func Join(a, b Text) Text {
	out := Text{Parts: append(append(make([]Part, 0, len(a.Parts)+len(b.Parts)), a.Parts...), b.Parts...), deps: a.deps | b.deps}
	// A piece that was cut on its own only matters at the end, where nothing else can hide it.
	if a.Cut != nil {
		out.Cut = a.Cut
	}
	if b.Cut != nil {
		c := Join(a, *b.Cut)
		c.Cut = nil
		out.Cut = &c
	}
	if a.limit > 0 || b.limit > 0 {
		n, aOpen := a.MaxLen()
		m, bOpen := b.MaxLen()
		if !aOpen && !bOpen {
			out.limit = n + m
		}
	}
	return out
}

// bounded replaces a text that grew beyond all names by a hole.
func (t Text) bounded() Text {
	n := 0
	for _, p := range t.Parts {
		n += len(p.Lit)
	}
	if len(t.Parts) <= maxParts && n <= maxLiteral {
		return t
	}
	out := holeText(&hole{What: "...", Max: Unbounded, Deps: t.AllDeps()})
	out.Parts[0].From = t.from()
	return out
}

// mapLiterals changes the literal parts.
func (t Text) mapLiterals(f func(string) string) Text {
	out := Text{Parts: make([]Part, 0, len(t.Parts)), deps: t.deps, limit: t.limit}
	for _, p := range t.Parts {
		if p.Hole == nil {
			p.Lit = f(p.Lit)
		}
		if p.Hole != nil || p.Lit != "" {
			out.Parts = append(out.Parts, p)
		}
	}
	if t.Cut != nil {
		c := t.Cut.mapLiterals(f)
		out.Cut = &c
	}
	return out
}

// slice is substring at the text's greatest length: characters from..to. Holes keep their kind with the length that is left.
func (t Text) slice(from, to int) Text {
	out := Text{deps: t.deps, Cut: t.Cut}
	at := 0
	for _, p := range t.Parts {
		if at >= to {
			break
		}
		if p.Hole != nil && p.Hole.Max == Unbounded {
			h := *p.Hole
			h.Max = to - max(at, from)
			out.Parts = append(out.Parts, Part{Hole: &h, From: p.From})
			at = max(at, from)
			// What follows a hole of any length may still be there: it is kept as far as it can reach.
			continue
		}
		n := 0
		if p.Hole != nil {
			n = p.Hole.Max
		} else {
			n = len([]rune(p.Lit))
		}
		lo, hi := max(from-at, 0), min(to-at, n)
		at += n
		if lo >= hi {
			continue
		}
		if p.Hole != nil {
			h := *p.Hole
			h.Max = hi - lo
			p.Hole = &h
		} else {
			p.Lit = string([]rune(p.Lit)[lo:hi])
		}
		out.Parts = append(out.Parts, p)
	}
	return out
}

// take is slice from the start that remembers what the text was before.
func (t Text) take(n int) Text {
	length, open := t.MaxLen()
	if length <= n && !open {
		return t
	}
	out := t.slice(0, n)
	out.limit = n
	if single := len(t.Parts) == 1 && t.Parts[0].Hole != nil; out.Cut == nil && length > n && !single { // a few characters of a hash are meant so
		whole := t
		out.Cut = &whole
	}
	return out
}

// Clip shortens a text from a file for a message, to one line.
func Clip(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 80 {
		return string(r[:80]) + "..."
	}
	return s
}

// FilledIn reports whether a build puts a value in before the template is deployed.
func FilledIn(s string) bool { return BuildMark.MatchString(s) }

// BuildMark finds what build tools replace: ${x}, #{x}#, {{x}}, @@x@@, __x__, <x>.
var BuildMark = regexp.MustCompile(`\$\{[^}]*\}|#\{[^}]*\}#?|\{\{[^}]*\}\}|@@?[A-Za-z][\w.-]*@@?|__[A-Za-z][A-Za-z0-9_.-]*__|<[A-Za-z][^<>]*>`)

// LowerASCII folds A-Z and keeps all offsets.
func LowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] += 'a' - 'A'
		}
	}
	return string(b)
}

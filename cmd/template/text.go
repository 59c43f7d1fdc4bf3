package template

import (
	"strings"
)

// origin says how far from the name itself a piece of it was written; the greater one wins when pieces come through several hands.
type origin uint8

const (
	inline    origin = iota // in the name expression
	variable                // in a variable, an object or loaded JSON
	parameter               // in a parameter: whoever deploys can change it
)

// deps says what else a value changes with.
type deps uint8

const (
	onLocation   deps = 1 << iota // the region of the deployment
	onRun                         // every run: utcNow, newGuid
	onDeployment                  // the name of the deployment
	onGroup                       // the resource group
	onCaller                      // another parameter
	onFile                        // a file that could not be read
)

type holeKind uint8

const (
	holeOther holeKind = iota
	holeHash
	holeGUID
	holeDigits
	holeLocation
	holeTime
	holeName
	holeID
	holeObject
	holeParameter
)

// unbounded is the greatest length of a hole that nothing limits.
const unbounded = -1

// hole is a piece of a text that is known only when the template is deployed.
type hole struct {
	what string // as the expression shows it: uniqueString(), parameters('x')
	kind holeKind
	max  int // greatest length in characters, or unbounded
	deps deps
}

// part is a literal or a hole.
type part struct {
	lit  string
	hole *hole
	from origin
}

// text is one thing that a string can become.
type text struct {
	parts []part
	cut   *text // the text before a take or substring shortened it
	limit int   // greatest length that a take left, where holes alone would allow more; 0 when there is none
	deps  deps  // beyond those of the holes: how a parameter's default was found
}

func litText(s string, from origin) text {
	if s == "" {
		return text{}
	}
	return text{parts: []part{{lit: s, from: from}}}
}

func holeText(h *hole) text {
	return text{parts: []part{{hole: h}}}
}

// String shows the text with its holes in braces.
func (t text) String() string {
	var b strings.Builder
	for _, p := range t.parts {
		if p.hole == nil {
			b.WriteString(p.lit)
		} else {
			b.WriteString("{" + p.hole.what + "}")
		}
	}
	return b.String()
}

// holeByte stands for a hole's characters in a mask: no letter, no digit and nothing a token can contain.
const holeByte = '?'

// mask is the text at its greatest length with every hole blanked out; a hole without limit is one character. More than maskMax
// characters of one hole, or maskAll of all, change nothing.
func (t text) mask() string {
	var b strings.Builder
	for _, p := range t.parts {
		if b.Len() > maskAll {
			break
		}
		if p.hole == nil {
			b.WriteString(p.lit[:min(len(p.lit), maskAll)])
			continue
		}
		n := p.hole.max
		if n < 1 {
			n = 1
		}
		b.WriteString(strings.Repeat(string(holeByte), min(n, maskMax)))
	}
	return b.String()
}

const (
	maskMax = 256
	maskAll = 4096
)

// partAt returns the part that covers a byte of the mask.
func (t text) partAt(offset int) *part {
	at := 0
	for i := range t.parts {
		p := &t.parts[i]
		n := len(p.lit)
		if p.hole != nil {
			n = min(max(p.hole.max, 1), maskMax)
		}
		if at += n; offset < at {
			return p
		}
	}
	return nil
}

// known returns the text when it has no holes.
func (t text) known() (string, bool) {
	var b strings.Builder
	for _, p := range t.parts {
		if p.hole != nil {
			return "", false
		}
		b.WriteString(p.lit)
	}
	return b.String(), true
}

// maxLen is the greatest length in characters; open is true when a hole has no limit.
func (t text) maxLen() (n int, open bool) {
	for _, p := range t.parts {
		switch {
		case p.hole == nil:
			n += len([]rune(p.lit))
		case p.hole.max == unbounded:
			open = true
		default:
			n += p.hole.max
		}
	}
	if t.limit > 0 && (open || n > t.limit) {
		return t.limit, false
	}
	return n, open
}

// from is the farthest origin among the parts.
func (t text) from() origin {
	var f origin
	for _, p := range t.parts {
		f = max(f, p.from)
	}
	return f
}

func (t text) allDeps() deps {
	d := t.deps
	for _, p := range t.parts {
		if p.hole != nil {
			d |= p.hole.deps
		}
	}
	return d
}

func (t text) raised(from origin, d deps) text {
	out := text{parts: make([]part, len(t.parts)), cut: t.cut, deps: t.deps | d, limit: t.limit}
	for i, p := range t.parts {
		p.from = max(p.from, from)
		out.parts[i] = p
	}
	if t.cut != nil {
		c := t.cut.raised(from, d)
		out.cut = &c
	}
	return out
}

func join(a, b text) text {
	out := text{parts: append(append(make([]part, 0, len(a.parts)+len(b.parts)), a.parts...), b.parts...), deps: a.deps | b.deps}
	// A piece that was cut on its own only matters at the end, where nothing else can hide it.
	if a.cut != nil {
		out.cut = a.cut
	}
	if b.cut != nil {
		c := join(a, *b.cut)
		c.cut = nil
		out.cut = &c
	}
	if a.limit > 0 || b.limit > 0 {
		n, aOpen := a.maxLen()
		m, bOpen := b.maxLen()
		if !aOpen && !bOpen {
			out.limit = n + m
		}
	}
	return out
}

// bounded replaces a text that grew beyond all names by a hole.
func (t text) bounded() text {
	n := 0
	for _, p := range t.parts {
		n += len(p.lit)
	}
	if len(t.parts) <= maxParts && n <= maxLiteral {
		return t
	}
	out := holeText(&hole{what: "...", max: unbounded, deps: t.allDeps()})
	out.parts[0].from = t.from()
	return out
}

// mapLiterals changes the literal parts.
func (t text) mapLiterals(f func(string) string) text {
	out := text{parts: make([]part, 0, len(t.parts)), deps: t.deps, limit: t.limit}
	for _, p := range t.parts {
		if p.hole == nil {
			p.lit = f(p.lit)
		}
		if p.hole != nil || p.lit != "" {
			out.parts = append(out.parts, p)
		}
	}
	if t.cut != nil {
		c := t.cut.mapLiterals(f)
		out.cut = &c
	}
	return out
}

// slice is substring at the text's greatest length: characters from..to. Holes keep their kind with the length that is left.
func (t text) slice(from, to int) text {
	out := text{deps: t.deps, cut: t.cut}
	at := 0
	for _, p := range t.parts {
		if at >= to {
			break
		}
		if p.hole != nil && p.hole.max == unbounded {
			h := *p.hole
			h.max = to - max(at, from)
			out.parts = append(out.parts, part{hole: &h, from: p.from})
			at = max(at, from)
			// What follows a hole of any length may still be there: it is kept as far as it can reach.
			continue
		}
		n := 0
		if p.hole != nil {
			n = p.hole.max
		} else {
			n = len([]rune(p.lit))
		}
		lo, hi := max(from-at, 0), min(to-at, n)
		at += n
		if lo >= hi {
			continue
		}
		if p.hole != nil {
			h := *p.hole
			h.max = hi - lo
			p.hole = &h
		} else {
			p.lit = string([]rune(p.lit)[lo:hi])
		}
		out.parts = append(out.parts, p)
	}
	return out
}

// take is slice from the start that remembers what the text was before.
func (t text) take(n int) text {
	length, open := t.maxLen()
	if length <= n && !open {
		return t
	}
	out := t.slice(0, n)
	out.limit = n
	if single := len(t.parts) == 1 && t.parts[0].hole != nil; out.cut == nil && length > n && !single { // a few characters of a hash are meant so
		whole := t
		out.cut = &whole
	}
	return out
}

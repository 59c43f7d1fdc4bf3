package evidence

import "bytes"

// maxGlance is the longest line, in bytes, that is read at a glance.
const maxGlance = 64 << 10

// glance reads a line without making a tree of it: only the members that are asked for are taken out of its text, and most events of an activity
// log are no evidence, which their first members show. It reads only a line that is shaped like the record before it, a resource log. The line is
// checked to the end, by a grammar that is narrower than the parser's; what does not pass is parsed (ok is false), and nothing was made of it. So
// what becomes of a line is always what the parser would make of it.
func (p *Parser) glance(line []byte) (k kind, ok bool) {
	if p.last == nil || p.last.fam != p.s.resourceLog || p.mapped != nil || len(line) > maxGlance || len(line) == 0 || line[0] != '{' {
		return 0, false
	}
	p.rec.next()
	p.rec.setText(0, line)
	p.rec.open[0] = p.rec.epoch
	if end := p.rec.walk(line, 0, 0); end != len(line) || !p.last.matches(p) {
		return 0, false
	}
	return p.last.parse(p, p.last), true
}

// walk takes the members of node n from the text of its object, at b[i]. It returns the index behind the object, or -1 when the object must be
// parsed; what was taken until then is right.
func (r *record) walk(b []byte, i int, n int32) int {
	r.current, r.before = n, 0
	if i = skipBlank(b, i+1); i < len(b) && b[i] == '}' {
		return i + 1
	}
	for {
		from := i + 1
		if i = skipString(b, i); i < 0 {
			return -1
		}
		key := b[from : i-1]
		if i = skipBlank(b, i); i >= len(b) || b[i] != ':' || bytes.IndexByte(key, '\\') >= 0 {
			return -1
		}
		if i = skipBlank(b, i+1); i >= len(b) {
			return -1
		}
		from = i
		if i = skipValue(b, i, 0); i < 0 {
			return -1
		}
		if m := r.take(key); m >= 0 {
			r.setText(m, b[from:i])
		}
		if i = skipBlank(b, i); i >= len(b) {
			return -1
		}
		if b[i] == '}' {
			return i + 1
		}
		if b[i] != ',' {
			return -1
		}
		i = skipBlank(b, i+1)
	}
}

// skipBlank returns the index of the first character from i on that is no blank of JSON.
func skipBlank(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\n' || b[i] == '\r') {
		i++
	}
	return i
}

// skipString returns the index behind the string at b[i], or -1 when there is none.
func skipString(b []byte, i int) int {
	if i >= len(b) || b[i] != '"' {
		return -1
	}
	for from := i + 1; ; {
		n := bytes.IndexByte(b[from:], '"')
		if n < 0 {
			return -1
		}
		end := from + n
		back := end
		for back > i+1 && b[back-1] == '\\' {
			back--
		}
		if from = end + 1; (end-back)%2 == 0 {
			return from
		}
	}
}

// maxGlanceDepth bounds how deep a line is looked into.
const maxGlanceDepth = 32

// skipValue returns the index behind the value at b[i], or -1 when it is none of strict JSON.
func skipValue(b []byte, i, depth int) int {
	switch c := b[i]; c {
	case '"':
		return skipString(b, i)
	case '{', '[':
		return skipContainer(b, i, depth)
	case 't', 'f', 'n':
		for _, word := range [...]string{"true", "false", "null"} {
			if c == word[0] && len(b)-i >= len(word) && string(b[i:i+len(word)]) == word {
				return i + len(word)
			}
		}
		return -1
	}
	from := i
	for i < len(b) && b[i] >= '0' && b[i] <= '9' {
		i++
	}
	if i == from || b[from] == '0' && i > from+1 { // other numbers are rare: they are parsed
		return -1
	}
	return i
}

func skipContainer(b []byte, i, depth int) int {
	opening := b[i]
	if i = skipBlank(b, i+1); i < len(b) && b[i] == opening+2 { // ASCII: ']' and '}' follow two after their opening brackets
		return i + 1
	}
	for depth < maxGlanceDepth {
		if opening == '{' {
			if i = skipString(b, i); i < 0 {
				return -1
			}
			if i = skipBlank(b, i); i >= len(b) || b[i] != ':' {
				return -1
			}
			i = skipBlank(b, i+1)
		}
		if i >= len(b) {
			return -1
		}
		if i = skipValue(b, i, depth+1); i < 0 {
			return -1
		}
		if i = skipBlank(b, i); i >= len(b) {
			return -1
		}
		if b[i] == opening+2 {
			return i + 1
		}
		if b[i] != ',' {
			return -1
		}
		i = skipBlank(b, i+1)
	}
	return -1
}

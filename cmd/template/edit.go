package template

import (
	"bytes"
	"slices"
	"strings"
)

// insertion puts text in before a byte of the file. Nothing that was there changes.
type insertion struct {
	at   int
	text string
}

// insert applies insertions; those at one place go in in their order.
func insert(data []byte, list []insertion) []byte {
	slices.SortStableFunc(list, func(a, b insertion) int { return a.at - b.at })
	var out bytes.Buffer
	at := 0
	for _, i := range list {
		out.Write(data[at:i.at])
		out.WriteString(i.text)
		at = i.at
	}
	out.Write(data[at:])
	return out.Bytes()
}

// layout is how a file is written: what a new piece has to look like.
type layout struct {
	data []byte
	eol  string // "" when the whole file is one line
	unit string // of indentation
}

func layoutOf(doc *Document) layout {
	l := layout{data: doc.Data, unit: "  "}
	switch crlf := bytes.Count(doc.Data, []byte("\r\n")); {
	case crlf > 0 && 2*crlf >= bytes.Count(doc.Data, []byte("\n")):
		l.eol = "\r\n"
	case bytes.IndexByte(doc.Data, '\n') >= 0:
		l.eol = "\n"
	}
	if len(doc.Root.Members) > 0 {
		first := doc.Root.Members[0].Key.Start
		if own, base := l.indent(first), l.indent(doc.Root.Start); l.opensLine(first) && strings.HasPrefix(own, base) && own != base {
			l.unit = own[len(base):]
		}
	}
	return l
}

// indent returns the blanks at the start of the line that holds an offset.
func (l layout) indent(offset int) string {
	start := bytes.LastIndexByte(l.data[:offset], '\n') + 1
	if start == 0 && bytes.HasPrefix(l.data, []byte(bom)) {
		start = min(len(bom), offset)
	}
	end := start
	for end < offset && (l.data[end] == ' ' || l.data[end] == '\t') {
		end++
	}
	return string(l.data[start:end])
}

// opensLine reports whether only blanks stand before an offset in its line.
func (l layout) opensLine(offset int) bool {
	start := bytes.LastIndexByte(l.data[:offset], '\n') + 1
	return strings.Trim(string(l.data[start:offset]), " \t"+bom) == ""
}

// piece is JSON to be put in: an object of ordered members, a list, or text that is JSON already.
type piece struct {
	members []pieceMember
	items   []piece
	text    string
}

type pieceMember struct {
	key   string
	value piece
}

func raw(json string) piece { return piece{text: json} }

// render writes a piece; indent is that of the line where it starts. In a file of one line it becomes one line.
func (l layout) render(p piece, indent string) string {
	inside, colon := indent+l.unit, ": "
	if l.eol == "" {
		inside, indent, colon = "", "", ":"
	}
	var entries []string
	for _, m := range p.members {
		entries = append(entries, quote(m.key)+colon+l.render(m.value, inside))
	}
	for _, item := range p.items {
		entries = append(entries, l.render(item, inside))
	}
	body := l.eol + inside + strings.Join(entries, ","+l.eol+inside) + l.eol + indent
	switch {
	case p.members != nil:
		return "{" + body + "}"
	case p.items != nil:
		return "[" + body + "]"
	}
	return p.text
}

// firstIn puts an entry (a value, or a key with its value) in front of all others of an array or object.
func (l layout) firstIn(n *Node, entry func(indent string) string) insertion {
	start, more := n.End-1, false
	if len(n.Items) > 0 {
		start, more = n.Items[0].Start, true
	} else if len(n.Members) > 0 {
		start, more = n.Members[0].Key.Start, true
	}
	base := l.indent(n.Start)
	switch {
	case l.eol == "" && more:
		return insertion{n.Start + 1, entry("") + ","}
	case l.eol == "":
		return insertion{n.Start + 1, entry("")}
	case more && l.opensLine(start):
		indent := l.indent(start)
		return insertion{n.Start + 1, l.eol + indent + entry(indent) + ","}
	case more: // the first entry stands on the line of the bracket
		separator := ", "
		if next := l.data[n.Start+1]; next == ' ' || next == '\t' {
			separator = ","
		}
		return insertion{n.Start + 1, entry(base) + separator}
	}
	indent := base + l.unit
	text := l.eol + indent + entry(indent)
	if bytes.IndexByte(l.data[n.Start:n.End], '\n') < 0 {
		text += l.eol + base
	}
	return insertion{n.Start + 1, text}
}

// lastIn puts a key with its value behind all others of an object. A comment behind the last one keeps its place.
func (l layout) lastIn(n *Node, entry func(indent string) string) []insertion {
	if len(n.Members) == 0 {
		return []insertion{l.firstIn(n, entry)}
	}
	last := n.Members[len(n.Members)-1]
	end := last.Value.End
	var out []insertion
	if at := l.comma(end, n.End-1); at >= 0 {
		end = at + 1
	} else {
		out = []insertion{{end, ","}}
	}
	if l.eol == "" {
		return append(out, insertion{end, entry("")})
	}
	indent := l.indent(n.Start) + l.unit
	if l.opensLine(last.Key.Start) {
		indent = l.indent(last.Key.Start)
	}
	return append(out, insertion{l.behind(end, n.End-1), l.eol + indent + entry(indent)})
}

// comma returns where a trailing comma stands between a value and the closing bracket, outside of comments, or -1.
func (l layout) comma(from, to int) int {
	for at := from; at < to; {
		if next := l.comment(at, to); next > at {
			at = next
			continue
		}
		if l.data[at] == ',' {
			return at
		}
		at++
	}
	return -1
}

// behind returns where a new line can start after the last value: behind the comments on its line.
func (l layout) behind(from, to int) int {
	end := from
	for at := from; at < to && l.data[at] != '\n' && l.data[at] != '\r'; {
		if next := l.comment(at, to); next > at {
			at, end = next, next
			continue
		}
		at++
	}
	return end
}

// comment returns the end of the comment that starts at an offset, or the offset.
func (l layout) comment(at, to int) int {
	rest := l.data[at:to]
	switch {
	case bytes.HasPrefix(rest, []byte("//")):
		if n := bytes.IndexAny(rest, "\r\n"); n >= 0 {
			return at + n
		}
		return to
	case bytes.HasPrefix(rest, []byte("/*")):
		if n := bytes.Index(rest[2:], []byte("*/")); n >= 0 {
			return at + n + 4
		}
	}
	return at
}

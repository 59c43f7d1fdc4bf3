package arm

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// Insertion puts text in before a byte of the file. Nothing that was there changes.
type Insertion struct {
	At   int    // byte offset in the file
	Text string // what is put in
}

// Insert applies insertions; those at one place go in in their order.
func Insert(data []byte, list []Insertion) []byte {
	slices.SortStableFunc(list, func(a, b Insertion) int { return a.At - b.At })
	var out bytes.Buffer
	at := 0
	for _, i := range list {
		out.Write(data[at:i.At])
		out.WriteString(i.Text)
		at = i.At
	}
	out.Write(data[at:])
	return out.Bytes()
}

// Layout is how a file is written: what a new piece has to look like.
type Layout struct {
	data []byte
	EOL  string // "" when the whole file is one line
	unit string // of indentation
}

// LayoutOf finds out how a file is written.
func LayoutOf(doc *Document) Layout {
	l := Layout{data: doc.Data, unit: "  "}
	switch crlf := bytes.Count(doc.Data, []byte("\r\n")); {
	case crlf > 0 && 2*crlf >= bytes.Count(doc.Data, []byte("\n")):
		l.EOL = "\r\n"
	case bytes.IndexByte(doc.Data, '\n') >= 0:
		l.EOL = "\n"
	}
	if len(doc.Root.Members) > 0 {
		first := doc.Root.Members[0].Key.Start
		if own, base := l.Indent(first), l.Indent(doc.Root.Start); l.OpensLine(first) && strings.HasPrefix(own, base) && own != base {
			l.unit = own[len(base):]
		}
	}
	return l
}

// Indent returns the blanks at the start of the line that holds an offset.
func (l Layout) Indent(offset int) string {
	start := bytes.LastIndexByte(l.data[:offset], '\n') + 1
	if start == 0 && bytes.HasPrefix(l.data, []byte(BOM)) {
		start = min(len(BOM), offset)
	}
	end := start
	for end < offset && (l.data[end] == ' ' || l.data[end] == '\t') {
		end++
	}
	return string(l.data[start:end])
}

// OpensLine reports whether only blanks stand before an offset in its line.
func (l Layout) OpensLine(offset int) bool {
	start := bytes.LastIndexByte(l.data[:offset], '\n') + 1
	return strings.Trim(string(l.data[start:offset]), " \t"+BOM) == ""
}

// Piece is JSON to be put in: an object of ordered members, a list, or text that is JSON already.
type Piece struct {
	members []PieceMember
	items   []Piece
	text    string
}

// PieceMember is a key of an object that is put in, and its value.
type PieceMember struct {
	key   string
	value Piece
}

// Raw is text that is JSON already.
func Raw(json string) Piece { return Piece{text: json} }

// NewObject is an object of members in their order.
func NewObject(members ...PieceMember) Piece { return Piece{members: members} }

// NewMember is a key and its value.
func NewMember(key string, value Piece) PieceMember { return PieceMember{key, value} }

// NewList is a list of values.
func NewList(items ...Piece) Piece { return Piece{items: items} }

// Render writes a piece; indent is that of the line where it starts. In a file of one line it becomes one line.
func (l Layout) Render(p Piece, indent string) string {
	inside, colon := indent+l.unit, ": "
	if l.EOL == "" {
		inside, indent, colon = "", "", ":"
	}
	var entries []string
	for _, m := range p.members {
		entries = append(entries, Quote(m.key)+colon+l.Render(m.value, inside))
	}
	for _, item := range p.items {
		entries = append(entries, l.Render(item, inside))
	}
	body := l.EOL + inside + strings.Join(entries, ","+l.EOL+inside) + l.EOL + indent
	switch {
	case p.members != nil:
		return "{" + body + "}"
	case p.items != nil:
		return "[" + body + "]"
	}
	return p.text
}

// FirstIn puts an entry (a value, or a key with its value) in front of all others of an array or object.
func (l Layout) FirstIn(n *Node, entry func(indent string) string) Insertion {
	start, more := n.End-1, false
	if len(n.Items) > 0 {
		start, more = n.Items[0].Start, true
	} else if len(n.Members) > 0 {
		start, more = n.Members[0].Key.Start, true
	}
	base := l.Indent(n.Start)
	switch {
	case l.EOL == "" && more:
		return Insertion{n.Start + 1, entry("") + ","}
	case l.EOL == "":
		return Insertion{n.Start + 1, entry("")}
	case more && l.OpensLine(start):
		indent := l.Indent(start)
		return Insertion{n.Start + 1, l.EOL + indent + entry(indent) + ","}
	case more: // the first entry stands on the line of the bracket
		separator := ", "
		if next := l.data[n.Start+1]; next == ' ' || next == '\t' {
			separator = ","
		}
		return Insertion{n.Start + 1, entry(base) + separator}
	}
	indent := base + l.unit
	text := l.EOL + indent + entry(indent)
	if bytes.IndexByte(l.data[n.Start:n.End], '\n') < 0 {
		text += l.EOL + base
	}
	return Insertion{n.Start + 1, text}
}

// LastIn puts a key with its value after all others of an object. A comment after the last one keeps its place.
func (l Layout) LastIn(n *Node, entry func(indent string) string) []Insertion {
	if len(n.Members) == 0 {
		return []Insertion{l.FirstIn(n, entry)}
	}
	last := n.Members[len(n.Members)-1]
	end := last.Value.End
	var out []Insertion
	if at := l.comma(end, n.End-1); at >= 0 {
		end = at + 1
	} else {
		out = []Insertion{{end, ","}}
	}
	if l.EOL == "" {
		return append(out, Insertion{end, entry("")})
	}
	indent := l.Indent(n.Start) + l.unit
	if l.OpensLine(last.Key.Start) {
		indent = l.Indent(last.Key.Start)
	}
	return append(out, Insertion{l.behind(end, n.End-1), l.EOL + indent + entry(indent)})
}

// comma returns where a trailing comma stands between a value and the closing bracket, outside of comments, or -1.
func (l Layout) comma(from, to int) int {
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

// behind returns where a new line can start after the last value: after the comments on its line.
func (l Layout) behind(from, to int) int {
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
func (l Layout) comment(at, to int) int {
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

// Quote writes a text as a JSON string.
func Quote(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
}

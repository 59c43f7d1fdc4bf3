// Package arm reads ARM templates with every position kept, edits them, and finds out what their expressions can become.
//
// An expression's value is a set of texts of literal parts and holes: a hole stands for what only the deployment tells, with its greatest
// length. Bicep and Terraform become the same expressions, so the evaluator serves them, too.
package arm

import (
	"bytes"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Kind is the kind of a JSON value.
type Kind uint8

// The kinds.
const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
)

// Node is one JSON value with its place in the file.
type Node struct {
	Kind       Kind
	Start, End int      // byte offsets in the file; End is exclusive
	Text       string   // the decoded string; a number, true, false or null as written
	Members    []Member // of an object, in the order of the file
	Items      []*Node  // of an array

	parent *Node
	key    string // its key in an object
	index  int    // its place in an array
}

// Member is one key of an object and its value.
type Member struct {
	Key   *Node
	Value *Node
}

// Get returns the value of a key, or nil. ARM compares keys without case; an exact match goes first, and of repeated keys the last wins.
func (n *Node) Get(key string) *Node {
	if m := n.Member(key); m != nil {
		return m.Value
	}
	return nil
}

// Member is Get with the key.
func (n *Node) Member(key string) *Member {
	if n == nil || n.Kind != Object {
		return nil
	}
	var folded *Member
	for i := len(n.Members) - 1; i >= 0; i-- {
		switch m := &n.Members[i]; {
		case m.Key.Text == key:
			return m
		case folded == nil && strings.EqualFold(m.Key.Text, key):
			folded = m
		}
	}
	return folded
}

// At follows keys through objects: n.At("properties", "template").
func (n *Node) At(keys ...string) *Node {
	for _, k := range keys {
		if n = n.Get(k); n == nil {
			return nil
		}
	}
	return n
}

// Str returns the text of a string node, or "".
func (n *Node) Str() string {
	if n == nil || n.Kind != String {
		return ""
	}
	return n.Text
}

// Path returns the JSON path of the node from the root: $.resources[0].name.
func (n *Node) Path() string {
	var steps []string
	for ; n != nil && n.parent != nil; n = n.parent {
		switch {
		case n.parent.Kind == Array:
			steps = append(steps, "["+strconv.Itoa(n.index)+"]")
		case IsIdentifier(n.key):
			steps = append(steps, "."+n.key)
		default:
			steps = append(steps, "['"+strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(n.key)+"']")
		}
	}
	var b strings.Builder
	b.WriteByte('$')
	for i := len(steps) - 1; i >= 0; i-- {
		b.WriteString(steps[i])
	}
	return b.String()
}

// IsIdentifier reports whether a key needs no quotes in a JSON path.
func IsIdentifier(s string) bool {
	for i, c := range s {
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// Document is a JSON file as it was written: the values and what strict JSON would not allow.
type Document struct {
	Data  []byte
	Root  *Node
	Notes []Note

	lines LineIndex
}

// Note is something in the file that is not strict JSON, or that readers disagree about.
type Note struct {
	Kind   NoteKind
	Offset int
	Text   string // the key of NoteDuplicateKey
}

// NoteKind says what a Note is about.
type NoteKind string

// The kinds of notes. A byte order mark at the start of the file is not one.
const (
	NoteComment         NoteKind = "comment"
	NoteTrailingComma   NoteKind = "trailing comma"
	NoteDuplicateKey    NoteKind = "repeated key"
	NoteMultilineString NoteKind = "line break in a string"
	NoteBOM             NoteKind = "byte order mark inside the file"
)

// Position returns the line and column of a byte offset, both from 1. Columns count characters; a byte order mark at the start is not one.
func (d *Document) Position(offset int) (line, column int) { return d.lines.Position(d.Data, offset) }

// BOM is the byte order mark of UTF-8.
const BOM = "\xef\xbb\xbf"

// LineIndex finds lines and columns in a file, also in files of one long line.
type LineIndex struct {
	starts []int // the offset at which each line starts
	marks  []int // the characters before each stretch of markEvery bytes
}

const markEvery = 4096

// NewLineIndex looks through a file once.
func NewLineIndex(data []byte) LineIndex {
	l := LineIndex{starts: []int{0}}
	n := 0
	for i, c := range data {
		if i%markEvery == 0 {
			l.marks = append(l.marks, n)
		}
		if utf8.RuneStart(c) {
			n++
		}
		if c == '\n' {
			l.starts = append(l.starts, i+1)
		}
	}
	if len(data)%markEvery == 0 {
		l.marks = append(l.marks, n)
	}
	return l
}

// before counts the characters before an offset.
func (l LineIndex) before(data []byte, offset int) int {
	n := l.marks[offset/markEvery]
	for _, c := range data[offset/markEvery*markEvery : offset] {
		if utf8.RuneStart(c) {
			n++
		}
	}
	return n
}

// Position returns the line and column of a byte offset, both from 1.
func (l LineIndex) Position(data []byte, offset int) (line, column int) {
	offset = min(max(offset, 0), len(data))
	line = sort.SearchInts(l.starts, offset+1)
	start := l.starts[line-1]
	if start == 0 && bytes.HasPrefix(data, []byte(BOM)) {
		start = min(len(BOM), offset)
	}
	return line, l.before(data, offset) - l.before(data, start) + 1
}

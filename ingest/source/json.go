package source

import (
	"bytes"
	"errors"
	"io"
)

// JSONOptions changes how NewJSON reads. The zero value is right for all known exports.
type JSONOptions struct {
	// Into names the members of a wrapping object whose arrays are entered, case-insensitive; a dot goes down
	// one object. Nil means DefaultInto. A last step "rows" is a table: its sibling "columns" names the values.
	Into []string

	// BufferSize is the read buffer and the size of a block in bytes, 1 MB when 0.
	BufferSize int

	// MaxValue is the largest element or line in bytes, MaxRecord when 0.
	MaxValue int
}

// DefaultInto returns the wrappers of known exports (activity-exports.md 6.1 step 2): REST and Resource Graph
// lists, Event Hub records, Log Analytics tables, HTTP recordings, Partner Center pages.
func DefaultInto() []string {
	return []string{
		"value", "records", "data", "data.rows", "tables", "events", "items",
		"networkCallRecords", "Entries", "log.entries", "http_interactions",
	}
}

// Value is one JSON element.
type Value struct {
	// Bytes is the element as it stands in the file. A row of a table ("tables", "data.rows") is given as an
	// object with the column names as keys, so that it reads like the same record from any other container.
	//
	// Brackets and strings of an element are checked, the rest is not: its parser may still find it invalid.
	Bytes []byte

	Record int64  // number of the element from 1; in a block of JSON lines the line
	Line   int64  // line where it begins
	Column int64  // column of its first character there, from 1
	Offset int64  // byte offset of its start in the decoded text
	Path   string // container it came from, spelled as in Into ("records", "log.entries", ...); "" for top level and bare arrays

	Columns      []string // column names when it is a row of a table; shared, not to be changed
	Unterminated bool     // it stands on the last line and that has no line end: when invalid, it was cut while being written

	// Damaged is set by JSONBlock.Each only: a line that cannot be read; Bytes is then empty.
	Damaged *DamagedError
}

// Clone returns a copy that stays valid.
func (v Value) Clone() Value {
	v.Bytes = bytes.Clone(v.Bytes)
	return v
}

// JSON yields the elements of a JSON text whatever their wrapping: one document, concatenated documents,
// JSON lines. Arrays are entered, also arrays in arrays; of an object at top level or in a bare array the
// array members named in Into are entered, and the rest of it is dropped; if it has none, the object itself
// is an element. Elements of a named array are not looked into, except tables. An array of plain words
// ("data": ["x"]) is not entered: such an object is a record. Strings that hold JSON are elements as they
// are: use Elements on what they hold.
//
// It is used by one goroutine; use either Next or NextBlock.
type JSON struct {
	doc   *document // nil in lines mode
	lines *jsonLines
	err   error // sticky

	block   int
	pending bool // held was read by NextBlock but not delivered
	held    Value
	last    int64 // last record number
}

// NewJSON returns a reader of the elements of r. It reads ahead to see whether r holds JSON lines; an error of
// r shows at the first Next.
func NewJSON(r io.Reader, o JSONOptions) *JSON {
	o = o.withDefaults()
	j := &JSON{block: o.BufferSize}
	into := newContainers(o.Into)
	head, eof, err := readStart(r, into, o)
	if err != nil {
		j.err = err
		return j
	}
	head = bytes.TrimPrefix(head, utf8BOM)
	if form := jsonForm(head, eof, into, o); form != documentForm {
		j.lines = newJSONLines(head, eof, r, into, o)
		j.lines.plain = form == plainLinesForm
	} else {
		j.doc = newDocument(head, eof, r, into, o)
	}
	return j
}

func (o JSONOptions) withDefaults() JSONOptions {
	if o.Into == nil {
		o.Into = DefaultInto()
	}
	if o.BufferSize <= 0 {
		o.BufferSize = defaultBlock
	}
	if o.MaxValue <= 0 {
		o.MaxValue = MaxRecord
	}
	return o
}

// Lines reports whether the text is read as JSON lines, so that a damaged line does not end it.
func (j *JSON) Lines() bool { return j.lines != nil }

// Next returns the next element, or io.EOF. A *DamagedError with Final unset is about one line: go on
// calling Next. All other errors are final.
func (j *JSON) Next() (Value, error) {
	if j.err != nil {
		return Value{}, j.err
	}
	for {
		var v Value
		var err error
		if j.lines != nil {
			v, err = j.lines.next()
			if errors.Is(err, errDocument) { // what looked like JSON lines is a document that spans lines
				j.doc, j.lines = j.lines.document(), nil
				continue
			}
		} else {
			v, err = j.doc.next()
		}
		var damaged *DamagedError
		ok := errors.As(err, &damaged)
		if err == nil || ok {
			j.last++
		}
		if ok {
			damaged.Record = j.last
		}
		if err != nil && (!ok || damaged.Final) {
			j.err = err
		}
		v.Record = j.last
		return v, err
	}
}

package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxDepth is the deepest nesting that is read, as in encoding/json.
const (
	maxDepth = 10000
	tooDeep  = "nested deeper than 10,000"
)

// document finds the elements of JSON documents in a stream. It keeps a window of the text that holds at
// least the current element, and a frame for every array and object that it has entered.
type document struct {
	r    io.Reader // nil: all text is in buf
	into *containers
	max  int
	buf  []byte
	pos  int
	keep int // bytes before are not needed any more
	eof  bool

	base    int64 // offset of buf[0]
	line    int64 // line of buf[counted]
	begins  int64 // offset where that line begins
	head    int64 // offset where the line of buf[0] begins
	counted int

	frames []frame
	stack  []byte // open brackets of the value that is being skipped

	probe   int       // start of an object that may be a record or a wrapper, -1 when there is none
	yielded bool      // an element was found
	row     []byte    // object made of the current table row
	cells   *document // scans a table row

	readErr   error
	truncated bool // the damage is that the text ends
	inner     byte // innermost bracket that is open there, 0 when there is none
}

// frame is an array or object that was entered.
type frame struct {
	kind  byte        // '[' or '{'
	some  bool        // it has had a member
	into  *containers // what its objects (array) or members (object) are looked into with, nil for not
	path  string      // container of its elements
	cols  *columns    // table: columns of its rows (array), columns seen so far (object)
	table bool        // array whose elements are rows
	rows  [2]int      // object: rows that came before their columns, relative to probe

	empty  bool // object: an array that would be entered has no elements
	record bool // object: it has a member that only records have
}

func newDocument(data []byte, eof bool, r io.Reader, into *containers, o JSONOptions) *document {
	return &document{r: r, into: into, max: o.MaxValue, buf: data, eof: eof, line: 1, probe: -1}
}

// reset makes d read text, a line that starts at offset.
func (d *document) reset(text []byte, offset, line int64) {
	*d = document{
		into: d.into, max: d.max, buf: text, eof: true, base: offset, line: line, begins: offset, head: offset, probe: -1,
		frames: d.frames[:0], stack: d.stack[:0], row: d.row[:0], cells: d.cells,
	}
}

// next returns the next element, io.EOF, *DamagedError, *TooLongError or an error of the reader.
func (d *document) next() (Value, error) {
	v, err := d.find()
	if err == nil {
		d.yielded = true
	}
	return v, err
}

func (d *document) find() (Value, error) {
	for {
		if d.probe < 0 {
			d.keep = d.pos
		}
		if len(d.frames) == 0 {
			if !d.topBlank() {
				if d.readErr != nil {
					return Value{}, d.readErr
				}
				return Value{}, io.EOF
			}
			if v, ok, err := d.value(frame{into: d.into}); ok || err != nil {
				return v, err
			}
			continue
		}
		f := &d.frames[len(d.frames)-1]
		closing := f.kind + 2 // ASCII: ']' and '}' follow two after their opening brackets
		c, err := d.token()
		if err != nil {
			return Value{}, err
		}
		switch {
		case c == closing:
			d.pos++
			if v, ok, err := d.leave(); ok || err != nil {
				return v, err
			}
			continue
		case f.some:
			if c != ',' {
				return Value{}, d.unexpected(c)
			}
			d.pos++
			if c, err = d.token(); err != nil {
				return Value{}, err
			}
		}
		f.some = true
		if f.kind == '{' {
			if err := d.member(c); err != nil {
				return Value{}, err
			}
			continue
		}
		if v, ok, err := d.value(*f); ok || err != nil {
			return v, err
		}
	}
}

// value handles the value at pos, an element of the array f or a document. It returns it, or enters it.
func (d *document) value(f frame) (Value, bool, error) {
	c, err := d.token()
	if err != nil {
		return Value{}, false, err
	}
	switch {
	case c == '[' && !f.table:
		d.pos++
		return Value{}, false, d.enter(frame{kind: '[', into: f.into, path: f.path})
	case c == '{' && f.into != nil && !f.table:
		d.probe = d.pos
		d.pos++
		return Value{}, false, d.enter(frame{kind: '{', into: f.into, path: f.path})
	}
	start := d.pos - d.keep
	if err := d.skipValue(); err != nil {
		return Value{}, false, err
	}
	start += d.keep
	if f.table {
		return d.tableRow(start, d.pos, f)
	}
	return d.element(start, d.pos, f.path), true, nil
}

func (d *document) element(start, end int, path string) Value {
	line, offset := d.lineAt(start), d.base+int64(start)
	return Value{Bytes: d.buf[start:end], Line: line, Column: offset - d.begins + 1, Offset: offset, Path: path}
}

// enter pushes a frame.
func (d *document) enter(f frame) error {
	if len(d.frames) == maxDepth {
		return d.damaged(d.pos, tooDeep)
	}
	d.frames = append(d.frames, f)
	return nil
}

// leave pops a frame whose closing bracket was read. An object that turned out to be no wrapper is an element.
func (d *document) leave() (Value, bool, error) {
	f := d.frames[len(d.frames)-1]
	d.frames = d.frames[:len(d.frames)-1]
	switch {
	case f.kind == '[' || d.probe < 0:
		return Value{}, false, nil
	case f.rows[1] > 0 && f.cols != nil:
		return Value{}, false, d.replayTable(f)
	}
	if n := len(d.frames); n > 0 && d.frames[n-1].kind == '{' { // one step of a dotted path
		d.frames[n-1].empty = d.frames[n-1].empty || f.empty
		return Value{}, false, nil
	}
	start := d.probe
	d.probe = -1
	if f.empty && !f.record { // {"value":[]}: a wrapper of nothing
		if !json.Valid(d.buf[start:d.pos]) {
			return Value{}, false, d.damagedIn(start, d.buf[start:d.pos], "no valid JSON in this object")
		}
		return Value{}, false, nil
	}
	return d.element(start, d.pos, f.path), true, nil
}

// member handles one member of the object on top, whose key starts at pos with c.
func (d *document) member(c byte) error {
	f := &d.frames[len(d.frames)-1]
	if c != '"' {
		return d.unexpected(c)
	}
	start := d.pos - d.keep
	if err := d.skipString(); err != nil {
		return err
	}
	keyEnd := d.pos - d.keep
	c, err := d.token()
	if err != nil {
		return err
	}
	if c != ':' {
		return d.unexpected(c)
	}
	d.pos++
	if c, err = d.token(); err != nil {
		return err
	}
	key := d.buf[d.keep+start+1 : d.keep+keyEnd-1]
	child := f.into.child(key)
	if child == nil && d.probe >= 0 && !f.record {
		f.record = recordMember(key)
	}
	switch {
	case child == nil && c == '[' && f.into.isColumns(key):
		at := d.pos - d.keep
		if err := d.skipValue(); err != nil {
			return err
		}
		text := d.buf[d.keep+at : d.pos]
		if len(text) > maxColumnText || Values(text) > 4*maxColumns {
			return d.damaged(d.keep+at, tooManyColumns)
		}
		if f.cols = parseColumns(text); f.cols != nil && len(f.cols.names) > maxColumns {
			return d.damaged(d.keep+at, tooManyColumns)
		}
		return d.checkMember(start, keyEnd)
	case child != nil && c == '{' && len(child.children) > 0:
		d.pos++
		return d.enter(frame{kind: '{', into: child, path: f.path})
	case child != nil && c == '[' && child.array:
		first, err := d.firstOf()
		switch {
		case err != nil:
			return err
		case first == ']':
			f.empty = true
		case child.table && first == '[' && f.cols == nil:
			return d.earlyRows(start, keyEnd)
		case child.table && first == '[', !child.table && (first == '{' || first == '['):
			if err := d.checkProbe(d.keep + start); err != nil {
				return err
			}
			d.probe = -1
			d.pos++
			return d.enter(frame{kind: '[', into: child.elements, path: child.path, table: child.table, cols: f.cols})
		}
	}
	if err := d.skipValue(); err != nil {
		return err
	}
	return d.checkMember(start, keyEnd)
}

// firstOf returns the first character of what the array at pos holds: ']' when it is empty, the first
// character inside for a string. An array of numbers or words is data of a record and not entered.
func (d *document) firstOf() (byte, error) {
	at := d.pos - d.keep
	d.pos++
	c, err := d.token()
	if err == nil && c == '"' {
		d.pos++
		if c, err = d.token(); c == ']' {
			c = '"'
		}
	}
	d.pos = d.keep + at
	if err != nil {
		d.inner = '['
	}
	return c, err
}

// earlyRows skips rows that come before the columns of their table and remembers where they are.
func (d *document) earlyRows(start, keyEnd int) error {
	if d.probe < 0 {
		return d.damaged(d.pos, "the rows of this table come before its columns")
	}
	at := d.pos - d.probe
	if err := d.skipValue(); err != nil {
		return err
	}
	d.frames[len(d.frames)-1].rows = [2]int{at, d.pos - d.probe}
	return d.checkMember(start, keyEnd)
}

// checkMember validates a member that is dropped because the object is known to be a wrapper. While that is
// open nothing is done: either the parser of the element will see it, or checkProbe.
func (d *document) checkMember(start, keyEnd int) error {
	if d.probe >= 0 {
		return nil
	}
	text := d.buf[d.keep+start : d.pos]
	value := bytes.TrimLeft(text[keyEnd-start:], blanks+":")
	if !json.Valid(text[:keyEnd-start]) {
		return d.damaged(d.keep+start, "no valid JSON: "+CutValue(text))
	}
	if !json.Valid(value) {
		return d.damagedIn(d.pos-len(value), value, "no valid JSON: "+CutValue(text))
	}
	return nil
}

// checkProbe validates what stands in the object before the member at key, when it turns out to be a wrapper.
func (d *document) checkProbe(key int) error {
	if d.probe < 0 {
		return nil
	}
	colon := bytes.LastIndexByte(d.buf[key:d.pos], ':') + key
	if !d.validObject(d.buf[d.probe:colon], ":0}") {
		return d.damagedIn(d.probe, d.buf[d.probe:colon], "no valid JSON before the list in this object")
	}
	return nil
}

// validObject reports whether text and end are valid JSON when all objects around them are closed.
func (d *document) validObject(text []byte, end string) bool {
	text = append(bytes.Clone(text), end...)
	for i := len(d.frames) - 2; i >= 0 && d.frames[i].kind == '{'; i-- {
		text = append(text, '}')
	}
	return json.Valid(text)
}

// replayTable enters a table whose rows stood before its columns: the window goes on with the rows as the
// only member that is left of the table.
func (d *document) replayTable(f frame) error {
	d.frames = append(d.frames, frame{kind: '{', into: f.into, path: f.path, cols: f.cols})
	if !d.validObject(d.buf[d.probe:d.pos], "") {
		return d.damagedIn(d.probe, d.buf[d.probe:d.pos], "no valid JSON in this table")
	}
	d.lineAt(d.pos) // the line of the rows is that of the end of the table
	window := make([]byte, 0, cap(d.buf))
	window = append(append(window, `"rows":`...), d.buf[d.probe+f.rows[0]:d.probe+f.rows[1]]...)
	window = append(window, '}')
	d.base += int64(d.pos - len(window))
	d.counted = len(window)
	d.buf = append(window, d.buf[d.pos:]...)
	d.pos, d.keep, d.probe = 0, 0, -1
	return nil
}

// tableRow gives the row at start as an object keyed by column names. A row of another length than the
// columns is damaged, but reading can go on.
func (d *document) tableRow(start, end int, f frame) (Value, bool, error) {
	v := d.element(start, end, f.path)
	v.Columns = f.cols.names
	if d.cells == nil {
		d.cells = &document{eof: true, probe: -1}
	}
	d.row = append(d.row[:0], '{')
	cells, n := 0, len(f.cols.keys)
	err := d.cells.array(v.Bytes, func(cell []byte) {
		if cells < n {
			if cells > 0 {
				d.row = append(d.row, ',')
			}
			d.row = append(append(d.row, f.cols.keys[cells]...), cell...)
		}
		cells++
	})
	if err == nil && cells != n {
		err = fmt.Errorf("the table row has %d values for %d columns", cells, n)
	}
	if err != nil {
		return Value{}, false, &DamagedError{Line: v.Line, Column: v.Column, Offset: v.Offset, Reason: err.Error()}
	}
	d.row = append(d.row, '}')
	v.Bytes = d.row
	return v, true, nil
}

// array calls fn for every element of an array in memory.
func (d *document) array(text []byte, fn func(element []byte)) error {
	if text[0] != '[' {
		return errors.New("the table row is not an array")
	}
	d.buf, d.pos, d.keep, d.counted = text, 1, 0, 0
	for first := true; ; first = false {
		c, err := d.token()
		if err != nil {
			return err
		}
		if c == ']' {
			return nil
		}
		if !first {
			if c != ',' {
				return fmt.Errorf("unexpected %q in the table row", c)
			}
			d.pos++
			if _, err := d.token(); err != nil {
				return err
			}
		}
		at := d.pos
		if err := d.skipValue(); err != nil {
			return errors.New("the table row is not valid JSON")
		}
		fn(d.buf[at:d.pos])
	}
}

// lineAt returns the line of buf[at]; at must not go back.
func (d *document) lineAt(at int) int64 {
	if at > d.counted {
		if n := bytes.Count(d.buf[d.counted:at], newline); n > 0 {
			d.line += int64(n)
			d.begins = d.base + int64(bytes.LastIndexByte(d.buf[:at], '\n')) + 1
		}
		d.counted = at
	}
	return d.line
}

// damaged returns the error for the place at, which may lie before what was counted already.
func (d *document) damaged(at int, reason string) error {
	line := d.line
	if at >= d.counted {
		line = d.lineAt(at)
	} else {
		line -= int64(bytes.Count(d.buf[at:d.counted], newline))
	}
	return &DamagedError{Line: line, Column: d.columnAt(at), Offset: d.base + int64(at), Reason: reason, Final: true}
}

// columnAt returns the column of buf[at], in characters, from 1. Where its line begins before the window, the bytes that are gone count.
func (d *document) columnAt(at int) int64 {
	if end := bytes.LastIndexByte(d.buf[:at], '\n'); end >= 0 {
		return characters(d.buf[end+1:at]) + 1
	}
	return d.base - d.head + characters(d.buf[:at]) + 1
}

// damagedIn is damaged for text that starts at start and is not valid JSON: it names the place of the first fault in it.
func (d *document) damagedIn(start int, text []byte, reason string) error {
	if at, fault := fault(text); fault != "" && start+at < len(d.buf) {
		return d.damaged(start+at, fault)
	}
	return d.damaged(start, reason)
}

func (d *document) unexpected(c byte) error {
	reason := fmt.Sprintf("unexpected %q", c)
	if d.probe >= 0 {
		if at, fault := fault(d.buf[d.probe : d.pos+1]); fault != "" {
			return d.damaged(d.probe+at, fault)
		}
	}
	return d.damaged(d.pos, reason)
}

// ended is the error for text that ends too early.
func (d *document) ended() error {
	if d.readErr != nil {
		return d.readErr
	}
	d.truncated = true
	if n := len(d.stack); n > 0 {
		d.inner = d.stack[n-1]
	} else if n := len(d.frames); n > 0 {
		d.inner = d.frames[n-1].kind
	}
	start := d.keep
	if d.probe >= 0 {
		start = d.probe
	}
	reason := fmt.Sprintf("the text ends inside a value that begins on line %d", d.lineAt(start))
	if d.r != nil { // a stray or missing quote shows only at the end
		value := bytes.TrimLeft(d.buf[start:], blanks+",")
		if at, fault := fault(value); fault != "" && (value[0] == '{' || value[0] == '[') {
			return d.damaged(len(d.buf)-len(value)+at, fault)
		}
	}
	return &DamagedError{
		Line: d.lineAt(len(d.buf)), Column: d.columnAt(len(d.buf)), Offset: d.base + int64(len(d.buf)), Reason: reason, Final: true,
		// a record alone on the first line of an append blob
		Partial: d.probe >= 0 && d.frames[0].kind == '{' && bytes.IndexByte(d.buf[d.probe:], '\n') < 0,
	}
}

package evidence

import (
	"bytes"

	"github.com/valyala/fastjson"

	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/ingest/source"
)

// record gives access to the members of one JSON object, CSV row or table row by their nodes in the schema. Members are looked at
// lazily, one object at a time: whether a record is evidence shows in its top level, and most records are none.
type record struct {
	p      *Parser
	epoch  uint32 // of the current record: what other epochs have left is not valid
	values []*fastjson.Value
	texts  [][]byte // JSON of a member of which no value was made yet, else nil
	seen   []uint32 // epoch at which values[n] or texts[n] was set
	open   []uint32 // epoch at which the members of node n were read
	snake  bool     // the record spells event_timestamp

	known   []names // per node
	visit   func(key []byte, v *fastjson.Value)
	current int32 // node that visit works on
	before  int32 // index of the name met before, in known[current]
}

// names are the member names met in one object, as the file spells them. The records of a file list their members in the same order:
// after[i] guesses which name follows name i, which saves a hash for nearly every member.
type names struct {
	index map[string]int32
	list  []string
	nodes []int32 // child node, or -1
	after []int32
}

// They bound the names remembered per object: maps with free keys (tags) must not grow without end.
const (
	maxNames = 512
	maxName  = 256 // bytes of a name that is remembered
)

func (r *record) init(p *Parser) {
	n := len(p.s.nodes)
	r.p = p
	r.values, r.texts = make([]*fastjson.Value, n), make([][]byte, n)
	r.seen, r.open = make([]uint32, n), make([]uint32, n)
	r.known = make([]names, n)
	r.visit = r.member // one closure for the life of the parser
}

// next forgets the record before.
func (r *record) next() {
	r.epoch++
	if r.epoch == 0 { // wrapped around: old marks would look new
		clear(r.seen)
		clear(r.open)
		r.epoch = 1
	}
	r.snake = false
	r.p.used = 0
	if r.p.scratch = r.p.scratch[:0]; cap(r.p.scratch) > keptScratch {
		r.p.scratch = nil
	}
}

// keptScratch is how many bytes of work space a parser keeps from one record to the next.
const keptScratch = 1 << 20

// load begins a record that is a JSON object.
func (r *record) load(v *fastjson.Value) {
	r.next()
	r.set(0, v)
	r.expand(0)
}

func (r *record) set(n int32, v *fastjson.Value) {
	r.values[n], r.texts[n], r.seen[n] = v, nil, r.epoch
}

// setText sets a member whose value is made when it is asked for.
func (r *record) setText(n int32, text []byte) {
	r.values[n], r.texts[n], r.seen[n] = nil, text, r.epoch
}

// member takes one member of the object that is being read.
func (r *record) member(key []byte, v *fastjson.Value) {
	if n := r.take(key); n >= 0 {
		r.set(n, v)
	}
}

// take returns the node that a member of the current object is to be set at, or -1. Of names that differ only in spelling the first that is not
// null wins.
func (r *record) take(key []byte) int32 {
	n := r.child(key)
	if n < 0 || r.seen[n] == r.epoch && !r.isNull(n) {
		return -1
	}
	if n == r.p.s.eventTimestamp {
		r.snake = bytes.IndexByte(key, '_') > 0
	}
	return n
}

// isNull tells whether the member at node n, which is there, is null.
func (r *record) isNull(n int32) bool {
	if text := r.texts[n]; text != nil {
		return text[0] == 'n'
	}
	v := r.values[n]
	return v == nil || v.Type() == fastjson.TypeNull
}

// child returns the node of a member of the current object, or -1.
func (r *record) child(key []byte) int32 {
	k := &r.known[r.current]
	if len(k.list) == 0 {
		// Name 0 is the start of an object.
		*k = names{index: map[string]int32{}, list: []string{""}, nodes: []int32{-1}, after: []int32{0}}
	}
	if guess := k.after[r.before]; guess > 0 && k.list[guess] == string(key) {
		r.before = guess
		return k.nodes[guess]
	}
	i, ok := k.index[string(key)]
	if !ok {
		name := string(key)
		n, relevant := r.p.s.nodes[r.current].children[canonicalName(name)]
		if !relevant {
			n = -1
		}
		if len(k.list) == maxNames || len(name) > maxName {
			return n
		}
		i = int32(len(k.list))
		k.index[name] = i
		k.list, k.nodes, k.after = append(k.list, name), append(k.nodes, n), append(k.after, 0)
	}
	k.after[r.before] = i
	r.before = i
	return k.nodes[i]
}

// expand reads the members of node n, once per record. A string that holds an object is parsed.
func (r *record) expand(n int32) {
	r.open[n] = r.epoch
	if r.seen[n] != r.epoch {
		return
	}
	if text := r.texts[n]; text != nil && text[0] == '{' && r.walk(text, 0, n) == len(text) {
		return
	}
	v := r.value(n)
	if v != nil && v.Type() == fastjson.TypeString {
		v = r.p.parseText(v.GetStringBytes())
	}
	if v == nil {
		return
	}
	o, err := v.Object()
	if err != nil {
		return
	}
	r.current, r.before = n, 0
	o.Visit(r.visit)
}

// reach tells whether the record has the member at node n, and reads the objects that it stands in.
func (r *record) reach(n int32) bool {
	parent := r.p.s.nodes[n].parent
	if r.open[parent] != r.epoch {
		if parent != 0 && !r.reach(parent) {
			return false
		}
		r.expand(parent)
	}
	return r.seen[n] == r.epoch
}

// at returns the member at node n, or nil.
func (r *record) at(n int32) *fastjson.Value {
	if !r.reach(n) {
		return nil
	}
	return r.value(n)
}

// value returns the value of a member that is there.
func (r *record) value(n int32) *fastjson.Value {
	if text := r.texts[n]; text != nil {
		r.set(n, r.p.parse(text))
	}
	return r.values[n]
}

// has tells whether the record has the top-level member n, even a null one.
func (r *record) has(n int32) bool { return r.seen[n] == r.epoch }

// parseText parses JSON in a string, for the time of one record; nil when it holds none.
func (p *Parser) parseText(text []byte) *fastjson.Value {
	text = azure.Trim(text)
	if len(text) < 2 || text[0] != '{' && text[0] != '[' {
		return nil
	}
	return p.parse(text)
}

// parse makes a tree of JSON, for the time of one record; nil when it is none.
func (p *Parser) parse(text []byte) *fastjson.Value {
	if p.used == len(p.inner) {
		p.inner = append(p.inner, &source.JSONParser{})
	}
	v, err := p.inner[p.used].ParseBytes(text)
	p.used++
	if err != nil {
		return nil // a text that only looks like JSON, or was cut by the exporter: the fact is not there
	}
	return v
}

// text returns the first text that a family has for a fact, trimmed; nil when it has none.
func (p *Parser) text(f *family, id fieldID) []byte {
	for i := range f.fields[id] {
		if b := p.factText(&f.fields[id][i]); len(b) > 0 {
			return b
		}
	}
	return nil
}

// when returns the first of a family's places for a time that holds one. Of places with other texts it returns the first, and its
// name, in bad and column.
func (p *Parser) when(f *family, id fieldID) (micros int64, ok bool, column string, bad []byte) {
	for i := range f.fields[id] {
		at := &f.fields[id][i]
		text := p.factText(at)
		if len(text) == 0 {
			continue
		}
		if micros, ok = azure.ParseTime(text); ok {
			return micros, true, at.path, nil
		}
		if bad == nil {
			column, bad = at.path, text
		}
	}
	return 0, false, column, bad
}

// value returns the first value that is there and not null.
func (p *Parser) value(f *family, id fieldID) *fastjson.Value {
	if n := p.place(f, id); n >= 0 {
		return p.rec.value(n)
	}
	return nil
}

// place returns the node of the first value that is there and not null, or -1.
func (p *Parser) place(f *family, id fieldID) int32 {
	for i := range f.fields[id] {
		if n := f.fields[id][i].node; p.rec.reach(n) && !p.rec.isNull(n) {
			return n
		}
	}
	return -1
}

// column names the preferred place of a fact for a message.
func (f *family) column(id fieldID) string {
	if len(f.fields[id]) == 0 {
		return fieldNames[id]
	}
	return f.fields[id][0].path
}

func (p *Parser) factText(at *factPath) []byte {
	if at.header == "" {
		return p.textAt(at.node)
	}
	if v := p.rec.at(at.node); v != nil {
		return p.headerText(v, at.header)
	}
	return nil
}

// textAt returns the text of the member at node n, as scalar does. For most members of which no value was made it needs none.
func (p *Parser) textAt(n int32) []byte {
	if !p.rec.reach(n) {
		return nil
	}
	if text := p.rec.texts[n]; text != nil {
		switch text[0] {
		case '"':
			if bytes.IndexByte(text, '\\') < 0 {
				return azure.Trim(text[1 : len(text)-1])
			}
		case '{', 'n':
			return nil
		case '[':
		default:
			return text
		}
	}
	if v := p.rec.value(n); v != nil {
		return p.scalar(v)
	}
	return nil
}

// scalar returns the text of a string, number, boolean, or of the first element of an array of such.
func (p *Parser) scalar(v *fastjson.Value) []byte {
	switch v.Type() {
	case fastjson.TypeString:
		return azure.Trim(v.GetStringBytes())
	case fastjson.TypeNumber, fastjson.TypeTrue, fastjson.TypeFalse:
		from := len(p.scratch)
		p.scratch = v.MarshalTo(p.scratch)
		return p.scratch[from:len(p.scratch):len(p.scratch)]
	case fastjson.TypeArray:
		if a := v.GetArray(); len(a) > 0 && a[0].Type() != fastjson.TypeArray {
			return p.scalar(a[0])
		}
	}
	return nil
}

// headerText finds a header in a map {"User-Agent": "..."} or {"User-Agent": ["..."]}, in a list [{"name": "User-Agent", "value": "..."}],
// or in a text that holds one of them. Names have no case.
func (p *Parser) headerText(v *fastjson.Value, name string) []byte {
	if v.Type() == fastjson.TypeString {
		if v = p.parseText(v.GetStringBytes()); v == nil {
			return nil
		}
	}
	var found []byte
	switch v.Type() {
	case fastjson.TypeObject:
		v.GetObject().Visit(func(key []byte, m *fastjson.Value) {
			if found == nil && azure.EqualFold(key, name) {
				found = p.scalar(m)
			}
		})
	case fastjson.TypeArray:
		for _, pair := range v.GetArray() {
			o, err := pair.Object()
			if err != nil {
				continue
			}
			var key, value []byte
			o.Visit(func(k []byte, m *fastjson.Value) {
				switch {
				case azure.EqualFold(k, "name") || azure.EqualFold(k, "key"):
					key = p.scalar(m)
				case azure.EqualFold(k, "value"):
					value = p.scalar(m)
				}
			})
			if azure.EqualFold(key, name) && len(value) > 0 {
				return value
			}
		}
	}
	return found
}

// hold keeps a text for the time of the record: fn appends to the scratch buffer, and what it appended is returned.
func (p *Parser) hold(fn func(dst []byte) []byte) []byte {
	from := len(p.scratch)
	p.scratch = fn(p.scratch)
	return p.scratch[from:len(p.scratch):len(p.scratch)]
}

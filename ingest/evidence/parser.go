package evidence

import (
	"fmt"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/ingest/evidence/logs"
	"github.com/pidledger/pidledger/ingest/source"
)

// Options are what a Parser knows of the file besides its content.
type Options struct {
	File         string // becomes src_file
	Subscription string // lower-case GUID for records that name no subscription (PowerShell); empty: none

	// Columns maps canonical names (time, method, url, resource_id, status, user_agent, correlation_id) to the names in the file:
	// a CSV column, or members of JSON records with ">" between the steps ("http>request>url"). With it every record is a request
	// (SPEC 2, format: requests).
	Columns map[string]string
}

// mappedFamily holds the places that Options.Columns names.
const mappedFamily = "mapped"

var columnFields = map[string]fieldID{
	"time": fEventTS, "method": fMethod, "url": fURL, "resource_id": fResourceID, "status": fStatus, "user_agent": fUserAgent,
	"correlation_id": fCorrelationID,
}

// Parser turns the records of one file into canonical rows. It is for one goroutine; several may work on the blocks of one file,
// except where Shape.Ordered says that requests and answers are records of their own.
type Parser struct {
	o Options
	s *schema

	json  source.JSONParser
	arena fastjson.Arena // cells of CSV rows
	inner []*source.JSONParser
	used  int // parsers of inner that hold JSON strings of the current record

	rec     record
	last    *rule // shape of the record before: most files have one
	scratch []byte

	sink    *Sink
	ordinal int64
	line    int64

	counts  [kindCount]int64
	rejects []source.Reject
	trace   *logs.Tracer
	mapped  *rule

	logTime  int64 // of the log line that holds the record, for records without a time
	logTimed bool
}

// NewParser returns a parser. It fails when Options.Columns names something unknown or nothing that makes a request.
func NewParser(o Options) (*Parser, error) {
	p := &Parser{o: o, s: shared()}
	if len(o.Columns) > 0 {
		for name, path := range o.Columns {
			if _, ok := columnFields[name]; !ok || strings.TrimSpace(path) == "" {
				return nil, fmt.Errorf("columns: %q: %q is not a mapping; the names are time, method, url, resource_id, status, user_agent and correlation_id", name, path)
			}
		}
		if o.Columns["method"] == "" || o.Columns["url"] == "" && o.Columns["resource_id"] == "" {
			return nil, fmt.Errorf("columns: a request log needs a column for method, and one for url or resource_id")
		}
		p.s = withColumns(o.Columns)
		p.mapped = p.s.rule("ua.mapped")
	}
	p.rec.init(p)
	p.trace = logs.New(receiver{p}, p.s.vocab)
	return p, nil
}

// Tally is what a Parser has counted since it was last asked.
type Tally struct {
	Kinds   map[string]int64 // records by kind, without rejects
	Rejects []source.Reject
}

// Records returns the number of records: those of every kind and the rejects.
func (t Tally) Records() int64 {
	n := int64(len(t.Rejects))
	for _, k := range t.Kinds {
		n += k
	}
	return n
}

// Tally hands over what was counted and starts over.
func (p *Parser) Tally() Tally {
	t := Tally{Kinds: map[string]int64{}, Rejects: p.rejects}
	for k, n := range p.counts {
		if n > 0 && kind(k) != kindReject {
			t.Kinds[kindNames[k]] = n
		}
	}
	p.counts, p.rejects = [kindCount]int64{}, nil
	return t
}

// Value reads one element of a JSON file. A damaged one is a reject.
func (p *Parser) Value(v source.Value, sink *Sink) {
	p.begin(v.Record, v.Line, sink)
	if v.Damaged != nil {
		p.reject("", nil, v.Damaged.Error())
		return
	}
	if k, ok := p.glance(v.Bytes); ok {
		p.count(k)
		return
	}
	parsed, err := p.json.ParseBytes(v.Bytes)
	if source.IsTooMany(err) {
		p.reject("", v.Bytes, err.Error())
		return
	}
	if err != nil {
		reason := "damaged JSON: " + jsonReason(err)
		if line, column, fault := v.Fault(); fault != "" {
			p.line = line
			reason = fmt.Sprintf("damaged JSON at column %d: %s", column, fault)
		}
		if v.Unterminated {
			reason += cutLine
		}
		p.reject("", v.Bytes, reason)
		return
	}
	p.element(parsed, 0)
}

// Record reads one JSON value that is already parsed; record is its number in the file. It may hold several records (an array, a
// wrapper, a string of JSON); each is counted.
func (p *Parser) Record(v *fastjson.Value, record int64, sink *Sink) {
	p.begin(record, 0, sink)
	p.element(v, 0)
}

// Flush ends a file: requests that still wait for their answer become rows without a status.
func (p *Parser) Flush(sink *Sink) {
	p.sink = sink
	p.trace.Flush()
}

func (p *Parser) begin(record, line int64, sink *Sink) {
	p.ordinal, p.line, p.sink = record, line, sink
}

// maxDepth bounds wrappers in wrappers.
const maxDepth = 8

// wrappers are the members that hold records when the object itself is not one.
var wrappers = []string{"records", "value", "data", "events", "entries", "networkCallRecords", "http_interactions", "body"}

// element reads a record, or unwraps what holds records.
func (p *Parser) element(v *fastjson.Value, depth int) {
	if depth > maxDepth {
		p.count(kindUnknown)
		return
	}
	switch v.Type() {
	case fastjson.TypeObject:
		p.rec.load(v)
		if r := p.classify(); r != nil {
			p.count(r.parse(p, r))
			return
		}
		if !p.unwrap(v, depth) {
			p.count(kindUnknown)
		}
	case fastjson.TypeArray:
		for _, e := range v.GetArray() {
			p.element(e, depth+1)
		}
	case fastjson.TypeString:
		text := azure.Trim(v.GetStringBytes())
		if len(text) == 0 || text[0] != '{' && text[0] != '[' {
			p.count(kindUnknown)
			return
		}
		var inner source.JSONParser // rare, and records below use the pool
		e, err := inner.ParseBytes(text)
		if err != nil {
			p.reject("", text, "a string that holds damaged JSON: "+jsonReason(err))
			return
		}
		p.element(e, depth+1)
	default:
		p.count(kindUnknown)
	}
}

// unwrap reads the records in a wrapper: {"records": [...]} inside an array, a string, or a Node.js Buffer.
func (p *Parser) unwrap(v *fastjson.Value, depth int) bool {
	o := v.GetObject()
	for _, name := range wrappers {
		var held *fastjson.Value
		o.Visit(func(key []byte, m *fastjson.Value) {
			if len(key) == len(name) && strings.EqualFold(string(key), name) {
				held = m
			}
		})
		if held == nil {
			continue
		}
		switch held.Type() {
		case fastjson.TypeArray:
			elements := held.GetArray()
			if text := bufferText(o, elements); text != nil {
				var inner source.JSONParser
				e, err := inner.ParseBytes(text)
				if err != nil {
					p.reject(name, text, "a Buffer that holds damaged JSON: "+jsonReason(err))
					return true
				}
				p.element(e, depth+1)
				return true
			}
			for _, e := range elements {
				if t := e.Type(); t != fastjson.TypeObject && t != fastjson.TypeString && t != fastjson.TypeArray {
					return false
				}
			}
			for _, e := range elements {
				p.element(e, depth+1)
			}
			return true
		case fastjson.TypeObject:
			p.element(held, depth+1)
			return true
		case fastjson.TypeString: // the body of an event, as consumers write it down
			if text := azure.Trim(held.GetStringBytes()); name == "body" && len(text) > 0 && (text[0] == '{' || text[0] == '[') {
				p.element(held, depth+1)
				return true
			}
		}
	}
	return false
}

// bufferText returns the text of {"type": "Buffer", "data": [123, 34, ...]}, or nil.
func bufferText(o *fastjson.Object, elements []*fastjson.Value) []byte {
	if t := o.Get("type"); t == nil || string(t.GetStringBytes()) != "Buffer" || len(elements) == 0 {
		return nil
	}
	text := make([]byte, 0, len(elements))
	for _, e := range elements {
		n, err := e.Int()
		if err != nil || n < 0 || n > 255 {
			return nil
		}
		text = append(text, byte(n))
	}
	return text
}

func (p *Parser) count(k kind) {
	if k >= 0 {
		p.counts[k]++
	}
}

// reject counts a record that should be evidence and cannot be used.
func (p *Parser) reject(column string, value []byte, reason string) kind {
	p.rejects = append(p.rejects, *source.NewReject(p.ordinal, p.line, column, value, reason))
	return kindReject
}

// jsonReason shortens the nested messages of the JSON parser to the innermost one, and to a length that is fit to be read: some quote
// all the rest of the text.
func jsonReason(err error) string {
	msg, _, _ := strings.Cut(err.Error(), "; unparsed tail")
	for strings.HasPrefix(msg, "cannot parse ") {
		_, inner, ok := strings.Cut(msg, ": ")
		if !ok {
			break
		}
		msg = inner
	}
	return source.CutValue([]byte(msg))
}

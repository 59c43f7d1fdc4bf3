package evidence

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/ingest/source"
)

// Header says where the columns of a CSV file go. It belongs to one Parser.
type Header struct {
	rule    *rule
	columns []string
	nodes   []int32 // per column, -1 for columns that mean nothing here
}

// Shape returns the shape that the header was recognised as.
func (h *Header) Shape() Shape { return h.rule.Shape }

// Header prepares reading a CSV file with these columns. The error says what is missing.
func (p *Parser) Header(columns []string) (*Header, error) {
	r := p.mapped
	if r == nil {
		r = p.headerRule(columns)
		if r == nil && IsGraphHeader(columns) {
			r = p.s.rule("change")
		}
		if r == nil {
			return nil, fmt.Errorf("no known export has the columns %s; for a request log of your own, set format: requests and columns in the config", strings.Join(columns, ", "))
		}
	} else {
		for name := range columnFields {
			if path := p.o.Columns[name]; path != "" && !hasColumn(columns, path) {
				return nil, fmt.Errorf("columns: %s is mapped to %q, but the file has only %s", name, path, strings.Join(columns, ", "))
			}
		}
	}
	return &Header{rule: r, columns: columns, nodes: p.columnNodes(columns)}, nil
}

func hasColumn(columns []string, name string) bool {
	for _, c := range columns {
		if canonicalName(c) == canonicalName(name) {
			return true
		}
	}
	return false
}

func (p *Parser) columnNodes(columns []string) []int32 {
	nodes := make([]int32, len(columns))
	for i, c := range columns {
		name := canonicalName(c)
		n, ok := p.s.nodes[0].children[name]
		if !ok { // properties.changeType, as some write what others write as properties_changeType
			n, ok = p.s.nodes[0].children[strings.ReplaceAll(name, ".", "")]
		}
		if !ok {
			n = -1
		}
		nodes[i] = n
	}
	return nodes
}

// headerRule finds the shape whose members a header has.
func (p *Parser) headerRule(columns []string) *rule {
	p.rec.next()
	p.rec.open[0] = p.rec.epoch
	cell := p.arena.NewString("x")
	for _, n := range p.columnNodes(columns) {
		if n >= 0 {
			p.rec.set(n, cell)
		}
	}
	for i := range p.s.rules {
		if r := &p.s.rules[i]; r.Forms&CSVForm != 0 && r.matches(p) {
			return r
		}
	}
	return nil
}

// CSVRow reads one row; record and line are its numbers in the file. The header once more (files joined with cat) is not a row.
func (p *Parser) CSVRow(h *Header, record, line int64, fields [][]byte, sink *Sink) {
	if h.repeats(fields) {
		return
	}
	p.begin(record, line, sink)
	if len(fields) != len(h.nodes) && !ragged(fields, len(h.nodes)) {
		p.reject("", bytes.Join(fields, []byte{','}), fmt.Sprintf("the row has %d fields, the header %d", len(fields), len(h.nodes)))
		return
	}
	if err := source.CheckValues(fields...); err != nil {
		p.reject("", bytes.Join(fields, []byte{','}), err.Error())
		return
	}
	p.rec.next()
	p.rec.open[0] = p.rec.epoch
	p.arena.Reset()
	for i, n := range h.nodes {
		if n < 0 || i >= len(fields) || len(fields[i]) == 0 {
			continue
		}
		if p.rec.has(n) {
			continue // of columns that differ only in spelling the first that is not empty wins
		}
		p.rec.set(n, p.arena.NewStringBytes(fields[i]))
	}
	p.count(h.rule.parse(p, h.rule))
}

// repeats tells whether a row is the header.
func (h *Header) repeats(fields [][]byte) bool {
	if len(fields) != len(h.columns) {
		return false
	}
	for i, f := range fields {
		if string(f) != h.columns[i] {
			return false
		}
	}
	return true
}

// ragged tells whether a row differs from its header by empty cells at its end only.
func ragged(fields [][]byte, columns int) bool {
	for _, f := range fields[min(columns, len(fields)):] {
		if len(azure.Trim(f)) > 0 {
			return false
		}
	}
	return len(fields) > columns
}

package evidence

import (
	"bytes"

	"github.com/pidledger/pidledger/ingest/azure"
)

// glance decides by the first members of a line whether it is an event that can be no evidence, without parsing the rest: reads,
// policy effects and other actions are the larger part of many activity logs. It answers only for a line that is shaped like the
// record before it, a resource log that begins with plain texts; everything else (ok is false) is parsed.
//
// Brackets and strings after the members that it looks at are not checked: a line that is damaged there is counted by its operation.
func (p *Parser) glance(line []byte) (k kind, ok bool) {
	if p.last == nil || p.last.fam != p.s.resourceLog || p.mapped != nil {
		return 0, false
	}
	if len(line) < 2 || line[0] != '{' || line[len(line)-1] != '}' {
		return 0, false
	}
	var operation, category []byte
	timed := false
	for rest := line[1:]; ; {
		var key, value []byte
		if key, rest, ok = plainString(rest); !ok || len(rest) == 0 || rest[0] != ':' {
			return 0, false
		}
		if value, rest, ok = plainString(rest[1:]); !ok || len(rest) == 0 || rest[0] != ',' {
			return 0, false
		}
		rest = rest[1:]
		switch {
		case azure.EqualFold(key, "operationname"):
			if operation = value; !isNoEvidence(operation) {
				return 0, false
			}
		case azure.EqualFold(key, "category"):
			category = value
		case azure.EqualFold(key, "time"):
			timed = true
		}
		if operation == nil || category == nil || !timed {
			continue
		}
		return p.glanceOperation(operation, category)
	}
}

// isNoEvidence tells reads and actions, which are most operations that can be no evidence, from all others.
func isNoEvidence(operation []byte) bool {
	if bytes.IndexByte(operation, '/') <= 0 {
		return false
	}
	verb := operation[bytes.LastIndexByte(operation, '/'):]
	if azure.EqualFold(verb, "/read") {
		return true
	}
	if !azure.EqualFold(verb, "/action") {
		return false
	}
	move := len(operation) - len(moveSuffix)
	return move < 0 || !azure.EqualFold(operation[move:], string(moveSuffix))
}

func (p *Parser) glanceOperation(operation, category []byte) (kind, bool) {
	if !p.s.vocab.Categories.Has(category) {
		return 0, false
	}
	p.scratch = azure.AppendLower(p.scratch[:0], operation)
	return otherOperation(p.scratch), true
}

// plainString reads a JSON string without escapes off the front of b, and the blanks around it.
func plainString(b []byte) (text, rest []byte, ok bool) {
	for len(b) > 0 && azure.IsSpace(b[0]) {
		b = b[1:]
	}
	if len(b) == 0 || b[0] != '"' {
		return nil, b, false
	}
	end := bytes.IndexByte(b[1:], '"')
	if end < 0 {
		return nil, b, false
	}
	text, rest = b[1:1+end], b[2+end:]
	if bytes.IndexByte(text, '\\') >= 0 {
		return nil, b, false
	}
	for len(rest) > 0 && azure.IsSpace(rest[0]) {
		rest = rest[1:]
	}
	return text, rest, true
}

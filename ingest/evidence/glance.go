package evidence

import (
	"bytes"
	"slices"

	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/ingest/evidence/words"
)

// A glance is what shows in the text of an event of a resource log whether it can be evidence. The texts point into the line.
type glance struct {
	operation, category, result []byte // nil: not there
	timed, detailed             bool   // it has a time; it has properties
	managing                    bool   // it has a body that may name a managed group
}

// glanced are the nodes that a glance looks for.
type glanced struct{ operation, result, properties, request, response int32 }

func (s *schema) glancedNodes() glanced {
	at := func(id fieldID) int32 { return s.resourceLog.fields[id][0].node }
	return glanced{at(fOperation), at(fStatus), s.nodes[at(fRequestBody)].parent, at(fRequestBody), at(fResponseBody)}
}

// maxGlance is the longest line, in bytes, that is judged at a glance.
const maxGlance = 64 << 10

// glance decides without making a tree of it whether a line is an event that can be no evidence: reads, policy effects, other actions, and
// writes that have only begun are the larger part of most activity logs. It answers only for a line that is shaped like the record before it, a
// resource log. The line is checked to the end, by a grammar that is narrower than the parser's; what does not pass, names something twice or with
// escapes, or could be evidence is parsed (ok is false). So the answer is always that of the parser.
func (p *Parser) glance(line []byte) (k kind, ok bool) {
	if p.last == nil || p.last.fam != p.s.resourceLog || p.mapped != nil || len(line) > maxGlance || len(line) == 0 || line[0] != '{' {
		return 0, false
	}
	var g glance
	if end := p.glanceMembers(line, 0, 0, &g); end != len(line) || !g.timed {
		return 0, false
	}
	operation := azure.Trim(g.operation)
	if bytes.IndexByte(operation, '/') <= 0 || !p.s.vocab.Categories.Has(azure.Trim(g.category)) {
		return 0, false
	}
	p.scratch = azure.AppendLower(p.scratch[:0], operation)
	op := p.scratch
	switch {
	case bytes.HasSuffix(op, moveSuffix):
		return 0, false
	case !bytes.HasSuffix(op, writeSuffix) && !bytes.HasSuffix(op, deleteSuffix):
		return otherOperation(op), true
	case g.managing || string(op) == deploymentWrite || string(op) == groupWrite:
		return 0, false
	}
	switch status := p.s.vocab.Status(g.result); status {
	case "", words.Succeeded, words.Failed:
		return 0, false
	case words.Started, words.Accepted:
		return kindPending, true
	}
	return kindOtherStatus, true
}

// glanceMembers reads the object at b[i], whose members are those of a node: the record itself, or its properties. It returns the index behind the
// object, or -1 when the line must be parsed.
func (p *Parser) glanceMembers(b []byte, i int, node int32, g *glance) int {
	p.rec.current, p.rec.before = node, 0
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
		child := p.rec.child(key)
		if from = i; node == 0 && child == p.s.glanced.properties {
			if b[i] != '{' || g.detailed {
				return -1
			}
			g.detailed = true
			before := p.rec.before
			i = p.glanceMembers(b, i, child, g)
			p.rec.current, p.rec.before = node, before
		} else {
			i = skipValue(b, i, 0)
		}
		if i < 0 || child >= 0 && !p.glanceMember(child, b[from:i], g) {
			return -1
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

// glanceMember takes one member that the schema knows. It is false when the line must be parsed.
func (p *Parser) glanceMember(node int32, value []byte, g *glance) bool {
	var text *[]byte
	switch node {
	case p.s.time:
		g.timed = true
		return true
	case p.s.glanced.operation:
		text = &g.operation
	case p.s.category:
		text = &g.category
	case p.s.glanced.result:
		text = &g.result
	case p.s.glanced.request, p.s.glanced.response:
		g.managing = g.managing || value[0] != 'n' && (value[0] != '"' || bytes.Contains(value, []byte(`\u`)) || namesGroup(value))
		return true
	default:
		return !slices.Contains(p.last.not, node)
	}
	if *text != nil || value[0] != '"' || bytes.IndexByte(value, '\\') >= 0 {
		return false
	}
	*text = value[1 : len(value)-1]
	return true
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

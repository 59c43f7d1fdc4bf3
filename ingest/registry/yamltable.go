package registry

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/pidledger/pidledger/ingest/yamltext"
)

// yamlKey matches a first line that only YAML has: a key and a colon.
var yamlKey = regexp.MustCompile(`^(["']?)[A-Za-z0-9_][A-Za-z0-9_ .-]*["']?\s*:(\s|$)`)

// looksLikeYAML decides by the first line that is neither blank nor a comment.
func looksLikeYAML(text []byte) bool {
	for line := range bytes.Lines(text) {
		line = bytes.TrimRight(line, "\r\n\t ")
		if len(bytes.TrimSpace(line)) == 0 || line[0] == '#' {
			continue
		}
		return bytes.HasPrefix(line, []byte("---")) || bytes.HasPrefix(line, []byte("%YAML")) || bytes.HasPrefix(line, []byte("- ")) ||
			string(line) == "-" || yamlKey.Match(line)
	}
	return false
}

// looksLikeFlowYAML tells YAML that begins with a bracket from JSON: it is not valid JSON, and the file name says YAML.
func looksLikeFlowYAML(path string, text []byte) bool {
	name := strings.ToLower(path)
	return (strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")) && !json.Valid(text)
}

// maxDepth stops anchors that contain themselves.
const maxDepth = 32

// yamlReader walks the syntax tree itself, to know the lines and to keep numbers and dates as written.
type yamlReader struct {
	t       *table
	anchors map[string]ast.Node
	record  int64
}

// readYAML reads a list of mappings, bare or in one of the wrappers, or a mapping from tracking id to mapping.
func (t *table) readYAML(text []byte) {
	// A repeated key is a duplicate registration: it gets a message of its own, with both lines.
	file, err := yamltext.Parse(text, parser.AllowDuplicateMapKey())
	if err != nil {
		f := Finding{Code: Unreadable, Message: "the YAML cannot be read: " + err.Error(), Suggestion: "Check indentation and quotes there"}
		var at yaml.Error
		if errors.As(err, &at) {
			f.Message = "the YAML cannot be read: " + at.GetMessage()
			if tk := at.GetToken(); tk != nil && tk.Position != nil {
				f.Line = int64(tk.Position.Line)
			}
		}
		t.list.add(f)
		return
	}
	y := &yamlReader{t: t, anchors: map[string]ast.Node{}}
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		ast.Walk(anchorFinder(y.anchors), doc.Body)
		y.rows(doc.Body, 0)
	}
}

type anchorFinder map[string]ast.Node

func (a anchorFinder) Visit(n ast.Node) ast.Visitor {
	if anchor, ok := n.(*ast.AnchorNode); ok && anchor.Name != nil && anchor.Value != nil {
		a[anchor.Name.GetToken().Value] = anchor.Value
	}
	return a
}

// value resolves anchors, aliases and tags.
func (y *yamlReader) value(n ast.Node) ast.Node {
	for range maxDepth {
		switch v := n.(type) {
		case *ast.AnchorNode:
			n = v.Value
		case *ast.TagNode:
			n = v.Value
		case *ast.AliasNode:
			if v.Value == nil {
				return nil
			}
			n = y.anchors[v.Value.GetToken().Value]
		default:
			return n
		}
	}
	return nil
}

// pairs are the entries of a mapping; nil for anything else.
func pairs(n ast.Node) []*ast.MappingValueNode {
	switch v := n.(type) {
	case *ast.MappingNode:
		return v.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{v}
	}
	return nil
}

func isMapping(n ast.Node) bool {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return true
	}
	return false
}

func lineOf(n ast.Node) int64 {
	if n == nil {
		return 0
	}
	if v, ok := n.(*ast.MappingNode); ok && len(v.Values) > 0 {
		n = v.Values[0].Key
	}
	if v, ok := n.(*ast.MappingValueNode); ok {
		n = v.Key
	}
	if tk := n.GetToken(); tk != nil && tk.Position != nil {
		return int64(tk.Position.Line)
	}
	return 0
}

func (y *yamlReader) rows(n ast.Node, depth int) {
	n = y.value(n)
	if depth > maxDepth || n == nil {
		return
	}
	switch v := n.(type) {
	case *ast.CommentGroupNode, *ast.NullNode:
		return
	case *ast.SequenceNode:
		for _, item := range v.Values {
			y.row(item, "", lineOf(y.value(item)))
		}
		return
	}
	if !isMapping(n) {
		y.wrong(n, "a list of rows is expected")
		return
	}
	entries := pairs(n)
	for _, p := range entries {
		if key, _ := y.text(p.Key); slices.Contains(wrappers(), strings.ToLower(key)) {
			y.rows(p.Value, depth+1)
			return
		}
	}
	for _, p := range entries {
		if key, _ := y.text(p.Key); tables().aliases[y.t.kind][plain(key)] != "" {
			y.row(n, "", lineOf(n)) // the file is one row
			return
		}
	}
	for _, p := range entries {
		key, _ := y.text(p.Key)
		y.row(p.Value, key, lineOf(p.Key))
	}
}

// row reads a mapping as a row. id is the key of the mapping, and the value of the first column of its kind.
func (y *yamlReader) row(n ast.Node, id string, line int64) {
	y.record++
	r := row{record: y.record, line: line, cells: map[string]string{}}
	if id != "" {
		key := tables().columns[y.t.kind][0].column
		if y.t.spelled[key] == "" {
			y.t.spelled[key] = key
		}
		r.cells[key] = id
	}
	n = y.value(n)
	if _, null := n.(*ast.NullNode); null && id != "" {
		y.t.addRow(r)
		return
	}
	if !isMapping(n) {
		y.wrongRow(n, r, "a row must be a mapping such as tracking_id: ...")
		return
	}
	y.cells(n, &r, 0)
	y.t.addRow(r)
}

func (y *yamlReader) cells(n ast.Node, r *row, depth int) {
	var merged []ast.Node
	for _, p := range pairs(n) {
		if p.Key.IsMergeKey() {
			merged = append(merged, p.Value)
			continue
		}
		name, _ := y.text(p.Key)
		column := y.t.column(name)
		if column == "" {
			continue
		}
		text, ok := y.text(p.Value)
		if !ok {
			y.t.list.add(Finding{Code: NotText, Record: r.record, Line: lineOf(p.Key), Column: name, Message: "a text is expected, not a list or mapping"})
			r.refuse(column)
			continue
		}
		r.set(column, text)
	}
	// A row's own values take precedence over those it merges in.
	for _, m := range merged {
		if depth > maxDepth {
			return
		}
		m = y.value(m)
		if list, ok := m.(*ast.SequenceNode); ok {
			for _, one := range list.Values {
				if depth < 1 {
					y.cells(y.value(one), r, maxDepth)
				}
			}
			continue
		}
		y.cells(m, r, depth+1)
	}
}

// text returns a scalar as written, null as an empty text.
func (y *yamlReader) text(n ast.Node) (string, bool) {
	switch v := y.value(n).(type) {
	case nil, *ast.NullNode, *ast.CommentGroupNode:
		return "", true
	case *ast.StringNode:
		return v.Value, true
	case *ast.LiteralNode:
		if v.Value == nil {
			return "", true
		}
		return strings.TrimSpace(v.Value.Value), true
	case *ast.MappingKeyNode:
		return y.text(v.Value)
	case *ast.MappingNode, *ast.MappingValueNode, *ast.SequenceNode:
		return "", false
	default:
		if tk := v.GetToken(); tk != nil {
			return tk.Value, true
		}
		return "", true
	}
}

func (y *yamlReader) wrong(n ast.Node, message string) {
	y.wrongRow(n, row{line: lineOf(n)}, message)
}

func (y *yamlReader) wrongRow(n ast.Node, r row, message string) {
	value, _ := y.text(n)
	y.t.list.add(Finding{Code: Unreadable, Record: r.record, Line: r.line, Value: value, Message: message})
}

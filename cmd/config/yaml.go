package config

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/ingest/discover"
	"github.com/pidledger/pidledger/ingest/spelling"
	"github.com/pidledger/pidledger/ingest/yamltext"
)

// yamlReader applies a configuration file to a Config. It walks the syntax tree itself, so that every message can name the line, and for an unknown
// key the one that was probably meant.
type yamlReader struct {
	name string // of the file, for messages
	base string // folder that relative paths are relative to
	to   *Config
	errs []string
	hint string
}

// readYAML applies the configuration file to c. All mistakes are reported at once.
func readYAML(name, base string, data []byte, c *Config) error {
	r := &yamlReader{name: name, base: base, to: c}
	file, err := yamltext.Parse(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	var syntax *yaml.SyntaxError
	switch {
	case errors.As(err, &syntax):
		at := syntax.Token.Position
		return exit.Usagef("fix the YAML there", "%s:%d:%d: %s", name, at.Line, at.Column, syntax.Message)
	case err != nil:
		return exit.Usagef("fix the YAML there", "%s: %v", name, err)
	}
	documents := 0
	for _, doc := range file.Docs {
		if doc.Body == nil || doc.Body.Type() == ast.CommentType {
			continue
		}
		if documents++; documents > 1 {
			r.fail(doc.Body, "there is a second document; a configuration has only one")
			break
		}
		r.section(doc.Body, "")
	}
	if len(r.errs) > 0 {
		hint := r.hint
		if hint == "" {
			hint = "pidledger help config, for all keys and their values"
		}
		return &exit.UsageError{Msg: strings.Join(r.errs, "\n"), Hint: hint}
	}
	return nil
}

func (r *yamlReader) fail(n ast.Node, format string, args ...any) {
	at := n.GetToken().Position
	r.errs = append(r.errs, fmt.Sprintf("%s:%d:%d: %s", r.name, at.Line, at.Column, fmt.Sprintf(format, args...)))
}

func (r *yamlReader) failWith(n ast.Node, err error) {
	var own *exit.UsageError
	if errors.As(err, &own) && own.Hint != "" {
		r.hint = own.Hint
	}
	r.fail(n, "%v", err)
}

// section reads a mapping; prefix is the section it belongs to, with a dot.
func (r *yamlReader) section(n ast.Node, prefix string) {
	if _, ok := n.(*ast.NullNode); ok {
		return
	}
	r.each(n, strings.TrimSuffix(prefix, "."), func(key string, keyNode, value ast.Node) {
		full := prefix + key
		s := findSetting(full)
		switch {
		case full == "sources":
			r.sources(value)
		case s != nil:
			texts, ok := r.texts(value, full)
			if !ok {
				return
			}
			if err := s.set(r.to, texts, r.base); err != nil {
				r.failWith(value, err)
			}
		case slices.ContainsFunc(keyNames(), func(k string) bool { return strings.HasPrefix(k, full+".") }):
			r.section(value, full+".")
		default:
			r.unknown(keyNode, full, keysBelow(prefix))
		}
	})
}

// keysBelow lists the keys and sections directly below a section.
func keysBelow(prefix string) []string {
	var out []string
	for _, k := range keyNames() {
		if rest, ok := strings.CutPrefix(k, prefix); ok {
			name, _, _ := strings.Cut(rest, ".")
			if !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

func (r *yamlReader) unknown(n ast.Node, full string, siblings []string) {
	last := full[strings.LastIndexByte(full, '.')+1:]
	if near := spelling.Nearest(strings.ToLower(last), siblings); near != "" {
		r.fail(n, "unknown key %s (did you mean %s?)", full, full[:len(full)-len(last)]+near)
		return
	}
	// A key in the wrong section is the other common mistake.
	for _, k := range keyNames() {
		if strings.HasSuffix(k, "."+last) || k == last {
			r.fail(n, "unknown key %s (did you mean %s?)", full, k)
			return
		}
	}
	r.fail(n, "unknown key %s; known here are %s", full, strings.Join(siblings, ", "))
}

// each calls use for every entry of a mapping.
func (r *yamlReader) each(n ast.Node, where string, use func(key string, keyNode, value ast.Node)) {
	m, ok := n.(ast.MapNode)
	if !ok {
		if where == "" {
			where = "the configuration"
		}
		r.fail(n, "%s is a list of keys and values, not %s", where, kindOf(n))
		return
	}
	for it := m.MapRange(); it.Next(); {
		key := it.Key()
		if key.IsMergeKey() {
			r.fail(key, "merge keys are not supported here")
			continue
		}
		use(key.GetToken().Value, key, it.Value())
	}
}

// texts gives the text of a scalar or the texts of a list of scalars. A key without a value keeps its default.
func (r *yamlReader) texts(n ast.Node, key string) (texts []string, ok bool) {
	switch n := n.(type) {
	case *ast.NullNode:
		return nil, false
	case *ast.SequenceNode:
		texts = []string{}
		for _, v := range n.Values {
			text, ok := scalar(v)
			if !ok {
				r.fail(v, "a member of %s is a plain value, not %s", key, kindOf(v))
				return nil, false
			}
			texts = append(texts, text)
		}
		return texts, true
	}
	text, ok := scalar(n)
	if !ok {
		r.fail(n, "%s is a plain value, not %s", key, kindOf(n))
	}
	return []string{text}, ok
}

func scalar(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	}
	return "", false
}

func kindOf(n ast.Node) string {
	switch n.(type) {
	case ast.MapNode:
		return "a list of keys and values"
	case *ast.SequenceNode:
		return "a list"
	case *ast.NullNode:
		return "nothing"
	case *ast.AnchorNode, *ast.AliasNode:
		return "an anchor or alias, which are not supported here"
	}
	return fmt.Sprintf("%q", n.String())
}

// sources reads the list of sources. A member may be just a path.
func (r *yamlReader) sources(n ast.Node) {
	if _, ok := n.(*ast.NullNode); ok {
		return
	}
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		r.fail(n, "sources is a list: - path: exports")
		return
	}
	r.to.Sources = nil
	for _, v := range list.Values {
		if text, ok := scalar(v); ok {
			r.source(v, discover.Source{Path: text})
			continue
		}
		var s discover.Source
		before := len(r.errs)
		r.each(v, "a source", func(key string, keyNode, value ast.Node) { r.sourceKey(&s, key, keyNode, value) })
		if len(r.errs) == before {
			r.source(v, s)
		}
	}
}

func (r *yamlReader) sourceKey(s *discover.Source, key string, keyNode, value ast.Node) {
	if key == "columns" {
		r.columns(s, value)
		return
	}
	if !slices.Contains(sourceKeys, key) {
		if near := spelling.Nearest(key, sourceKeys); near != "" {
			r.fail(keyNode, "unknown key %s of a source (did you mean %s?)", key, near)
		} else {
			r.fail(keyNode, "unknown key %s of a source; known are %s", key, strings.Join(sourceKeys, ", "))
		}
		return
	}
	if _, ok := value.(*ast.NullNode); ok {
		return
	}
	text, ok := scalar(value)
	if !ok {
		r.fail(value, "%s of a source is a plain value, not %s", key, kindOf(value))
		return
	}
	var err error
	switch key {
	case "path":
		s.Path = text
	case "format":
		s.Format, err = OneOf("format", text, discover.SourceFormats)
	case "subscription":
		s.Subscription, err = checkGUID(text)
	case "cost_basis":
		s.CostBasis, err = OneOf("cost_basis", text, discover.CostBases)
	}
	if err != nil {
		r.failWith(value, err)
	}
}

func (r *yamlReader) columns(s *discover.Source, n ast.Node) {
	s.Columns = map[string]string{}
	r.each(n, "columns", func(key string, keyNode, value ast.Node) {
		text, ok := scalar(value)
		switch {
		case !ok || text == "":
			r.fail(value, "column %s needs the name that it has in the file", key)
		case !slices.Contains(discover.RequestColumns, key):
			r.fail(keyNode, "unknown column %s; known are %s", key, strings.Join(discover.RequestColumns, ", "))
		default:
			s.Columns[key] = text
		}
	})
}

// source adds a source after checking it as a whole.
func (r *yamlReader) source(n ast.Node, s discover.Source) {
	var err error
	if s.Path, err = sourcePath(s.Path, r.base); err != nil {
		r.failWith(n, err)
		return
	}
	if s.Columns != nil && s.Format != "requests" {
		r.fail(n, "columns goes with format: requests")
		return
	}
	r.to.Sources = append(r.to.Sources, s)
}

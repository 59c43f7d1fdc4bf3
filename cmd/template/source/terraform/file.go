package terraform

import (
	"bytes"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/pidledger/pidledger/cmd/template/arm"
	"github.com/pidledger/pidledger/cmd/template/deployments"
)

// nested reports whether a source has more brackets or signs in each other than any that a person wrote.
func nested(data []byte) bool {
	if len(data) > maxHCL {
		return true
	}
	depth, signs, choices := 0, 0, 0
	for _, c := range data {
		switch c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth = max(depth-1, 0)
		case '?':
			choices++
		case '\n':
			choices = 0
		}
		if c == '!' || c == '-' && depth > 0 {
			signs++
		} else if c != ' ' && c != '-' {
			signs = 0
		}
		if depth > maxNesting || signs > maxNesting || choices > maxNesting {
			return true
		}
	}
	return false
}

// readFile reads one file; of what is not understood the rest is kept.
func readFile(name string, data []byte) *File {
	lower := strings.ToLower(name)
	t := &File{name: name, Root: &Block{Attrs: map[string]*arm.Expr{}}}
	t.Values = strings.HasSuffix(lower, ".tfvars") || strings.HasSuffix(lower, ".tfvars.json")
	switch {
	case nested(data):
		t.Broken, t.Why = &deployments.Place{}, "more is nested in each other than in any file that a person wrote"
	case strings.HasSuffix(lower, ".json"):
		doc, err := arm.Read(data)
		if err != nil {
			t.Broken, t.Why = &deployments.Place{}, err.Error()
			break
		}
		if t.Values {
			t.Root = jsonBlock("", nil, doc.Root)
		} else {
			t.Root.Blocks = jsonBlocks(doc.Root)
		}
	default:
		if d := t.parse(data, hcl.InitialPos); d != nil {
			t.Broken, t.Why = &deployments.Place{Start: d.Subject.Start.Byte, End: d.Subject.End.Byte}, d.Summary+": "+d.Detail
			t.Root = &Block{Attrs: map[string]*arm.Expr{}}
			t.parseApart(data)
		}
	}
	return t
}

// parse adds the blocks of a piece of the file and returns the first mistake in it.
func (t *File) parse(data []byte, at hcl.Pos) *hcl.Diagnostic {
	file, diags := hclsyntax.ParseConfig(data, t.name, at)
	if body, ok := file.Body.(*hclsyntax.Body); ok {
		b := hclBlock(body)
		maps.Copy(t.Root.Attrs, b.Attrs)
		t.Root.Blocks = append(t.Root.Blocks, b.Blocks...)
	}
	for _, d := range diags {
		if d.Severity == hcl.DiagError && d.Subject != nil {
			return d
		}
	}
	return nil
}

// parseApart reads a file with a mistake block by block, so that the mistake costs its own block only. A block starts in the first column,
// as terraform fmt has it.
func (t *File) parseApart(data []byte) {
	from := hcl.InitialPos
	for at, line := 0, 0; at < len(data); line++ {
		if c := data[at]; at > from.Byte && ('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z') {
			_ = t.parse(data[from.Byte:at], from) // the first mistake is known
			from = hcl.Pos{Byte: at, Line: line + 1, Column: 1}
		}
		n := bytes.IndexByte(data[at:], '\n')
		if n < 0 {
			break
		}
		at += n + 1
	}
	_ = t.parse(data[from.Byte:], from)
}

func hclBlock(body *hclsyntax.Body) *Block {
	b := &Block{Attrs: map[string]*arm.Expr{}}
	for name, a := range body.Attributes {
		b.Attrs[name] = hclExpr(a.Expr)
	}
	for _, x := range body.Blocks {
		inner := hclBlock(x.Body)
		inner.Type, inner.Labels = x.Type, x.Labels
		inner.At, inner.End = x.TypeRange.Start.Byte, x.CloseBraceRange.End.Byte
		b.Blocks = append(b.Blocks, inner)
	}
	return b
}

// jsonLabels are how many names stand between the type of a block and its body in Terraform's JSON syntax.
var jsonLabels = map[string]int{"resource": 2, "data": 2, "provider": 1, "variable": 1, "module": 1, "output": 1, "locals": 0}

// jsonBlocks reads the blocks of Terraform's JSON syntax.
func jsonBlocks(root *arm.Node) []*Block {
	var out []*Block
	var walk func(typ string, labels []string, n *arm.Node, more int)
	walk = func(typ string, labels []string, n *arm.Node, more int) {
		switch {
		case n.Kind == arm.Array:
			for _, item := range n.Items {
				walk(typ, labels, item, more)
			}
		case n.Kind != arm.Object:
		case more > 0:
			for _, m := range n.Members {
				walk(typ, append(slices.Clone(labels), m.Key.Text), m.Value, more-1)
			}
		default:
			out = append(out, jsonBlock(typ, labels, n))
		}
	}
	if root.Kind == arm.Object {
		for _, m := range root.Members {
			if n, ok := jsonLabels[m.Key.Text]; ok {
				walk(m.Key.Text, nil, m.Value, n)
			}
		}
	}
	return out
}

func jsonBlock(typ string, labels []string, n *arm.Node) *Block {
	b := &Block{Type: typ, Labels: labels, Attrs: map[string]*arm.Expr{}, At: n.Start, End: n.End}
	for _, m := range n.Members {
		b.Attrs[m.Key.Text] = jsonExpr(m.Value)
	}
	return b
}

// jsonExpr turns a value of Terraform's JSON syntax into an expression; a text may hold ${...}.
func jsonExpr(n *arm.Node) *arm.Expr {
	e := &arm.Expr{Op: arm.OpUnknown, Name: "..."}
	switch n.Kind {
	case arm.Null:
		e = arm.Call("null")
	case arm.Bool:
		e = arm.Call(n.Text)
	case arm.Number:
		if v, ok := arm.ParseInt(n.Text); ok {
			e = &arm.Expr{Op: arm.OpNumber, Num: v}
		}
	case arm.String:
		e = hclText(n.Text)
	case arm.Array:
		e = &arm.Expr{Op: arm.OpList}
		for _, item := range n.Items {
			e.Args = append(e.Args, jsonExpr(item))
		}
	case arm.Object:
		e = &arm.Expr{Op: arm.OpObject}
		for _, m := range n.Members {
			e.Keys, e.Args = append(e.Keys, m.Key.Text), append(e.Args, jsonExpr(m.Value))
		}
	}
	e.At, e.End = n.Start, n.End
	return e
}

// Block is a block of Terraform: type, labels, attributes and blocks in it.
type Block struct {
	Type    string               // resource, provider, variable
	Labels  []string             // the names after it
	Attrs   map[string]*arm.Expr // its attributes
	Blocks  []*Block             // the blocks in it
	At, End int
}

// File is a file of Terraform, or of values for its variables.
type File struct {
	name   string
	at     string             // where it is (File.At)
	Root   *Block             // of a .tfvars file its attributes are the values
	Values bool               // .tfvars
	Folder *Folder            // the module that it is of
	Broken *deployments.Place // where it stops being Terraform
	Why    string             // what the parser says
}

// automatic reports whether Terraform reads a file of values without being told to.
func (t *File) automatic() bool {
	base := path.Base(t.at)
	base = strings.TrimSuffix(base, ".json")
	return base == "terraform.tfvars" || strings.HasSuffix(base, ".auto.tfvars")
}

// maxHCL and maxNesting bound what HCL's parser, which calls itself for each bracket, is given.
const (
	maxHCL     = 4 << 20
	maxNesting = 500
)

package template

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// hclFunction marks the calls of Terraform's functions, so that they are not taken for those of ARM with the same name.
const hclFunction = "hcl:"

// outputOf marks the variables that are outputs of modules.
const outputOf = "module."

// hclExpr turns an expression of Terraform into the tree of ARM expressions.
func hclExpr(x hclsyntax.Expression) *expr {
	e := hclNode(x)
	if r := x.Range(); e.end == 0 {
		e.at, e.end = r.Start.Byte, r.End.Byte
	}
	return e
}

func hclNode(x hclsyntax.Expression) *expr {
	switch x := x.(type) {
	case *hclsyntax.ParenthesesExpr:
		return hclExpr(x.Expression)
	case *hclsyntax.TemplateWrapExpr:
		return hclExpr(x.Wrapped)
	case *hclsyntax.LiteralValueExpr:
		return hclLiteral(x.Val)
	case *hclsyntax.TemplateExpr:
		return hclTemplate(x.Parts)
	case *hclsyntax.ScopeTraversalExpr:
		return hclSteps(hclRoot(x.Traversal))
	case *hclsyntax.RelativeTraversalExpr:
		return hclSteps(hclExpr(x.Source), x.Traversal)
	case *hclsyntax.FunctionCallExpr:
		e := call(hclFunction+x.Name, hclList(x.Args)...)
		if x.ExpandFinal && len(e.args) > 0 { // f(list...) of a list that is written out
			if last := e.args[len(e.args)-1]; last.op == opList {
				e.args = append(e.args[:len(e.args)-1], last.args...)
			}
		}
		return e
	case *hclsyntax.ConditionalExpr:
		return call("if", hclExpr(x.Condition), hclExpr(x.TrueResult), hclExpr(x.FalseResult))
	case *hclsyntax.IndexExpr:
		return &expr{op: opIndex, args: []*expr{hclExpr(x.Collection), hclExpr(x.Key)}}
	case *hclsyntax.TupleConsExpr:
		return &expr{op: opList, args: hclList(x.Exprs)}
	case *hclsyntax.ObjectConsExpr:
		return hclObject(x)
	case *hclsyntax.BinaryOpExpr:
		e := call(hclOperators[x.Op], hclExpr(x.LHS), hclExpr(x.RHS))
		if x.Op == hclsyntax.OpNotEqual {
			e = call("not", e)
		}
		return e
	case *hclsyntax.UnaryOpExpr:
		if x.Op == hclsyntax.OpNegate {
			return call("sub", &expr{op: opNumber}, hclExpr(x.Val))
		}
		return call("not", hclExpr(x.Val))
	}
	return &expr{op: opUnknown, name: "..."} // loops, splats and directives of templates
}

// hclOperators are Terraform's operators with the ARM functions that do the same.
var hclOperators = map[*hclsyntax.Operation]string{
	hclsyntax.OpLogicalOr: "or", hclsyntax.OpLogicalAnd: "and", hclsyntax.OpEqual: "equals", hclsyntax.OpNotEqual: "equals",
	hclsyntax.OpGreaterThan: "greater", hclsyntax.OpGreaterThanOrEqual: "greaterOrEquals",
	hclsyntax.OpLessThan: "less", hclsyntax.OpLessThanOrEqual: "lessOrEquals",
	hclsyntax.OpAdd: "add", hclsyntax.OpSubtract: "sub", hclsyntax.OpMultiply: "mul", hclsyntax.OpDivide: "div", hclsyntax.OpModulo: "mod",
}

func hclList(list []hclsyntax.Expression) []*expr {
	out := make([]*expr, len(list))
	for i, x := range list {
		out[i] = hclExpr(x)
	}
	return out
}

func hclLiteral(v cty.Value) *expr {
	switch {
	case v.IsNull() || !v.IsKnown():
		return call("null")
	case v.Type() == cty.String:
		return &expr{op: opText, name: v.AsString()}
	case v.Type() == cty.Bool && v.True():
		return call("true")
	case v.Type() == cty.Bool:
		return call("false")
	case v.Type() == cty.Number:
		if n, exact := v.AsBigFloat().Int64(); exact == 0 {
			return &expr{op: opNumber, num: n}
		}
		return &expr{op: opText, name: v.AsBigFloat().Text('f', -1)}
	}
	return &expr{op: opUnknown, name: "..."}
}

// hclTemplate joins the literals of a text, which HCL keeps line by line.
func hclTemplate(parts []hclsyntax.Expression) *expr {
	var args []*expr
	for _, part := range parts {
		e := hclExpr(part)
		if n := len(args); n > 0 && e.op == opText && args[n-1].op == opText {
			args[n-1] = &expr{op: opText, name: args[n-1].name + e.name}
			continue
		}
		args = append(args, e)
	}
	switch {
	case len(args) == 0:
		return &expr{op: opText}
	case len(args) == 1 && args[0].op == opText:
		return &expr{op: opText, name: args[0].name}
	}
	return call("concat", args...)
}

func hclObject(x *hclsyntax.ObjectConsExpr) *expr {
	e := &expr{op: opObject}
	for _, item := range x.Items {
		key := hcl.ExprAsKeyword(item.KeyExpr)
		if k, ok := item.KeyExpr.(*hclsyntax.ObjectConsKeyExpr); ok && (key == "" || k.ForceNonLiteral) {
			k := hclExpr(k.Wrapped)
			if k.op != opText {
				continue
			}
			key = k.name
		}
		e.keys = append(e.keys, key)
		e.args = append(e.args, hclExpr(item.ValueExpr))
	}
	return e
}

// hclRoot turns var.x, local.x, each.value and module.x.y into calls of parameters and variables, path.module into the folder that file reads
// from, and returns the steps behind them.
func hclRoot(t hcl.Traversal) (*expr, hcl.Traversal) {
	name := func(i int) string {
		if i < len(t) {
			if a, ok := t[i].(hcl.TraverseAttr); ok {
				return a.Name
			}
		}
		return ""
	}
	root := t.RootName()
	switch {
	case root == "var" && name(1) != "":
		return call("parameters", &expr{op: opText, name: name(1)}), t[2:]
	case root == "local" && name(1) != "":
		return call("variables", &expr{op: opText, name: name(1)}), t[2:]
	case root == "path" && name(1) == "module":
		return &expr{op: opText, name: "."}, t[2:]
	case root == "each" && (name(1) == "key" || name(1) == "value"):
		return call("variables", &expr{op: opText, name: "each." + name(1)}), t[2:]
	case root == "module" && name(1) != "" && name(2) != "":
		return call("variables", &expr{op: opText, name: outputOf + name(1) + "." + name(2)}), t[3:]
	}
	return &expr{op: opUnknown, name: root}, t[1:]
}

func hclSteps(e *expr, steps hcl.Traversal) *expr {
	for _, s := range steps {
		switch s := s.(type) {
		case hcl.TraverseAttr:
			e = &expr{op: opMember, name: s.Name, args: []*expr{e}}
		case hcl.TraverseIndex:
			e = &expr{op: opIndex, args: []*expr{e, hclLiteral(s.Key)}}
		default:
			return &expr{op: opUnknown, name: "..."}
		}
	}
	return e
}

// hclText reads a text of Terraform's JSON syntax, which may hold ${...}.
func hclText(s string) *expr {
	if !strings.ContainsAny(s, "$%") {
		return &expr{op: opText, name: s}
	}
	x, diags := hclsyntax.ParseTemplate([]byte(s), "", hcl.InitialPos)
	if diags.HasErrors() {
		return &expr{op: opText, name: s}
	}
	return hclExpr(x)
}

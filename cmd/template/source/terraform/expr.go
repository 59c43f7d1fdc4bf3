package terraform

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/pidledger/pidledger/cmd/template/arm"
)

// prefix marks the calls of Terraform's functions, so that they are not taken for those of ARM with the same name.
const prefix = "hcl:"

// outputOf marks the variables that are outputs of modules.
const outputOf = "module."

// hclExpr turns an expression of Terraform into the tree of ARM expressions.
func hclExpr(x hclsyntax.Expression) *arm.Expr {
	e := hclNode(x)
	if r := x.Range(); e.End == 0 {
		e.At, e.End = r.Start.Byte, r.End.Byte
	}
	return e
}

func hclNode(x hclsyntax.Expression) *arm.Expr {
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
		e := arm.Call(prefix+x.Name, hclList(x.Args)...)
		if x.ExpandFinal && len(e.Args) > 0 { // f(list...) of a list that is written out
			if last := e.Args[len(e.Args)-1]; last.Op == arm.OpList {
				e.Args = append(e.Args[:len(e.Args)-1], last.Args...)
			}
		}
		return e
	case *hclsyntax.ConditionalExpr:
		return arm.Call("if", hclExpr(x.Condition), hclExpr(x.TrueResult), hclExpr(x.FalseResult))
	case *hclsyntax.IndexExpr:
		return &arm.Expr{Op: arm.OpIndex, Args: []*arm.Expr{hclExpr(x.Collection), hclExpr(x.Key)}}
	case *hclsyntax.TupleConsExpr:
		return &arm.Expr{Op: arm.OpList, Args: hclList(x.Exprs)}
	case *hclsyntax.ObjectConsExpr:
		return hclObject(x)
	case *hclsyntax.BinaryOpExpr:
		e := arm.Call(hclOperators[x.Op], hclExpr(x.LHS), hclExpr(x.RHS))
		if x.Op == hclsyntax.OpNotEqual {
			e = arm.Call("not", e)
		}
		return e
	case *hclsyntax.UnaryOpExpr:
		if x.Op == hclsyntax.OpNegate {
			return arm.Call("sub", &arm.Expr{Op: arm.OpNumber}, hclExpr(x.Val))
		}
		return arm.Call("not", hclExpr(x.Val))
	}
	return &arm.Expr{Op: arm.OpUnknown, Name: "..."} // loops, splats and directives of templates
}

// hclOperators are Terraform's operators with the ARM functions that do the same.
var hclOperators = map[*hclsyntax.Operation]string{
	hclsyntax.OpLogicalOr: "or", hclsyntax.OpLogicalAnd: "and", hclsyntax.OpEqual: "equals", hclsyntax.OpNotEqual: "equals",
	hclsyntax.OpGreaterThan: "greater", hclsyntax.OpGreaterThanOrEqual: "greaterOrEquals",
	hclsyntax.OpLessThan: "less", hclsyntax.OpLessThanOrEqual: "lessOrEquals",
	hclsyntax.OpAdd: "add", hclsyntax.OpSubtract: "sub", hclsyntax.OpMultiply: "mul", hclsyntax.OpDivide: "div", hclsyntax.OpModulo: "mod",
}

func hclList(list []hclsyntax.Expression) []*arm.Expr {
	out := make([]*arm.Expr, len(list))
	for i, x := range list {
		out[i] = hclExpr(x)
	}
	return out
}

func hclLiteral(v cty.Value) *arm.Expr {
	switch {
	case v.IsNull() || !v.IsKnown():
		return arm.Call("null")
	case v.Type() == cty.String:
		return &arm.Expr{Op: arm.OpText, Name: v.AsString()}
	case v.Type() == cty.Bool && v.True():
		return arm.Call("true")
	case v.Type() == cty.Bool:
		return arm.Call("false")
	case v.Type() == cty.Number:
		if n, exact := v.AsBigFloat().Int64(); exact == 0 {
			return &arm.Expr{Op: arm.OpNumber, Num: n}
		}
		return &arm.Expr{Op: arm.OpText, Name: v.AsBigFloat().Text('f', -1)}
	}
	return &arm.Expr{Op: arm.OpUnknown, Name: "..."}
}

// hclTemplate joins the literals of a text, which HCL keeps line by line.
func hclTemplate(parts []hclsyntax.Expression) *arm.Expr {
	var args []*arm.Expr
	for _, part := range parts {
		e := hclExpr(part)
		if n := len(args); n > 0 && e.Op == arm.OpText && args[n-1].Op == arm.OpText {
			args[n-1] = &arm.Expr{Op: arm.OpText, Name: args[n-1].Name + e.Name}
			continue
		}
		args = append(args, e)
	}
	switch {
	case len(args) == 0:
		return &arm.Expr{Op: arm.OpText}
	case len(args) == 1 && args[0].Op == arm.OpText:
		return &arm.Expr{Op: arm.OpText, Name: args[0].Name}
	}
	return arm.Call("concat", args...)
}

func hclObject(x *hclsyntax.ObjectConsExpr) *arm.Expr {
	e := &arm.Expr{Op: arm.OpObject}
	for _, item := range x.Items {
		key := hcl.ExprAsKeyword(item.KeyExpr)
		if k, ok := item.KeyExpr.(*hclsyntax.ObjectConsKeyExpr); ok && (key == "" || k.ForceNonLiteral) {
			k := hclExpr(k.Wrapped)
			if k.Op != arm.OpText {
				continue
			}
			key = k.Name
		}
		e.Keys = append(e.Keys, key)
		e.Args = append(e.Args, hclExpr(item.ValueExpr))
	}
	return e
}

// hclRoot turns var.x, local.x, each.value and module.x.y into calls of parameters and variables, path.module into the folder that file reads
// from, and returns the steps after them.
func hclRoot(t hcl.Traversal) (*arm.Expr, hcl.Traversal) {
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
		return arm.Call("parameters", &arm.Expr{Op: arm.OpText, Name: name(1)}), t[2:]
	case root == "local" && name(1) != "":
		return arm.Call("variables", &arm.Expr{Op: arm.OpText, Name: name(1)}), t[2:]
	case root == "path" && name(1) == "module":
		return &arm.Expr{Op: arm.OpText, Name: "."}, t[2:]
	case root == "each" && (name(1) == "key" || name(1) == "value"):
		return arm.Call("variables", &arm.Expr{Op: arm.OpText, Name: "each." + name(1)}), t[2:]
	case root == "module" && name(1) != "" && name(2) != "":
		return arm.Call("variables", &arm.Expr{Op: arm.OpText, Name: outputOf + name(1) + "." + name(2)}), t[3:]
	}
	return &arm.Expr{Op: arm.OpUnknown, Name: root}, t[1:]
}

func hclSteps(e *arm.Expr, steps hcl.Traversal) *arm.Expr {
	for _, s := range steps {
		switch s := s.(type) {
		case hcl.TraverseAttr:
			e = &arm.Expr{Op: arm.OpMember, Name: s.Name, Args: []*arm.Expr{e}}
		case hcl.TraverseIndex:
			e = &arm.Expr{Op: arm.OpIndex, Args: []*arm.Expr{e, hclLiteral(s.Key)}}
		default:
			return &arm.Expr{Op: arm.OpUnknown, Name: "..."}
		}
	}
	return e
}

// hclText reads a text of Terraform's JSON syntax, which may hold ${...}.
func hclText(s string) *arm.Expr {
	if !strings.ContainsAny(s, "$%") {
		return &arm.Expr{Op: arm.OpText, Name: s}
	}
	x, diags := hclsyntax.ParseTemplate([]byte(s), "", hcl.InitialPos)
	if diags.HasErrors() {
		return &arm.Expr{Op: arm.OpText, Name: s}
	}
	return hclExpr(x)
}

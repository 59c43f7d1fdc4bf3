package deployments

import (
	"github.com/pidledger/pidledger/cmd/template/arm"
)

// Reader reads the deployments that stand in a source: Bicep or Terraform.
type Reader struct {
	Evaluator *arm.Evaluator // of the file
	Data      []byte         // the source
}

// PlaceOfExpr is where an expression of Bicep or Terraform stands.
func PlaceOfExpr(e *arm.Expr) Place { return Place{Start: e.At, End: e.End} }

// NameOf sets the name of a deployment from an expression of Bicep or Terraform.
func (r Reader) NameOf(d *Deployment, e *arm.Expr, env arm.Symbols) {
	if e == nil {
		d.Name = arm.TextValue(arm.Text{})
		return
	}
	d.Named = PlaceOfExpr(e)
	d.Computed = e.Op != arm.OpText
	d.Written = r.Text(e)
	d.Name = r.Evaluator.Expr(e, env, arm.Possible)
}

// ConditionOf sets the condition of a deployment.
func (r Reader) ConditionOf(d *Deployment, e *arm.Expr, env arm.Symbols) {
	d.Conditional, d.Condition, d.Conditioned, d.Showed = true, arm.Term{Expr: e, Env: env}, PlaceOfExpr(e), r.Text(e)
}

// InnerOf looks into the nested template.
func (r Reader) InnerOf(d *Deployment, e *arm.Expr, env arm.Symbols) {
	if e == nil {
		return
	}
	d.Inner = PlaceOfExpr(e)
	v := r.Evaluator.Expr(e, env, arm.Possible)
	if v.Kind != arm.ValObject {
		return
	}
	d.lookInto(v)
}

// Text is the source of an expression.
func (r Reader) Text(e *arm.Expr) string {
	n := len(r.Data)
	return string(r.Data[min(e.At, n):min(max(e.End, e.At), n)])
}

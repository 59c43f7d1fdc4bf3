package terraform

import (
	"path"
	"strings"

	"github.com/pidledger/pidledger/cmd/template/arm"
	"github.com/pidledger/pidledger/cmd/template/deployments"
)

// tfReader collects the deployments of a file of Terraform.
type tfReader struct {
	in          deployments.Reader
	at          string // where the file is
	deployments []*deployments.Deployment
	carried     [][]*deployments.Deployment // those of each ARM template that a deployment carries
}

// Deployments returns the deployments of a file that is at a place, and those of each ARM template that one of them carries.
func (t *File) Deployments(env *Env, in deployments.Reader, at string) [][]*deployments.Deployment {
	r := &tfReader{in: in, at: at}
	for _, b := range t.Root.Blocks {
		if b.Type == "resource" && len(b.Labels) > 1 {
			r.resource(b, env)
		}
	}
	return append([][]*deployments.Deployment{r.deployments}, r.carried...)
}

func (r *tfReader) resource(b *Block, of *Env) {
	env := of.each(b.Attrs["for_each"])
	scope := deployments.Scope(table()["deployment"][b.Labels[0]])
	if typ := b.Attrs["type"]; b.Labels[0] == "azapi_resource" && typ != nil {
		if name, ok := r.in.Evaluator.Expr(typ, env, arm.Possible).Known(); ok && deployments.IsDeployment(name) {
			scope = deployments.ResourceGroup
		}
	}
	if scope == "" {
		return
	}
	d := &deployments.Deployment{At: deployments.Place{Start: b.At, End: b.End}, Scope: scope}
	d.Named, d.Inner, d.Moded, d.Versioned = d.At, d.At, d.At, d.At
	r.in.NameOf(d, b.Attrs["name"], env)
	r.deployments = append(r.deployments, d)
	// count = var.x ? 1 : 0 is Terraform's condition.
	for _, n := range []*arm.Expr{b.Attrs["count"], b.Attrs["for_each"]} {
		switch {
		case n == nil:
		case n.Op == arm.OpCall && n.Name == "if":
			when := n.Args[0]
			if none(n.Args[1]) { // count = var.x ? 0 : 1
				not := arm.Call("not", when)
				not.At, not.End = when.At, when.End
				when = not
			}
			r.in.ConditionOf(d, when, env)
			d.Conditioned = deployments.PlaceOfExpr(n)
		default:
			d.Repeated = true
		}
	}
	if l := b.Attrs["location"]; l != nil {
		d.Located, d.Location = true, arm.Term{Expr: l, Env: env}
	}
	if b.Labels[0] == "azapi_resource" {
		r.azapiBody(d, b.Attrs["body"], env)
		return
	}
	r.mode(d, b.Attrs["deployment_mode"], env)
	content := b.Attrs["template_content"]
	if content == nil {
		content = b.Attrs["template_body"]
	}
	switch {
	case content != nil:
		r.template(d, content, env)
	case b.Attrs["template_spec_version_id"] != nil:
		d.Linked = true
	default:
		d.Module = true
		d.Fault(d.At, "the deployment has neither a template_content nor a template_spec_version_id")
	}
}

func (r *tfReader) mode(d *deployments.Deployment, m *arm.Expr, env arm.Symbols) {
	if m != nil {
		d.Moded = deployments.PlaceOfExpr(m)
		d.Mode, _ = r.in.Evaluator.Expr(m, env, arm.Possible).Known()
	}
}

// terraformTemplate looks into the template of a deployment: an object for jsonencode, or a text.
func (r *tfReader) template(d *deployments.Deployment, content *arm.Expr, env arm.Symbols) {
	at := content
	for range maxModules { // a local or two may hold it
		name, ok := arm.Called(content, "variables")
		if !ok {
			break
		}
		t, ok := env.Variable(name)
		if !ok || t.Expr == nil {
			break
		}
		content, env = t.Expr, t.Env
	}
	d.Inner = deployments.PlaceOfExpr(at)
	if content.Op == arm.OpCall && content.Name == prefix+"jsonencode" && len(content.Args) == 1 {
		r.in.InnerOf(d, content.Args[0], env)
		d.Inner = deployments.PlaceOfExpr(at)
		d.CheckInner(r.in.Evaluator.Expr(content.Args[0], env, arm.Possible))
		return
	}
	d.Module = true // in a file that cannot be read, unless the text is known
	s, ok := r.in.Evaluator.Expr(content, env, arm.Possible).Known()
	if !ok {
		return
	}
	doc, err := arm.Read([]byte(s))
	if err != nil {
		d.Fault(d.Inner, "the inner template is not JSON: "+err.Error())
		return
	}
	d.CheckInner(r.in.Evaluator.Node(arm.Term{Node: doc.Root}, arm.Possible))
	d.Known, d.Module = true, false
	if list := doc.Root.Get("resources"); list != nil {
		d.Resources = len(list.Items) + len(list.Members)
	}
	held := ""
	if content.Op == arm.OpCall && content.Name == prefix+"file" && len(content.Args) == 1 {
		name, _ := r.in.Evaluator.Expr(content.Args[0], env, arm.Possible).Known()
		held = path.Join(path.Dir(r.at), name)
	}
	r.embedded(doc, d.Scope, at, held)
}

// embedded collects the deployments of an ARM template that stands as text in a source, or in the file that it holds.
func (r *tfReader) embedded(doc *arm.Document, scope deployments.Scope, at *arm.Expr, held string) {
	w := &deployments.Walker{Evaluator: r.in.Evaluator}
	w.Template(doc.Root, &arm.TemplateSymbols{Template: doc.Root}, scope, nil)
	start := strings.Index(r.in.Text(at), string(doc.Data))
	for _, d := range w.Deployments {
		d.Held = held
		for _, p := range []*deployments.Place{&d.At, &d.Named, &d.Versioned, &d.Moded, &d.Inner, &d.Conditioned} {
			if start < 0 { // the text is put together elsewhere
				*p = deployments.PlaceOfExpr(at)
				continue
			}
			*p = deployments.Place{Start: at.At + start + p.Start, End: at.At + start + p.End}
		}
	}
	r.carried = append(r.carried, w.Deployments)
}

// azapiBody looks into the body of an azapi_resource, which is an object or the text of one.
func (r *tfReader) azapiBody(d *deployments.Deployment, body *arm.Expr, env arm.Symbols) {
	if body == nil {
		return
	}
	if body.Op == arm.OpCall && body.Name == prefix+"jsonencode" && len(body.Args) == 1 {
		body = body.Args[0]
	}
	v := r.in.Evaluator.Expr(body, env, arm.Possible)
	if v.Kind != arm.ValObject {
		d.Module = true // it cannot be looked into
		return
	}
	step := func(of *arm.Expr, name string) *arm.Expr {
		return &arm.Expr{Op: arm.OpMember, Name: name, Args: []*arm.Expr{of}, At: body.At, End: body.End}
	}
	d.CheckProperties(v.Member("properties"))
	properties := step(body, "properties")
	r.mode(d, step(properties, "mode"), env)
	if r.in.Evaluator.Expr(step(properties, "templateLink"), env, arm.Possible).Kind == arm.ValObject {
		d.Linked, d.Inner = true, deployments.PlaceOfExpr(body)
		return
	}
	r.in.InnerOf(d, step(properties, "template"), env)
}

// none reports whether a count or for_each makes nothing.
func none(e *arm.Expr) bool {
	return e.Op == arm.OpNumber && e.Num == 0 || (e.Op == arm.OpList || e.Op == arm.OpObject) && len(e.Args) == 0
}

// Package bicep reads Bicep files: their deployments, and the names of variables, parameters and functions, also those they import.
package bicep

import (
	"path"
	"strings"

	"github.com/pidledger/pidledger/cmd/template/arm"
	"github.com/pidledger/pidledger/cmd/template/deployments"
)

func parameter(s *statement, env *File) arm.Declaration {
	d := arm.Declaration{Name: s.name, Type: s.typ, MaxLen: arm.Unbounded}
	if s.value != nil {
		d.Def = arm.Term{Expr: s.value, Env: env}
	}
	for _, x := range s.decorators {
		if x.Op != arm.OpCall || len(x.Args) != 1 {
			continue
		}
		switch a := x.Args[0]; {
		case x.Name == "maxLength" && a.Op == arm.OpNumber && a.Num >= 0 && a.Num < 1<<20:
			d.MaxLen = int(a.Num)
		case x.Name == "allowed" && a.Op == arm.OpList:
			for _, v := range a.Args {
				if v.Op == arm.OpText {
					d.Allowed = append(d.Allowed, v.Name)
				}
			}
		}
	}
	return d
}

// scopeOf reads the value of targetScope or scope.
func scopeOf(e *arm.Expr, around deployments.Scope) deployments.Scope {
	if e == nil {
		return around
	}
	switch strings.ToLower(e.Name) {
	case "resourcegroup":
		return deployments.ResourceGroup
	case "subscription":
		return deployments.Subscription
	case "managementgroup":
		return deployments.ManagementGroup
	case "tenant":
		return deployments.Tenant
	}
	return around
}

// Links returns the files that a Bicep file deploys: its modules, and templates that it loads into deployments of its own; and those
// that it imports from.
func Links(src string) []string {
	var out []string
	list := statements(src)
	vars := map[string]*arm.Expr{}
	for _, s := range list {
		if s.keyword == "var" {
			vars[s.name] = s.value
		}
	}
	for _, s := range list {
		switch {
		case s.keyword == "module" && !strings.Contains(s.typ, ":"): // no registry (br:) and no template spec (ts:)
			out = append(out, s.typ)
		case s.keyword == "import" && strings.EqualFold(path.Ext(s.typ), ".json"): // what it exports; it is not deployed
			out = append(out, s.typ)
		case s.keyword == "resource" && deployments.IsDeployment(s.typ):
			out = append(out, loads(s.value.Field("properties").Field("template"), vars)...)
		}
	}
	return out
}

// loads returns the files that an expression loads. Of variables each is followed once: they are taken out of vars.
func loads(e *arm.Expr, vars map[string]*arm.Expr) []string {
	if e == nil {
		return nil
	}
	if e.Op == arm.OpUnknown {
		v := vars[e.Name]
		delete(vars, e.Name)
		return loads(v, vars)
	}
	if e.Op == arm.OpCall && len(e.Args) > 0 && e.Args[0].Op == arm.OpText && (e.Name == "loadJsonContent" || e.Name == "loadTextContent") {
		return []string{e.Args[0].Name}
	}
	var out []string
	for _, a := range e.Args {
		out = append(out, loads(a, vars)...)
	}
	return out
}

// Deployments are those that the file declares, modules included.
func (s *File) Deployments(r deployments.Reader, scope deployments.Scope) []*deployments.Deployment {
	for _, st := range s.statements {
		if st.keyword == "targetScope" {
			scope = scopeOf(st.value, scope)
		}
	}
	var out []*deployments.Deployment
	for _, st := range s.statements {
		if st.existing || st.value == nil || st.keyword != "module" && (st.keyword != "resource" || !deployments.IsDeployment(st.typ)) {
			continue
		}
		out = append(out, s.deployment(r, st, scope))
	}
	return out
}

func (s *File) deployment(r deployments.Reader, st *statement, scope deployments.Scope) *deployments.Deployment {
	d := &deployments.Deployment{At: deployments.Place{Start: st.at, End: st.end}, Scope: scope, Repeated: st.loop != nil, Module: st.keyword == "module"}
	d.Named, d.Inner, d.Moded, d.Versioned = d.At, d.At, d.At, d.At
	if of := st.value.Field("scope"); of != nil {
		d.Scope = scopeOf(of, deployments.ResourceGroup) // any other is a resource group declared here
	}
	r.NameOf(d, st.value.Field("name"), s)
	if st.condition != nil {
		r.ConditionOf(d, st.condition, s)
	}
	if l := st.value.Field("location"); l != nil {
		d.Located, d.Location = true, arm.Term{Expr: l, Env: s}
	}
	if d.Module {
		d.Located = true // Bicep puts it in
		d.Location = arm.Term{Expr: &arm.Expr{Op: arm.OpMember, Name: "location", Args: []*arm.Expr{arm.Call("deployment")}}, Env: s}
		d.Resources, d.Known = s.resourcesOf(st.typ)
		return d
	}
	_, d.Version, _ = strings.Cut(st.typ, "@")
	p := st.value.Field("properties")
	if m := p.Field("mode"); m != nil {
		d.Moded = deployments.PlaceOfExpr(m)
		d.Mode, _ = r.Evaluator.Expr(m, s, arm.Possible).Known()
	}
	r.InnerOf(d, p.Field("template"), s)
	if l := p.Field("templateLink"); l != nil {
		d.Linked, d.Inner = true, deployments.PlaceOfExpr(l)
	}
	d.CheckVersion(true)
	d.CheckName()
	d.CheckProperties(r.Evaluator.Term(arm.Term{Expr: st.value.Field("properties"), Env: s}, arm.Possible))
	return d
}

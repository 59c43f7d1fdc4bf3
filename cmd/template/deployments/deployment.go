// Package deployments has the deployments of a template in whatever language: what they are named, where they are kept, when they are made,
// and for what Azure Resource Manager refuses them. Walker finds those of ARM templates, Reader helps to read those of other languages.
package deployments

import (
	_ "embed"
	"strings"
	"sync"

	"github.com/pidledger/pidledger/cmd/template/arm"
	"github.com/pidledger/pidledger/queries/facts"
)

// Place is a piece of a file.
type Place struct {
	Start, End int
	Path       string // JSON path, if the file is JSON
}

// PlaceOf is where a JSON value stands.
func PlaceOf(n *arm.Node) Place { return Place{Start: n.Start, End: n.End, Path: n.Path()} }

// Deployment is one Microsoft.Resources/deployments resource, from whatever language.
type Deployment struct {
	At        Place       // the whole resource
	Name      arm.Value   // what it can be named
	Named     Place       // where the name stands
	Computed  bool        // the name is an expression
	Written   string      // the name as written
	Scope     Scope       // where its record is kept
	Depth     int         // templates around it, below the file's own
	Outer     *Deployment // the deployment that it is nested in; nil: none
	Repeated  bool        // in a copy loop
	Version   string      // apiVersion
	Versioned Place       // where that stands
	Mode      string      // empty when it is not known
	Moded     Place       // where the mode stands

	Inner     Place    // where the inner template or the link to it stands
	Resources int      // in the inner template
	Known     bool     // whether resources could be counted
	Outputs   bool     // the inner template has some
	Module    bool     // a module of Bicep: what is in it stands in another file
	Link      arm.Term // of a linked template
	Linked    bool     // its template is in another file
	Held      string   // the file that Terraform reads it from (File.At)

	Conditional bool     // it has a condition
	Condition   arm.Term // what must hold, if it is conditional
	Conditioned Place    // where the condition stands
	Showed      string   // the condition as written

	Located  bool     // it has a location
	Location arm.Term // the region that its record is kept in

	Faults []fault // why Azure Resource Manager refuses it
}

// Empty reports whether the deployment has the shape of a tracking deployment: nothing in it.
func (d *Deployment) Empty() bool { return !d.Linked && d.Known && d.Resources == 0 }

// Tagged is a resource with tags.
type Tagged struct {
	At   Place    // where the tags stand
	Tags arm.Term // what they can be
}

// Walker collects the deployments of an ARM template.
type Walker struct {
	Evaluator   *arm.Evaluator // of the file
	Deployments []*Deployment  // found so far, in the order of the file
	Tagged      []Tagged       // resources with tags
	Profile     bool           // the file has an apiProfile, which stands for missing versions
}

// Template walks one template, the file's own or one in a deployment.
func (w *Walker) Template(t *arm.Node, env arm.Symbols, scope Scope, outer *Deployment) {
	w.Resources(t.Get("resources"), env, scope, outer)
}

// Resources walks a list of resources, or an object of them.
func (w *Walker) Resources(list *arm.Node, env arm.Symbols, scope Scope, outer *Deployment) {
	switch {
	case list == nil:
	case list.Kind == arm.Array:
		for _, n := range list.Items {
			w.Resource(n, env, scope, outer)
		}
	case list.Kind == arm.Object: // symbolic names, languageVersion 2.0
		for _, m := range list.Members {
			w.Resource(m.Value, env, scope, outer)
		}
	}
}

const deploymentType = "microsoft.resources/deployments"

// IsDeployment also knows the form with a version: Microsoft.Resources/deployments@2022-09-01.
func IsDeployment(typ string) bool {
	typ, _, _ = strings.Cut(typ, "@")
	return strings.EqualFold(strings.TrimSpace(typ), deploymentType)
}

// Resource walks one resource and those in it.
func (w *Walker) Resource(n *arm.Node, env arm.Symbols, scope Scope, outer *Deployment) {
	if n.Kind != arm.Object {
		return
	}
	if e := n.Get("existing"); e != nil && e.Text == "true" {
		return
	}
	if tags := n.Get("tags"); tags != nil {
		w.Tagged = append(w.Tagged, Tagged{At: PlaceOf(tags), Tags: arm.Term{Node: tags, Env: env}})
	}
	if !IsDeployment(n.Get("type").Str()) {
		w.Resources(n.Get("resources"), env, scope, outer)
		return
	}
	d := w.deployment(n, env, scope, outer)
	w.Deployments = append(w.Deployments, d)
	inner := n.At("properties", "template")
	if inner == nil || inner.Kind != arm.Object {
		return
	}
	innerEnv := env
	if strings.EqualFold(n.At("properties", "expressionEvaluationOptions", "scope").Str(), "inner") {
		innerEnv = &arm.TemplateSymbols{Template: inner, Args: n.At("properties", "parameters"), Outer: env}
	}
	w.Template(inner, innerEnv, d.Scope, d)
}

func (w *Walker) deployment(n *arm.Node, env arm.Symbols, scope Scope, outer *Deployment) *Deployment {
	d := &Deployment{At: PlaceOf(n), Scope: scopeOf(n, scope), Outer: outer}
	if outer != nil {
		d.Depth = outer.Depth + 1
	}
	d.Named = d.At
	if name := n.Get("name"); name != nil {
		d.Named = PlaceOf(name)
		d.Computed = arm.IsExpression(name.Str())
		d.Written = name.Text
		d.Name = w.Evaluator.Term(arm.Term{Node: name, Env: env}, arm.Possible)
	} else {
		d.Name = arm.TextValue(arm.Text{})
	}
	loop := n.Get("copy")
	d.Repeated = loop != nil && loop.Kind == arm.Object
	if v := n.Get("apiVersion"); v != nil {
		d.Version, d.Versioned = v.Str(), PlaceOf(v)
	}
	if l := n.Get("location"); l != nil {
		d.Located = l.Kind == arm.String && l.Text != ""
		d.Location = arm.Term{Node: l, Env: env}
	}
	if c := n.Get("condition"); c != nil {
		d.Conditional = true
		d.Condition = arm.Term{Node: c, Env: env}
		d.Conditioned = PlaceOf(c)
		d.Showed = c.Text
	}
	w.properties(d, n.Get("properties"), env)
	if d.Version == "" {
		_, d.Version, _ = strings.Cut(n.Get("type").Str(), "@")
	}
	d.CheckVersion(!w.Profile)
	d.CheckName()
	if n.Get("name") == nil {
		d.Fault(d.At, "the deployment has no name")
	}
	d.CheckProperties(w.Evaluator.Term(arm.Term{Node: n.Get("properties"), Env: env}, arm.Possible))
	return d
}

func (w *Walker) properties(d *Deployment, p *arm.Node, env arm.Symbols) {
	d.Inner, d.Moded = d.At, d.At
	if m := p.Get("mode"); m != nil {
		d.Moded = PlaceOf(m)
		d.Mode, _ = w.Evaluator.Term(arm.Term{Node: m, Env: env}, arm.Possible).Known()
	}
	if l := p.Get("templateLink"); l != nil {
		d.Linked = true
		d.Link = arm.Term{Node: l, Env: env}
		d.Inner = PlaceOf(l)
		return
	}
	t := p.Get("template")
	if t == nil {
		return
	}
	d.Inner = PlaceOf(t)
	switch t.Kind {
	case arm.Object:
		list := t.Get("resources")
		d.Known = list == nil || list.Kind == arm.Array || list.Kind == arm.Object
		if list != nil {
			d.Resources = len(list.Items) + len(list.Members)
		}
		outputs := t.Get("outputs")
		d.Outputs = outputs != nil && len(outputs.Members) > 0
	case arm.String: // a template in a variable, for instance loaded JSON
		v := w.Evaluator.Term(arm.Term{Node: t, Env: env}, arm.Possible)
		if v.Kind != arm.ValObject {
			return
		}
		d.lookInto(v)
	}
}

// lookInto notes what is known of an inner template that is a value: an expression, or one of Bicep.
func (d *Deployment) lookInto(v arm.Value) {
	switch list := v.Member("resources"); list.Kind {
	case arm.ValNull:
		d.Known = true
	case arm.ValList:
		d.Known, d.Resources = true, len(list.Items)
	case arm.ValObject: // symbolic names
		d.Known, d.Resources = list.Count >= 0, max(list.Count, 0)
	}
	_, d.Outputs = v.Get("outputs")
}

// scopeOf returns where a deployment is kept: its own scope properties go before the scope of the template that it stands in.
func scopeOf(n *arm.Node, around Scope) Scope {
	switch {
	case n.Get("resourceGroup") != nil:
		return ResourceGroup
	case n.Get("subscriptionId") != nil:
		return Subscription
	}
	scope := strings.ToLower(n.Get("scope").Str())
	switch {
	case scope == "/":
		return Tenant
	case strings.Contains(scope, "managementgroup"):
		return ManagementGroup
	case strings.Contains(scope, "resourcegroup"):
		return ResourceGroup
	case strings.Contains(scope, "subscription"):
		return Subscription
	}
	return around
}

// SchemaScope returns the scope that a $schema stands for; false when it is not a schema of a deployment template.
func SchemaScope(schema string) (Scope, bool) {
	schema = strings.TrimRight(schema, "#")
	s, ok := scopes()[strings.ToLower(schema[strings.LastIndexByte(schema, '/')+1:])]
	return s, ok
}

// Scope is where a template is deployed to.
type Scope string

// The scopes, from the narrowest.
const (
	ResourceGroup   Scope = "resource_group"
	Subscription    Scope = "subscription"
	ManagementGroup Scope = "management_group"
	Tenant          Scope = "tenant"
)

//go:embed scopes.csv
var scopesCSV string

// scopes are those of templates, by the file name of their schema in lower case.
var scopes = sync.OnceValue(func() map[string]Scope {
	out := map[string]Scope{}
	for _, f := range facts.Rows("scopes.csv", scopesCSV) {
		out[strings.ToLower(f[0])] = Scope(f[1])
	}
	return out
})

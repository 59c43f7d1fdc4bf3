package template

import (
	"strings"
)

// place is a piece of a file.
type place struct {
	start, end int
	path       string // JSON path, if the file is JSON
}

func placeOf(n *Node) place { return place{start: n.Start, end: n.End, path: n.Path()} }

// file is a checked file: what findings need to name a place in it.
type file struct {
	name  string
	at    string // where it is (File.At)
	data  []byte
	lines lineIndex
}

// deployment is one Microsoft.Resources/deployments resource, from whatever language.
type deployment struct {
	at        place
	name      value
	named     place
	computed  bool // the name is an expression
	written   string
	scope     Scope // where its record is kept
	depth     int   // templates around it, below the file's own
	outer     *deployment
	repeated  bool // in a copy loop
	version   string
	versioned place
	mode      string
	moded     place

	inner     place
	resources int  // in the inner template
	known     bool // whether resources could be counted
	outputs   bool
	module    bool // a module of Bicep: what is in it stands in another file
	link      term // of a linked template
	linked    bool
	held      string // the file that Terraform reads it from (File.At)

	conditional bool
	condition   term
	conditioned place
	showed      string // the condition as written

	located  bool // it has a location
	location term

	faults []fault
}

// empty reports whether the deployment has the shape of a tracking deployment: nothing in it.
func (d *deployment) empty() bool { return !d.linked && d.known && d.resources == 0 }

// tagged is a resource with tags.
type tagged struct {
	at   place
	tags term
}

// walker collects the deployments of an ARM template.
type walker struct {
	ev          *evaluator
	deployments []*deployment
	tagged      []tagged
	profile     bool // the file has an apiProfile, which stands for missing versions
}

// template walks one template, the file's own or one in a deployment.
func (w *walker) template(t *Node, env symbols, scope Scope, outer *deployment) {
	w.resources(t.Get("resources"), env, scope, outer)
}

func (w *walker) resources(list *Node, env symbols, scope Scope, outer *deployment) {
	switch {
	case list == nil:
	case list.Kind == Array:
		for _, n := range list.Items {
			w.resource(n, env, scope, outer)
		}
	case list.Kind == Object: // symbolic names, languageVersion 2.0
		for _, m := range list.Members {
			w.resource(m.Value, env, scope, outer)
		}
	}
}

const deploymentType = "microsoft.resources/deployments"

// isDeployment also knows the form with a version: Microsoft.Resources/deployments@2022-09-01.
func isDeployment(typ string) bool {
	typ, _, _ = strings.Cut(typ, "@")
	return strings.EqualFold(strings.TrimSpace(typ), deploymentType)
}

func (w *walker) resource(n *Node, env symbols, scope Scope, outer *deployment) {
	if n.Kind != Object {
		return
	}
	if e := n.Get("existing"); e != nil && e.Text == "true" {
		return
	}
	if tags := n.Get("tags"); tags != nil {
		w.tagged = append(w.tagged, tagged{at: placeOf(tags), tags: term{node: tags, env: env}})
	}
	if !isDeployment(n.Get("type").str()) {
		w.resources(n.Get("resources"), env, scope, outer)
		return
	}
	d := w.deployment(n, env, scope, outer)
	w.deployments = append(w.deployments, d)
	inner := n.At("properties", "template")
	if inner == nil || inner.Kind != Object {
		return
	}
	innerEnv := env
	if strings.EqualFold(n.At("properties", "expressionEvaluationOptions", "scope").str(), "inner") {
		innerEnv = &templateSymbols{template: inner, args: n.At("properties", "parameters"), outer: env}
	}
	w.template(inner, innerEnv, d.scope, d)
}

func (w *walker) deployment(n *Node, env symbols, scope Scope, outer *deployment) *deployment {
	d := &deployment{at: placeOf(n), scope: scopeOf(n, scope), outer: outer}
	if outer != nil {
		d.depth = outer.depth + 1
	}
	d.named = d.at
	if name := n.Get("name"); name != nil {
		d.named = placeOf(name)
		d.computed = isExpression(name.str())
		d.written = name.Text
		d.name = w.ev.term(term{node: name, env: env}, possible)
	} else {
		d.name = textValue(text{})
	}
	loop := n.Get("copy")
	d.repeated = loop != nil && loop.Kind == Object
	if v := n.Get("apiVersion"); v != nil {
		d.version, d.versioned = v.str(), placeOf(v)
	}
	if l := n.Get("location"); l != nil {
		d.located = l.Kind == String && l.Text != ""
		d.location = term{node: l, env: env}
	}
	if c := n.Get("condition"); c != nil {
		d.conditional = true
		d.condition = term{node: c, env: env}
		d.conditioned = placeOf(c)
		d.showed = c.Text
	}
	w.properties(d, n.Get("properties"), env)
	if d.version == "" {
		_, d.version, _ = strings.Cut(n.Get("type").str(), "@")
	}
	d.checkVersion(!w.profile)
	d.checkName()
	if n.Get("name") == nil {
		d.fault(d.at, "the deployment has no name")
	}
	d.checkProperties(w.ev.term(term{node: n.Get("properties"), env: env}, possible))
	return d
}

func (w *walker) properties(d *deployment, p *Node, env symbols) {
	d.inner, d.moded = d.at, d.at
	if m := p.Get("mode"); m != nil {
		d.moded = placeOf(m)
		d.mode, _ = w.ev.term(term{node: m, env: env}, possible).known()
	}
	if l := p.Get("templateLink"); l != nil {
		d.linked = true
		d.link = term{node: l, env: env}
		d.inner = placeOf(l)
		return
	}
	t := p.Get("template")
	if t == nil {
		return
	}
	d.inner = placeOf(t)
	switch t.Kind {
	case Object:
		list := t.Get("resources")
		d.known = list == nil || list.Kind == Array || list.Kind == Object
		if list != nil {
			d.resources = len(list.Items) + len(list.Members)
		}
		outputs := t.Get("outputs")
		d.outputs = outputs != nil && len(outputs.Members) > 0
	case String: // a template in a variable, for instance loaded JSON
		v := w.ev.term(term{node: t, env: env}, possible)
		if v.kind != valObject {
			return
		}
		d.lookInto(v)
	}
}

// lookInto notes what is known of an inner template that is a value: an expression, or one of Bicep.
func (d *deployment) lookInto(v value) {
	switch list := v.member("resources"); list.kind {
	case valNull:
		d.known = true
	case valList:
		d.known, d.resources = true, len(list.items)
	case valObject: // symbolic names
		d.known, d.resources = list.count >= 0, max(list.count, 0)
	}
	_, d.outputs = v.get("outputs")
}

// scopeOf returns where a deployment is kept: its own scope properties go before the scope of the template that it stands in.
func scopeOf(n *Node, around Scope) Scope {
	switch {
	case n.Get("resourceGroup") != nil:
		return ResourceGroup
	case n.Get("subscriptionId") != nil:
		return Subscription
	}
	scope := strings.ToLower(n.Get("scope").str())
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

// schemaScope returns the scope that a $schema stands for; false when it is no schema of a deployment template.
func schemaScope(schema string) (Scope, bool) {
	schema = strings.TrimRight(schema, "#")
	s, ok := data().scopes[strings.ToLower(schema[strings.LastIndexByte(schema, '/')+1:])]
	return s, ok
}

// lowerASCII folds A-Z and keeps all offsets.
func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] += 'a' - 'A'
		}
	}
	return string(b)
}

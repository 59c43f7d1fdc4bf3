package template

import (
	"path"
	"strings"
)

// bicep checks the deployments of a Bicep file, modules included.
func (c *checker) bicep() {
	env := (&bicepFiles{open: c.o.Open, most: c.o.Limits.MaxFile}).symbols(c.file.at, string(c.file.data))
	list := env.statements
	for _, s := range list {
		if s.keyword == "targetScope" {
			c.scope = bicepScope(s.value, c.scope)
		}
	}
	for _, s := range list {
		if s.existing || s.value == nil || s.keyword != "module" && (s.keyword != "resource" || !isDeployment(s.typ)) {
			continue
		}
		c.deployments = append(c.deployments, c.bicepDeployment(s, env))
	}
	c.rules(place{end: 0}, c.o.Role == Main || c.o.Role == Auto && isMainName(c.file.name))
}

func bicepParameter(s *statement, env *bicepSymbols) declaration {
	d := declaration{name: s.name, typ: s.typ, maxLen: unbounded}
	if s.value != nil {
		d.def = term{expr: s.value, env: env}
	}
	for _, x := range s.decorators {
		if x.op != opCall || len(x.args) != 1 {
			continue
		}
		switch a := x.args[0]; {
		case x.name == "maxLength" && a.op == opNumber && a.num >= 0 && a.num < 1<<20:
			d.maxLen = int(a.num)
		case x.name == "allowed" && a.op == opList:
			for _, v := range a.args {
				if v.op == opText {
					d.allowed = append(d.allowed, v.name)
				}
			}
		}
	}
	return d
}

// bicepScope reads the value of targetScope or scope.
func bicepScope(e *expr, around Scope) Scope {
	if e == nil {
		return around
	}
	switch strings.ToLower(e.name) {
	case "resourcegroup":
		return ResourceGroup
	case "subscription":
		return Subscription
	case "managementgroup":
		return ManagementGroup
	case "tenant":
		return Tenant
	}
	return around
}

func exprPlace(e *expr) place { return place{start: e.at, end: e.end} }

func (c *checker) bicepDeployment(s *statement, env *bicepSymbols) *deployment {
	d := &deployment{at: place{start: s.at, end: s.end}, scope: c.scope, repeated: s.loop != nil, module: s.keyword == "module"}
	d.named, d.inner, d.moded, d.versioned = d.at, d.at, d.at, d.at
	if scope := s.value.field("scope"); scope != nil {
		d.scope = bicepScope(scope, ResourceGroup) // any other is a resource group declared here
	}
	c.nameOf(d, s.value.field("name"), env)
	if s.condition != nil {
		c.conditionOf(d, s.condition, env)
	}
	if l := s.value.field("location"); l != nil {
		d.located, d.location = true, term{expr: l, env: env}
	}
	if d.module {
		d.located = true // Bicep puts it in
		d.location = term{expr: &expr{op: opMember, name: "location", args: []*expr{call("deployment")}}, env: env}
		d.resources, d.known = env.resourcesOf(s.typ)
		return d
	}
	_, d.version, _ = strings.Cut(s.typ, "@")
	p := s.value.field("properties")
	if m := p.field("mode"); m != nil {
		d.moded = exprPlace(m)
		d.mode, _ = c.ev.expr(m, env, possible).known()
	}
	c.innerOf(d, p.field("template"), env)
	if l := p.field("templateLink"); l != nil {
		d.linked, d.inner = true, exprPlace(l)
	}
	d.checkVersion(true)
	d.checkName()
	d.checkProperties(c.ev.term(term{expr: s.value.field("properties"), env: env}, possible))
	return d
}

// nameOf sets the name of a deployment from an expression of Bicep or Terraform.
func (c *checker) nameOf(d *deployment, e *expr, env symbols) {
	if e == nil {
		d.name = textValue(text{})
		return
	}
	d.named = exprPlace(e)
	d.computed = e.op != opText
	d.written = c.text(e)
	d.name = c.ev.expr(e, env, possible)
}

func (c *checker) conditionOf(d *deployment, e *expr, env symbols) {
	d.conditional, d.condition, d.conditioned, d.showed = true, term{expr: e, env: env}, exprPlace(e), c.text(e)
}

// innerOf looks into the nested template.
func (c *checker) innerOf(d *deployment, e *expr, env symbols) {
	if e == nil {
		return
	}
	d.inner = exprPlace(e)
	v := c.ev.expr(e, env, possible)
	if v.kind != valObject {
		return
	}
	d.lookInto(v)
}

// text is the source of an expression.
func (c *checker) text(e *expr) string {
	n := len(c.file.data)
	return string(c.file.data[min(e.at, n):min(max(e.end, e.at), n)])
}

// bicepLinks returns the files that a Bicep file deploys: its modules, and templates that it loads into deployments of its own; and those
// that it imports from.
func bicepLinks(src string) []string {
	var out []string
	list := statements(src)
	vars := map[string]*expr{}
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
		case s.keyword == "resource" && isDeployment(s.typ):
			out = append(out, loads(s.value.field("properties").field("template"), vars)...)
		}
	}
	return out
}

// loads returns the files that an expression loads. Of variables each is followed once: they are taken out of vars.
func loads(e *expr, vars map[string]*expr) []string {
	if e == nil {
		return nil
	}
	if e.op == opUnknown {
		v := vars[e.name]
		delete(vars, e.name)
		return loads(v, vars)
	}
	if e.op == opCall && len(e.args) > 0 && e.args[0].op == opText && (e.name == "loadJsonContent" || e.name == "loadTextContent") {
		return []string{e.args[0].name}
	}
	var out []string
	for _, a := range e.args {
		out = append(out, loads(a, vars)...)
	}
	return out
}

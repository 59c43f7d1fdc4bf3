package template

import (
	"path"
	"slices"
	"strings"
)

// terraform checks the providers and template deployments of a Terraform file, with the names that the other files of its folder and the
// modules that call it give.
func (c *checker) terraform() {
	t := c.o.near.terraform[c.file.name]
	if t == nil {
		return
	}
	if t.broken != nil {
		c.report("L24", *t.broken, "Terraform cannot read this: %s", clip(t.why)).Fix = "Mend it (terraform validate says more); the rest of the file was checked as far as it can be read"
	}
	if t.values {
		c.terraformValues(t)
		return
	}
	c.linked = false // an id in a module of Terraform is as good as any
	for _, env := range t.folder.envs {
		for _, list := range c.terraformDeployments(t, env) {
			if len(list) > 0 && c.visited[list[0].held] {
				continue // has its findings in the file that it stands in
			}
			c.deployments = list
			c.rules(place{}, false)
		}
	}
	for _, b := range t.root.blocks {
		if b.typ == "provider" && len(b.labels) > 0 {
			c.terraformProvider(b, t.folder)
		}
	}
}

// terraformDeployments returns the deployments of a file, and those of each ARM template that one of them carries.
func (c *checker) terraformDeployments(t *tfFile, env *tfEnv) [][]*deployment {
	c.deployments, c.carried = nil, nil
	for _, b := range t.root.blocks {
		if b.typ == "resource" && len(b.labels) > 1 {
			c.terraformResource(b, env)
		}
	}
	return append([][]*deployment{c.deployments}, c.carried...)
}

func (c *checker) terraformResource(b *block, of *tfEnv) {
	env := of.each(b.attrs["for_each"])
	scope := Scope(data().hcl["deployment"][b.labels[0]])
	if typ := b.attrs["type"]; b.labels[0] == "azapi_resource" && typ != nil {
		if name, ok := c.ev.expr(typ, env, possible).known(); ok && isDeployment(name) {
			scope = ResourceGroup
		}
	}
	if scope == "" {
		return
	}
	d := &deployment{at: place{start: b.at, end: b.end}, scope: scope}
	d.named, d.inner, d.moded, d.versioned = d.at, d.at, d.at, d.at
	c.nameOf(d, b.attrs["name"], env)
	c.deployments = append(c.deployments, d)
	// count = var.x ? 1 : 0 is Terraform's condition.
	for _, n := range []*expr{b.attrs["count"], b.attrs["for_each"]} {
		switch {
		case n == nil:
		case n.op == opCall && n.name == "if":
			when := n.args[0]
			if none(n.args[1]) { // count = var.x ? 0 : 1
				not := call("not", when)
				not.at, not.end = when.at, when.end
				when = not
			}
			c.conditionOf(d, when, env)
			d.conditioned = exprPlace(n)
		default:
			d.repeated = true
		}
	}
	if l := b.attrs["location"]; l != nil {
		d.located, d.location = true, term{expr: l, env: env}
	}
	if b.labels[0] == "azapi_resource" {
		c.azapiBody(d, b.attrs["body"], env)
		return
	}
	c.terraformMode(d, b.attrs["deployment_mode"], env)
	content := b.attrs["template_content"]
	if content == nil {
		content = b.attrs["template_body"]
	}
	switch {
	case content != nil:
		c.terraformTemplate(d, content, env)
	case b.attrs["template_spec_version_id"] != nil:
		d.linked = true
	default:
		d.module = true
		d.fault(d.at, "the deployment has neither a template_content nor a template_spec_version_id")
	}
}

func (c *checker) terraformMode(d *deployment, m *expr, env symbols) {
	if m != nil {
		d.moded = exprPlace(m)
		d.mode, _ = c.ev.expr(m, env, possible).known()
	}
}

// terraformTemplate looks into the template of a deployment: an object for jsonencode, or a text.
func (c *checker) terraformTemplate(d *deployment, content *expr, env symbols) {
	at := content
	for range maxModules { // a local or two may hold it
		name, ok := called(content, "variables")
		if !ok {
			break
		}
		t, ok := env.variable(name)
		if !ok || t.expr == nil {
			break
		}
		content, env = t.expr, t.env
	}
	d.inner = exprPlace(at)
	if content.op == opCall && content.name == hclFunction+"jsonencode" && len(content.args) == 1 {
		c.innerOf(d, content.args[0], env)
		d.inner = exprPlace(at)
		d.checkInner(c.ev.expr(content.args[0], env, possible))
		return
	}
	d.module = true // in a file that cannot be read, unless the text is known
	s, ok := c.ev.expr(content, env, possible).known()
	if !ok {
		return
	}
	doc, err := Read([]byte(s))
	if err != nil {
		d.fault(d.inner, "the inner template is no JSON: "+err.Error())
		return
	}
	d.checkInner(c.ev.node(term{node: doc.Root}, possible))
	d.known, d.module = true, false
	if list := doc.Root.Get("resources"); list != nil {
		d.resources = len(list.Items) + len(list.Members)
	}
	held := ""
	if content.op == opCall && content.name == hclFunction+"file" && len(content.args) == 1 {
		name, _ := c.ev.expr(content.args[0], env, possible).known()
		held = path.Join(path.Dir(c.file.at), name)
	}
	c.embedded(doc, d.scope, at, held)
}

// embedded collects the deployments of an ARM template that stands as text in a source, or in the file that it holds.
func (c *checker) embedded(doc *Document, scope Scope, at *expr, held string) {
	w := &walker{ev: c.ev}
	w.template(doc.Root, &templateSymbols{template: doc.Root}, scope, nil)
	start := strings.Index(c.text(at), string(doc.Data))
	for _, d := range w.deployments {
		d.held = held
		for _, p := range []*place{&d.at, &d.named, &d.versioned, &d.moded, &d.inner, &d.conditioned} {
			if start < 0 { // the text is put together elsewhere
				*p = exprPlace(at)
				continue
			}
			*p = place{start: at.at + start + p.start, end: at.at + start + p.end}
		}
	}
	c.carried = append(c.carried, w.deployments)
}

// azapiBody looks into the body of an azapi_resource, which is an object or the text of one.
func (c *checker) azapiBody(d *deployment, body *expr, env symbols) {
	if body == nil {
		return
	}
	if body.op == opCall && body.name == hclFunction+"jsonencode" && len(body.args) == 1 {
		body = body.args[0]
	}
	v := c.ev.expr(body, env, possible)
	if v.kind != valObject {
		d.module = true // it cannot be looked into
		return
	}
	step := func(of *expr, name string) *expr {
		return &expr{op: opMember, name: name, args: []*expr{of}, at: body.at, end: body.end}
	}
	d.checkProperties(v.member("properties"))
	properties := step(body, "properties")
	c.terraformMode(d, step(properties, "mode"), env)
	if c.ev.expr(step(properties, "templateLink"), env, possible).kind == valObject {
		d.linked, d.inner = true, exprPlace(body)
		return
	}
	c.innerOf(d, step(properties, "template"), env)
}

// terraformProvider checks the partner_id of a provider, and that it has one.
func (c *checker) terraformProvider(b *block, folder *tfFolder) {
	name := b.labels[0]
	id := b.attrs["partner_id"]
	empty := id == nil
	if id != nil {
		given, always := folder.givenTo(id)
		for _, env := range folder.envs {
			if always {
				break // the file of values has the finding
			}
			v := c.ev.expr(id, env, byDefault)
			s, known := v.known()
			empty = empty || v.kind == valNull || known && s == ""
			if !given {
				c.partnerID(v, exprPlace(id), name)
			}
		}
		empty = empty && !given
	}
	if _, carries := data().hcl["provider"][name]; !empty || !carries || c.o.near.sendsID(folder) {
		return
	}
	if alias := b.attrs["alias"]; alias != nil && alias.op == opText {
		name += "." + alias.name
	}
	why := "the provider %s has no partner_id: what it creates carries no id of yours"
	at := place{start: b.at, end: min(b.at+len(b.typ), b.end)}
	if id != nil {
		why, at = "the partner_id of the provider %s is empty unless whoever deploys sets it: what it creates then carries no id of yours", exprPlace(id)
	}
	c.report("U09", at, why, name)
}

// givenTo tells whether files of values set a variable that an expression depends on; always: without being named on the command line.
func (f *tfFolder) givenTo(e *expr) (given, always bool) {
	if f.called {
		return false, false
	}
	for _, name := range f.dependsOn(e) {
		for _, t := range f.values {
			if t.root.attrs[name] != nil {
				given, always = true, always || t.automatic()
			}
		}
	}
	return given, always
}

// dependsOn lists the variables that an expression depends on.
func (f *tfFolder) dependsOn(e *expr) []string {
	return parametersOf(term{expr: e, env: &tfEnv{folder: f, inner: map[string]*tfEnv{}}})
}

// terraformValues checks the values that a file gives to the partner_id of providers.
func (c *checker) terraformValues(t *tfFile) {
	names := map[string]bool{}
	for name, e := range t.root.attrs {
		provider := ""
		for _, f := range t.folder.files {
			for _, b := range f.root.blocks {
				id := b.attrs["partner_id"]
				if b.typ == "provider" && len(b.labels) > 0 && id != nil && slices.Contains(t.folder.dependsOn(id), name) {
					provider = b.labels[0]
				}
			}
		}
		if provider == "" && strings.EqualFold(name, "partner_id") {
			provider = "azurerm" // of a folder that was not read
		}
		if provider == "" || names[name] {
			continue
		}
		names[name] = true
		c.partnerID(c.ev.expr(e, nil, byDefault), exprPlace(e), provider)
	}
}

// partnerID checks what the partner_id of a provider can become.
func (c *checker) partnerID(v value, at place, provider string) {
	for _, t := range v.alternatives() {
		if id, ok := t.known(); ok && id != "" {
			c.partnerValue("partner_id of "+provider, id, at, strings.Fields(data().hcl["provider"][provider]))
			if n := len(c.agents); n > 0 && c.agents[n-1].at == at {
				c.agents[n-1].provider = true
			}
		}
	}
}

// none reports whether a count or for_each makes nothing.
func none(e *expr) bool {
	return e.op == opNumber && e.num == 0 || (e.op == opList || e.op == opObject) && len(e.args) == 0
}

package template

import (
	"slices"
	"strings"
)

// block is a block of Terraform: type, labels, attributes and blocks in it.
type block struct {
	typ    string
	labels []string
	attrs  map[string]*expr
	blocks []*block
	at     int
	end    int
}

// blockBody reads attributes and blocks up to a closing brace, or the end of the file. What is not understood is passed over to the next line.
func (p *parser) blockBody(b *block, top bool) error {
	for {
		if err := p.lines(); err != nil {
			if !p.recover() {
				return err
			}
			continue
		}
		switch {
		case p.tok.kind == lexEnd:
			if top {
				return nil
			}
			return errSource
		case p.is("}") && !top:
			b.end = p.tok.end
			return p.advance()
		}
		if err := p.blockEntry(b); err != nil && !p.recover() {
			return err
		}
	}
}

// recover goes to the start of the next line; false at the end of the file.
func (p *parser) recover() bool {
	from := max(p.lex.pos, p.tok.at)
	if from > len(p.lex.s) {
		return false
	}
	n := strings.IndexByte(p.lex.s[from:], '\n')
	if n < 0 {
		return false
	}
	p.lex.pos, p.lex.depth = from+n+1, 0
	for p.advance() != nil {
		if *p.left < 0 {
			return false
		}
		n := strings.IndexByte(p.lex.s[p.lex.pos:], '\n')
		if n < 0 {
			return false
		}
		p.lex.pos += n + 1
	}
	return true
}

func (p *parser) blockEntry(b *block) error {
	if p.tok.kind != lexName {
		return errSource
	}
	name, at := p.tok.text, p.tok.at
	if err := p.advance(); err != nil {
		return err
	}
	if p.is("=") {
		if err := p.advance(); err != nil {
			return err
		}
		e, err := p.expr()
		if err != nil {
			return err
		}
		b.attrs[name] = e
		return nil
	}
	inner := &block{typ: name, attrs: map[string]*expr{}, at: at}
	for p.tok.kind == lexText || p.tok.kind == lexName {
		inner.labels = append(inner.labels, p.tok.text)
		if err := p.advance(); err != nil {
			return err
		}
	}
	if !p.is("{") {
		return errSource
	}
	if p.depth++; p.depth > maxExprDepth {
		return errSource
	}
	defer func() { p.depth-- }()
	if err := p.advance(); err != nil {
		return err
	}
	b.blocks = append(b.blocks, inner)
	return p.blockBody(inner, false)
}

// terraform checks the providers and template deployments of a Terraform file.
func (c *checker) terraform() {
	root := &block{attrs: map[string]*expr{}}
	p := newParser(string(c.file.data), terraform)
	if p.advance() == nil || p.recover() {
		_ = p.blockBody(root, true) // what was read before the place that is not understood is checked
	}
	env := &sourceSymbols{vars: map[string]*expr{}, params: map[string]declaration{}}
	for _, b := range root.blocks {
		switch {
		case b.typ == "variable" && len(b.labels) == 1:
			d := declaration{name: b.labels[0], maxLen: unbounded}
			if def := b.attrs["default"]; def != nil && !(def.op == opCall && def.name == "null") {
				d.def = term{expr: def, env: env}
			}
			env.params[d.name] = d
		case b.typ == "locals":
			for name, e := range b.attrs {
				env.vars[name] = e
			}
		}
	}
	for _, b := range root.blocks {
		for _, e := range b.attrs {
			resolveHCL(e)
		}
	}
	// In a .tfvars file the variables of another file get their values.
	for name, e := range root.attrs {
		if strings.EqualFold(name, "partner_id") {
			resolveHCL(e)
			c.partnerID(e, env, "azurerm")
		}
	}
	for _, b := range root.blocks {
		c.terraformBlock(b, env)
	}
	c.rules(place{}, false)
}

func (c *checker) terraformBlock(b *block, env *sourceSymbols) {
	hcl := data().hcl
	switch {
	case b.typ == "provider" && len(b.labels) > 0:
		if id := b.attrs["partner_id"]; id != nil {
			c.partnerID(id, env, b.labels[0])
		}
	case b.typ == "resource" && len(b.labels) > 1:
		scope := Scope(hcl["deployment"][b.labels[0]])
		if b.labels[0] == "azapi_resource" {
			if typ := b.attrs["type"]; typ != nil && typ.op == opText && isDeployment(typ.name) {
				scope = ResourceGroup
			}
		}
		if scope != "" {
			c.deployments = append(c.deployments, c.terraformDeployment(b, scope, env))
		}
	}
}

func (c *checker) terraformDeployment(b *block, scope Scope, env *sourceSymbols) *deployment {
	d := &deployment{at: place{start: b.at, end: b.end}, scope: scope}
	d.named, d.inner, d.moded, d.versioned = d.at, d.at, d.at, d.at
	c.nameOf(d, b.attrs["name"], env)
	// count = var.x ? 1 : 0 is Terraform's condition.
	if n := b.attrs["count"]; n != nil {
		if n.op == opCall && n.name == "if" {
			c.conditionOf(d, n.args[0], env)
			d.conditioned = exprPlace(n)
		} else {
			d.repeated = true
		}
	}
	if l := b.attrs["location"]; l != nil {
		d.located, d.location = true, term{expr: l, env: env}
	}
	if m := b.attrs["deployment_mode"]; m != nil {
		d.moded = exprPlace(m)
		d.mode, _ = c.ev.expr(m, env, possible).known()
	}
	content := b.attrs["template_content"]
	if content == nil {
		content = b.attrs["template_body"]
	}
	if content == nil {
		d.linked = b.attrs["template_spec_version_id"] != nil
		d.module = !d.linked
		return d
	}
	if content.op == opCall && content.name == "jsonencode" && len(content.args) == 1 {
		c.innerOf(d, content.args[0], env)
		return d
	}
	d.inner = exprPlace(content)
	d.module = true // in a file beside this one, unless the text is here
	if s, ok := c.ev.expr(content, env, possible).known(); ok {
		if doc, err := Read([]byte(s)); err == nil {
			d.known, d.module = true, false
			if list := doc.Root.Get("resources"); list != nil {
				d.resources = len(list.Items) + len(list.Members)
			}
		}
	}
	return d
}

// partnerID checks the partner_id of a provider.
func (c *checker) partnerID(e *expr, env *sourceSymbols, provider string) {
	for _, t := range c.ev.expr(e, env, byDefault).alternatives() {
		value, ok := t.known()
		if !ok || value == "" {
			continue
		}
		c.providerID(value, exprPlace(e), provider)
	}
}

// providerID checks one id in the forms that a provider takes. Providers that are not listed take any.
func (c *checker) providerID(value string, at place, provider string) {
	f := partnerForm(value)
	name := "partner_id of " + provider
	if f.form == "" {
		c.report("U06", at, "%s: %s is no tracking id%s", name, clip(value), c.meant(value))
		return
	}
	c.agents = append(c.agents, agent{ids: []string{f.id}, at: at, provider: true})
	if takes := strings.Fields(data().hcl["provider"][provider]); len(takes) > 0 && !slices.Contains(takes, f.form) {
		c.report("U07", at, "%s takes %s only; %s would be refused or sent as it is", name, strings.Join(takes, ", "), clip(value)).ID = f.id
		return
	}
	c.confirm(at, f.id, name)
}

// resolveHCL turns var.x and local.x into calls of parameters and variables, and functions into those of ARM.
func resolveHCL(e *expr) {
	if e == nil {
		return
	}
	if e.op == opMember && len(e.args) == 1 && e.args[0].op == opUnknown {
		to := map[string]string{"var": "parameters", "local": "variables"}[e.args[0].name]
		if to != "" {
			*e = expr{op: opCall, name: to, args: []*expr{{op: opText, name: e.name}}, at: e.at, end: e.end}
			return
		}
	}
	for _, a := range e.args {
		resolveHCL(a)
	}
	if e.op != opCall {
		return
	}
	switch e.name {
	case "format":
		formatHCL(e)
	case "join":
		if len(e.args) == 2 {
			e.args[0], e.args[1] = e.args[1], e.args[0]
		}
	case "try", "one", "coalesce":
		e.name = "coalesce"
	default:
		if to := data().hcl["function"][e.name]; to != "" {
			e.name = to
		}
	}
}

// formatHCL turns format("pid-%s", x) into concat.
func formatHCL(e *expr) {
	if len(e.args) == 0 || e.args[0].op != opText {
		return
	}
	pieces := strings.Split(e.args[0].name, "%s")
	if len(pieces) != len(e.args) {
		return
	}
	args := []*expr{{op: opText, name: strings.ReplaceAll(pieces[0], "%%", "%")}}
	for i, piece := range pieces[1:] {
		args = append(args, e.args[i+1], &expr{op: opText, name: strings.ReplaceAll(piece, "%%", "%")})
	}
	e.name, e.args = "concat", args
}

package template

import (
	"slices"
	"strings"

	"github.com/pidledger/pidledger/cmd/template/arm"
	"github.com/pidledger/pidledger/cmd/template/deployments"
	"github.com/pidledger/pidledger/cmd/template/source/terraform"
)

// terraform checks the providers and template deployments of a Terraform file, with the names that the other files of its folder and the
// modules that call it give.
func (c *checker) terraform() {
	t := c.o.near.terraform[c.file.name]
	if t == nil {
		return
	}
	if t.Broken != nil {
		c.report("L24", *t.Broken, "Terraform cannot read this: %s", arm.Clip(t.Why)).Fix = "Fix it (terraform validate says more); the rest of the file was checked as far as it can be read"
	}
	if t.Values {
		c.terraformValues(t)
		return
	}
	c.linked = false // an id in a module of Terraform is as good as any
	for _, env := range t.Folder.Envs {
		for _, list := range t.Deployments(env, c.reader(), c.file.at) {
			if len(list) > 0 && c.visited[list[0].Held] {
				continue // has its findings in the file that it stands in
			}
			c.deployments = list
			c.rules(deployments.Place{}, false)
		}
	}
	for _, b := range t.Root.Blocks {
		if b.Type == "provider" && len(b.Labels) > 0 {
			c.terraformProvider(b, t.Folder)
		}
	}
}

// terraformProvider checks the partner_id of a provider, and that it has one.
func (c *checker) terraformProvider(b *terraform.Block, folder *terraform.Folder) {
	name := b.Labels[0]
	id := b.Attrs["partner_id"]
	empty := id == nil
	if id != nil {
		given, always := folder.GivenTo(id)
		for _, env := range folder.Envs {
			if always {
				break // the file of values has the finding
			}
			v := c.ev.Expr(id, env, arm.ByDefault)
			s, known := v.Known()
			empty = empty || v.Kind == arm.ValNull || known && s == ""
			if !given {
				c.partnerID(v, deployments.PlaceOfExpr(id), name)
			}
		}
		empty = empty && !given
	}
	if _, carries := terraform.Providers()[name]; !empty || !carries || c.o.near.sendsID(folder) {
		return
	}
	if alias := b.Attrs["alias"]; alias != nil && alias.Op == arm.OpText {
		name += "." + alias.Name
	}
	why := "the provider %s has no partner_id: what it creates carries no id of yours"
	at := deployments.Place{Start: b.At, End: min(b.At+len(b.Type), b.End)}
	if id != nil {
		why, at = "the partner_id of the provider %s is empty unless whoever deploys sets it: what it creates then carries no id of yours", deployments.PlaceOfExpr(id)
	}
	c.report("U09", at, why, name)
}

// terraformValues checks the values that a file gives to the partner_id of providers.
func (c *checker) terraformValues(t *terraform.File) {
	names := map[string]bool{}
	for name, e := range t.Root.Attrs {
		provider := ""
		for _, f := range t.Folder.Files {
			for _, b := range f.Root.Blocks {
				id := b.Attrs["partner_id"]
				if b.Type == "provider" && len(b.Labels) > 0 && id != nil && slices.Contains(t.Folder.DependsOn(id), name) {
					provider = b.Labels[0]
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
		c.partnerID(c.ev.Expr(e, nil, arm.ByDefault), deployments.PlaceOfExpr(e), provider)
	}
}

// partnerID checks what the partner_id of a provider can become.
func (c *checker) partnerID(v arm.Value, at deployments.Place, provider string) {
	for _, t := range v.Alternatives() {
		if id, ok := t.Known(); ok && id != "" {
			c.partnerValue("partner_id of "+provider, id, at, strings.Fields(terraform.Providers()[provider]))
			if n := len(c.agents); n > 0 && c.agents[n-1].at == at {
				c.agents[n-1].provider = true
			}
		}
	}
}

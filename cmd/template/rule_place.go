package template

import (
	"strings"

	"github.com/pidledger/pidledger/cmd/template/arm"
	"github.com/pidledger/pidledger/cmd/template/deployments"
)

// place reports ids outside the main template (L07).
func (c *checker) place(d *deployments.Deployment) {
	if !c.isNested(d) {
		return
	}
	r := &c.readings[d][0]
	severity := data().rules["L07"].Severity
	if c.o.Registry != nil && len(r.ids) > 0 && !c.isRegistered(r.ids[0]) {
		severity = Info // the id of somebody else's module
	}
	if d.Depth == 0 {
		c.reportAs("L07", severity, d.Named, "the file is a linked template or module; the guide wants the id in the main template").about(r)
		return
	}
	for o := d.Outer; o != nil; o = o.Outer {
		for _, t := range o.Name.Alternatives() {
			if strings.EqualFold(t.String(), r.text.String()) {
				c.report("L07", d.Named, "the deployment has the name of the one around it; ARM answers DeploymentActive").about(r)
				return
			}
		}
	}
	c.reportAs("L07", severity, d.Named, "the deployment is in a nested template, %d deep; the guide wants the id in the main template", d.Depth).about(r)
}

// oldest is the apiVersion of the guide's current example.
const oldest = "2020-06-01"

// shape reports what is inside the deployment (L18), its mode (L02, L03) and its version (L19).
func (c *checker) shape(d *deployments.Deployment) {
	r := &c.readings[d][0]
	if d.Version != "" && d.Version[0] >= '0' && d.Version[0] <= '9' && d.Version < oldest {
		c.report("L19", d.Versioned, "apiVersion %s is older than the one of the guide", arm.Clip(d.Version))
	}
	if r.kind != readTracking && r.kind != readMalformed {
		return
	}
	switch {
	case d.Linked:
		c.report("L18", d.Inner, "the deployment of the id links to a template instead of holding an empty one").about(r)
	case d.Known && d.Resources > 0:
		c.report("L18", d.Inner, "the deployment of the id has resources of its own; its name is then one of a working deployment").about(r)
	case !d.Known && !d.Module && len(d.Faults) == 0:
		c.reportAs("L18", Warning, d.Inner, "the nested template cannot be seen to be empty").about(r)
	}
	if strings.EqualFold(d.Mode, "complete") {
		rule := "L02"
		if r.kind == readTracking && r.partnerCenter() {
			rule = "L03"
		}
		c.reportAs(rule, Error, d.Moded, "the mode is %s: in an empty template that means to delete whatever else is in the resource group", d.Mode).about(r)
	}
}

// region reports what ARM wants above the resource group (L17): a location, and a name that no deployment in another region has.
func (c *checker) region(d *deployments.Deployment) {
	if d.Scope == deployments.ResourceGroup {
		return
	}
	r := &c.readings[d][0]
	if !d.Located {
		c.reportAs("L17", Error, d.At, "a deployment at %s scope needs a location", scopeNames[d.Scope]).about(r)
		return
	}
	if v := c.ev.Term(d.Location, arm.Possible); v.Kind == arm.ValText && v.From < arm.Parameter {
		if _, fixed := v.Known(); fixed {
			c.reportAs("L17", OK, d.Named, "at %s scope, with a fixed location", scopeNames[d.Scope]).about(r)
			return
		}
	}
	const varies = arm.OnLocation | arm.OnRun | arm.OnDeployment
	for i := range c.readings[d] {
		if t := c.readings[d][i].text; (t.AllDeps()|d.Name.Deps)&varies == 0 {
			c.report("L17", d.Named, "at %s scope ARM keeps a deployment's name in the region where it was first used: with this name and another location the deployment fails (InvalidDeploymentLocation)", scopeNames[d.Scope]).about(r)
			return
		}
	}
	c.reportAs("L17", OK, d.Named, "at %s scope, with a location and a name that differs from region to region", scopeNames[d.Scope]).about(r)
}

var scopeNames = map[deployments.Scope]string{deployments.ResourceGroup: "resource group", deployments.Subscription: "subscription", deployments.ManagementGroup: "management group", deployments.Tenant: "tenant"}

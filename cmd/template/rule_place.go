package template

import "strings"

// place reports ids outside the main template (L07).
func (c *checker) place(d *deployment) {
	if !c.isNested(d) {
		return
	}
	r := &c.readings[d][0]
	severity := data().rules["L07"].Severity
	if c.o.Registry != nil && len(r.ids) > 0 && !c.isRegistered(r.ids[0]) {
		severity = Info // the id of somebody else's module
	}
	if d.depth == 0 {
		c.reportAs("L07", severity, d.named, "the file is a linked template or module; the guide wants the id in the main template").about(r)
		return
	}
	for o := d.outer; o != nil; o = o.outer {
		for _, t := range o.name.alternatives() {
			if strings.EqualFold(t.String(), r.text.String()) {
				c.report("L07", d.named, "the deployment has the name of the one around it; ARM answers DeploymentActive").about(r)
				return
			}
		}
	}
	c.reportAs("L07", severity, d.named, "the deployment is in a nested template, %d deep; the guide wants the id in the main template", d.depth).about(r)
}

// oldest is the apiVersion of the guide's current example.
const oldest = "2020-06-01"

// shape reports what is inside the deployment (L18), its mode (L02, L03) and its version (L19).
func (c *checker) shape(d *deployment) {
	r := &c.readings[d][0]
	if d.version != "" && d.version[0] >= '0' && d.version[0] <= '9' && d.version < oldest {
		c.report("L19", d.versioned, "apiVersion %s is older than the one of the guide", clip(d.version))
	}
	if r.kind != readTracking && r.kind != readMalformed {
		return
	}
	switch {
	case d.linked:
		c.report("L18", d.inner, "the deployment of the id links to a template instead of holding an empty one").about(r)
	case d.known && d.resources > 0:
		c.report("L18", d.inner, "the deployment of the id has resources of its own; its name is then one of a working deployment").about(r)
	case !d.known && !d.module && len(d.faults) == 0:
		c.reportAs("L18", Warning, d.inner, "the nested template cannot be seen to be empty").about(r)
	}
	if strings.EqualFold(d.mode, "complete") {
		rule := "L02"
		if r.kind == readTracking && r.partnerCenter() {
			rule = "L03"
		}
		c.reportAs(rule, Error, d.moded, "the mode is %s: in an empty template that means to delete whatever else is in the resource group", d.mode).about(r)
	}
}

// region reports what ARM wants above the resource group (L17): a location, and a name that no deployment in another region has.
func (c *checker) region(d *deployment) {
	if d.scope == ResourceGroup {
		return
	}
	r := &c.readings[d][0]
	if !d.located {
		c.reportAs("L17", Error, d.at, "a deployment at %s scope needs a location", scopeNames[d.scope]).about(r)
		return
	}
	if v := c.ev.term(d.location, possible); v.kind == valText && v.from < parameter {
		if _, fixed := v.known(); fixed {
			c.reportAs("L17", OK, d.named, "at %s scope, with a fixed location", scopeNames[d.scope]).about(r)
			return
		}
	}
	const varies = onLocation | onRun | onDeployment
	for i := range c.readings[d] {
		if t := c.readings[d][i].text; (t.allDeps()|d.name.deps)&varies == 0 {
			c.report("L17", d.named, "at %s scope ARM keeps a deployment's name in the region where it was first used: with this name and another location the deployment fails (InvalidDeploymentLocation)", scopeNames[d.scope]).about(r)
			return
		}
	}
	c.reportAs("L17", OK, d.named, "at %s scope, with a location and a name that differs from region to region", scopeNames[d.scope]).about(r)
}

var scopeNames = map[Scope]string{ResourceGroup: "resource group", Subscription: "subscription", ManagementGroup: "management group", Tenant: "tenant"}

package template

import (
	"slices"
	"strings"

	"github.com/pidledger/pidledger/cmd/template/deployments"
)

// rules applies the rules about deployments to all of them. root is where findings about the whole file stand; whole is false for a
// fragment, which need not have an id.
func (c *checker) rules(root deployments.Place, whole bool) {
	var candidates []*deployments.Deployment
	var telemetry []*deployments.Deployment
	for _, d := range c.deployments {
		readings, kind := c.readAll(d)
		c.readings[d] = readings
		switch kind {
		case readNothing:
		case readTelemetry:
			telemetry = append(telemetry, d)
		default:
			candidates = append(candidates, d)
		}
	}
	for _, d := range c.deployments {
		c.refused(d)
	}
	for _, d := range candidates {
		c.name(d)
		c.place(d)
		c.consent(d)
		c.region(d)
		c.shape(d)
		c.registered(d)
		c.inOrder(d)
	}
	c.several(candidates)
	c.telemetry(telemetry)
	if whole && !c.linked && len(candidates) == 0 {
		why := "no Microsoft.Resources/deployments resource of the template is named pid-<GUID>: its usage cannot be attributed"
		if len(c.deployments) > 0 {
			why += "; because the template has other deployments, Partner Center cannot add the id at the upload either"
		}
		if main := c.mainAbove(); main != "" {
			c.reportAs("L01", Info, root, "%s, if it is deployed by itself; %s is the main template here", why, main)
			return
		}
		c.report("L01", root, "%s", why)
	}
}

// mainAbove returns the main template that the file is probably a part of, though no link to it was found: the file has no name of one, and
// stands beside or below one that has; or the file of Terraform that deploys it.
func (c *checker) mainAbove() string {
	if c.o.Role != Auto || c.o.links == nil {
		return ""
	}
	if by := c.o.links.held[c.file.at]; by != "" || isMainName(c.file.name) {
		return by
	}
	return c.o.links.above(c.file.at)
}

// readAll reads all that a deployment's name can become. The kind is that of the best reading; readings that say nothing are left out
// when another says something.
func (c *checker) readAll(d *deployments.Deployment) ([]reading, readKind) {
	var out []reading
	kind := readNothing
	for _, t := range d.Name.Alternatives() {
		r := read(t, d, c.isRegistered)
		if r.kind == readNothing {
			continue
		}
		if r.kind == readTracking {
			for _, id := range r.ids {
				if !slices.Contains(c.ids, id) {
					c.ids = append(c.ids, id)
				}
			}
		}
		if kind == readNothing || kind == readTelemetry || r.kind == readTracking {
			kind = r.kind
		}
		out = append(out, r)
	}
	if kind != readTelemetry {
		out = slices.DeleteFunc(out, func(r reading) bool { return r.kind == readTelemetry })
	}
	return out, kind
}

func (c *checker) isRegistered(id string) bool {
	return c.o.Registry != nil && len(c.o.Registry.Lookup(id)) > 0
}

// first returns the first reading that fits.
func (c *checker) first(d *deployments.Deployment, fits func(r *reading) bool) *reading {
	for i := range c.readings[d] {
		if r := &c.readings[d][i]; fits(r) {
			return r
		}
	}
	return nil
}

func (c *checker) tracking(d *deployments.Deployment) *reading {
	return c.first(d, func(r *reading) bool { return r.kind == readTracking })
}

// isNested reports whether a deployment is not of the main template.
func (c *checker) isNested(d *deployments.Deployment) bool { return d.Depth > 0 || c.linked }

// inOrder confirms a name without anything to say against it (L02, L03).
func (c *checker) inOrder(d *deployments.Deployment) {
	r := c.tracking(d)
	if r == nil || len(d.Faults) > 0 || len(c.readings[d]) > 1 || d.Computed || r.start != 0 || c.isNested(d) || !d.Empty() || len(r.ids) > 1 {
		return
	}
	if d.Mode != "" && !strings.EqualFold(d.Mode, "incremental") {
		return
	}
	more := ""
	if len(c.deployments) > 1 {
		more = "; the template has other deployments, so Partner Center could not have added the id by itself"
	}
	switch {
	case r.partnerCenter():
		c.report("L03", d.Named, "a Marketplace id, literal, in the main template, with an empty nested template%s", more).about(r)
	case r.suffix() == "" && !c.o.marketplace(c.file.name):
		c.report("L02", d.Named, "literal, in the main template, with an empty nested template%s", more).about(r)
	}
}

// telemetry mentions ids that are none of a partner (L23).
func (c *checker) telemetry(list []*deployments.Deployment) {
	if len(list) == 0 {
		return
	}
	r := &c.readings[list[0]][0]
	more := ""
	if len(list) > 1 {
		more = "; so are others in this template"
	}
	c.report("L23", list[0].Named, "the name is the telemetry of an Azure Verified Module%s", more).about(r)
}

// several reports more than one id in a template (L15), and the same deployment twice. What excludes each other is one id: the branches of
// an expression, and deployments whose conditions cannot both hold.
func (c *checker) several(candidates []*deployments.Deployment) {
	var names []string
	var second *deployments.Deployment
	take := func(d *deployments.Deployment, keys []string) {
		for _, key := range keys {
			if slices.Contains(names, key) {
				continue
			}
			names = append(names, key)
			if len(names) > 1 && second == nil {
				second = d
			}
		}
	}
	keys := make([][]string, len(candidates))
	among := make([]bool, len(candidates)) // of those with another id beside them
	for i, d := range candidates {
		for j := range c.readings[d] {
			r := &c.readings[d][j]
			mine := r.ids
			if len(mine) == 0 {
				mine = []string{r.text.String()}
			}
			among[i] = among[i] || len(mine) > 1
			keys[i] = append(keys[i], mine...)
		}
		slices.Sort(keys[i])
		keys[i] = slices.Compact(keys[i])
		among[i] = among[i] || d.Repeated && len(keys[i]) > 1
		for j := range i {
			if len(keys[i]) == 1 && slices.Equal(keys[i], keys[j]) || among[i] && among[j] || i < maxCompared && c.conditions.Exclusive(d, candidates[j]) {
				continue
			}
			among[i], among[j] = true, true
		}
	}
	optOut, always := "", ""
	for i, d := range candidates {
		if !among[i] {
			continue
		}
		take(d, keys[i])
		if c.tracking(d) == nil {
			continue
		}
		if !d.Conditional {
			always = c.readings[d][0].text.String()
		} else if c.isOptOut(d) {
			optOut = c.readings[d][0].text.String()
		}
	}
	switch {
	case len(names) < 2:
		c.twice(candidates)
	case optOut != "" && always != "":
		c.reportAs("L15", Error, second.Named, "the template has %d ids (%s); %s has an opt-out, but %s is deployed all the same", len(names), sample(names), optOut, always)
	default:
		c.report("L15", second.Named, "the template has %d ids: %s", len(names), sample(names))
	}
}

// maxCompared bounds how many deployments with ids are compared by their conditions; what is beyond counts as deployed.
const maxCompared = 100

// twice reports two deployments with the very same name, which ARM refuses.
func (c *checker) twice(candidates []*deployments.Deployment) {
	seen := map[string]bool{}
	for _, d := range candidates {
		if c.isNested(d) || d.Conditional || len(c.readings[d]) != 1 {
			continue
		}
		name, ok := c.readings[d][0].text.Known()
		if name = strings.ToLower(name); ok && seen[name] {
			c.reportAs("L15", Error, d.Named, "a second deployment of the same name: ARM refuses a template that defines a resource twice").about(&c.readings[d][0])
		}
		seen[name] = true
	}
}

package template

import (
	"slices"
	"strings"

	"github.com/pidledger/pidledger/cmd/template/arm"
	"github.com/pidledger/pidledger/cmd/template/deployments"
)

// consent reports the condition of a tracking deployment (L13, L14).
func (c *checker) consent(d *deployments.Deployment) {
	if !d.Conditional {
		return
	}
	r := &c.readings[d][0]
	v := c.ev.Term(d.Condition, arm.ByDefault)
	names := arm.ParametersOf(d.Condition)
	if len(names) == 0 && v.Kind == arm.ValBool {
		if !v.Flag {
			c.reportAs("L14", Error, d.Conditioned, "the condition is always false: the id is never deployed").about(r)
		}
		return
	}
	var why []string
	if c.isOptOut(d) {
		c.report("L13", d.Conditioned, "an opt-out through %s: %s", sample(names), arm.Clip(d.Showed)).about(r)
	} else {
		c.report("L13", d.Conditioned, "deployed only if %s", arm.Clip(d.Showed)).about(r)
		why = append(why, c.otherThanOptOut(d, names))
	}
	if v.Kind == arm.ValBool && !v.Flag {
		why = append(why, "with the defaults of the parameters the id is not deployed")
	}
	if len(why) > 0 {
		c.report("L14", d.Conditioned, "%s", strings.Join(why, "; ")).about(r)
	}
}

// otherThanOptOut says what else the condition depends on.
func (c *checker) otherThanOptOut(d *deployments.Deployment, names []string) string {
	var others, ids []string
	for _, n := range names {
		switch {
		case c.isIDParameter(d, n):
			ids = append(ids, n)
		case !arm.HasWord(n, "consent"):
			others = append(others, n)
		}
	}
	switch {
	case len(ids) > 0:
		return "the condition asks whether " + sample(ids) + " is filled in: whoever leaves it out is not tracked"
	case len(names) == 0:
		return "the condition depends on no parameter, so it is not an opt-out"
	case len(others) == len(names):
		return "the condition depends on " + sample(others) + ", which is not an opt-out"
	}
	return "the condition also depends on " + sample(others)
}

// isOptOut reports whether the condition of a deployment depends on opt-out parameters alone.
func (c *checker) isOptOut(d *deployments.Deployment) bool {
	names := arm.ParametersOf(d.Condition)
	for _, n := range names {
		if !arm.HasWord(n, "consent") || c.isIDParameter(d, n) {
			return false
		}
	}
	return len(names) > 0
}

// isIDParameter reports whether the id of the deployment comes from a parameter.
func (c *checker) isIDParameter(d *deployments.Deployment, name string) bool {
	hole := "parameters('" + name + "')"
	return c.first(d, func(r *reading) bool {
		if r.kind != readParameter {
			return false
		}
		return slices.ContainsFunc(r.whole.Parts, func(p arm.Part) bool { return p.Hole != nil && p.Hole.What == hole })
	}) != nil
}

package template

import (
	"slices"
	"strings"
)

// consent reports the condition of a tracking deployment (L13, L14).
func (c *checker) consent(d *deployment) {
	if !d.conditional {
		return
	}
	r := &c.readings[d][0]
	v := c.ev.term(d.condition, byDefault)
	names := parametersOf(d.condition)
	if len(names) == 0 && v.kind == valBool {
		if !v.flag {
			c.reportAs("L14", Error, d.conditioned, "the condition is always false: the id is never deployed").about(r)
		}
		return
	}
	var why []string
	if c.isOptOut(d) {
		c.report("L13", d.conditioned, "an opt-out through %s: %s", sample(names), clip(d.showed)).about(r)
	} else {
		c.report("L13", d.conditioned, "deployed only if %s", clip(d.showed)).about(r)
		why = append(why, c.otherThanOptOut(d, names))
	}
	if v.kind == valBool && !v.flag {
		why = append(why, "with the defaults of the parameters the id is not deployed")
	}
	if len(why) > 0 {
		c.report("L14", d.conditioned, "%s", strings.Join(why, "; ")).about(r)
	}
}

// otherThanOptOut says what else the condition depends on.
func (c *checker) otherThanOptOut(d *deployment, names []string) string {
	var others, ids []string
	for _, n := range names {
		switch {
		case c.isIDParameter(d, n):
			ids = append(ids, n)
		case !hasWord(n, "consent"):
			others = append(others, n)
		}
	}
	switch {
	case len(ids) > 0:
		return "the condition asks whether " + sample(ids) + " is filled in: whoever leaves it out is not tracked"
	case len(names) == 0:
		return "the condition depends on no parameter, so it is no opt-out"
	case len(others) == len(names):
		return "the condition depends on " + sample(others) + ", which is no opt-out"
	}
	return "the condition also depends on " + sample(others)
}

// isOptOut reports whether the condition of a deployment depends on opt-out parameters alone.
func (c *checker) isOptOut(d *deployment) bool {
	names := parametersOf(d.condition)
	for _, n := range names {
		if !hasWord(n, "consent") || c.isIDParameter(d, n) {
			return false
		}
	}
	return len(names) > 0
}

// isIDParameter reports whether the id of the deployment comes from a parameter.
func (c *checker) isIDParameter(d *deployment, name string) bool {
	hole := "parameters('" + name + "')"
	return c.first(d, func(r *reading) bool {
		if r.kind != readParameter {
			return false
		}
		return slices.ContainsFunc(r.whole.parts, func(p part) bool { return p.hole != nil && p.hole.what == hole })
	}) != nil
}

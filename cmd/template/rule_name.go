package template

import (
	"strings"

	"github.com/pidledger/pidledger/cmd/template/arm"
	"github.com/pidledger/pidledger/cmd/template/deployments"
	"github.com/pidledger/pidledger/ingest/token"
)

// name applies the rules about what the name says: L04 to L06, L08 to L12, L21.
func (c *checker) name(d *deployments.Deployment) {
	// One finding for each rule is enough, whatever the name can become.
	said := map[string]bool{}
	once := func(rule string, s Severity, r *reading, why string, args ...any) {
		if !said[rule] {
			said[rule] = true
			c.reportAs(rule, s, d.Named, why, args...).about(r)
		}
	}
	rules := data().rules
	for i := range c.readings[d] {
		r := &c.readings[d][i]
		switch r.kind {
		case readTracking:
			c.idSource(d, r, once)
			c.afterID(d, r, once)
			if r.start > 0 {
				once("L09", rules["L09"].Severity, r, "%q stands before pid-; the id is still found, but the guide wants pid- first", arm.Clip(r.whole.String()[:shownLen(r)]))
			}
		case readApart:
			once("L09", Error, r, "other words stand between pid- and the GUID, so no id is found in %s", arm.Clip(r.whole.String()))
		case readMalformed:
			once("L11", rules["L11"].Severity, r, "%s%s", malformed(r), c.suggestion(r))
		case readBare:
			switch {
			case c.isRegistered(r.ids[0]):
				once("L10", Error, r, "the registered id %s stands without pid- before it", r.ids[0])
			default:
				once("L10", rules["L10"].Severity, r, "the empty deployment is named by a GUID without pid-; if it is meant to attribute usage, it does not")
			}
		case readBuild:
			once("L10", rules["L10"].Severity, r, "the build decides about the name %s: nothing in this file starts with pid-", arm.Clip(r.whole.String()))
			once("L22", rules["L22"].Severity, r, "the placeholder %s is not filled in", arm.Clip(arm.BuildMark.FindString(r.whole.String())))
		case readFile:
			once("L06", rules["L06"].Severity, r, "the id is %s, which is missing, damaged or outside of what is checked: its file has to be checked as well", holeNames(r))
		case readParameter:
			once("L05", rules["L05"].Severity, r, "the id is what %s says at the deployment", holeNames(r))
		}
		c.length(r, once)
	}
}

// idSource reports ids that are not simply written into the name.
func (c *checker) idSource(d *deployments.Deployment, r *reading, once func(string, Severity, *reading, string, ...any)) {
	if !d.Computed {
		return
	}
	rules := data().rules
	switch r.origin() {
	case arm.Parameter:
		once("L05", rules["L05"].Severity, r, "the id is the default of a parameter: whoever deploys can change it")
	case arm.Variable:
		once("L06", c.unlessMarketplace(rules["L06"].Severity), r, "the id is in a variable: %s", arm.Clip(d.Written))
	default:
		once("L04", c.unlessMarketplace(rules["L04"].Severity), r, "the name is an expression: %s", arm.Clip(d.Written))
	}
}

// unlessMarketplace lowers to a remark what only the Marketplace asks for.
func (c *checker) unlessMarketplace(s Severity) Severity {
	if c.o.marketplace(c.file.name) {
		return s
	}
	return Info
}

// afterID reports what follows the id.
func (c *checker) afterID(d *deployments.Deployment, r *reading, once func(string, Severity, *reading, string, ...any)) {
	suffix := r.suffix()
	rules := data().rules
	switch {
	case r.partnerCenter():
	case suffix == "":
		if c.o.marketplace(c.file.name) || c.marketplaceID(r.ids[0]) {
			once("L21", rules["L21"].Severity, r, "a Marketplace template should carry the id of its plan, which ends with -partnercenter")
		}
	case suffix[0] == arm.HoleByte:
		p := r.whole.PartAt(r.end)
		if p != nil && (p.Hole.Kind == arm.HoleHash || p.Hole.Kind == arm.HoleGUID || p.Hole.Kind == arm.HoleDigits || p.Hole.Kind == arm.HoleTime) {
			once("L11", rules["L11"].Severity, r, "%s follows the GUID without a separator: a hex digit at its start breaks the id", p.Hole.What)
			return
		}
		fallthrough
	default:
		once("L08", rules["L08"].Severity, r, "%s follows the id; partners are told to use no suffix", arm.Clip(r.show(r.end)))
	}
}

// length reports names that do not fit (L12).
func (c *checker) length(r *reading, once func(string, Severity, *reading, string, ...any)) {
	if cut := r.text.Cut; cut != nil {
		c.cutName(r, once)
		return
	}
	switch n, open := r.text.MaxLen(); {
	case n > maxName:
		once("L12", Error, r, "the name can have %d characters; ARM refuses more than %d", n, maxName)
	case open && r.kind != readParameter && r.kind != readFile:
		once("L12", Warning, r, "nothing limits the length of %s; ARM refuses names of more than %d characters", holeNames(r), maxName)
	}
}

// cutName reports what a take to 64 characters takes away.
func (c *checker) cutName(r *reading, once func(string, Severity, *reading, string, ...any)) {
	n, _ := r.text.Cut.MaxLen()
	left, _ := r.text.MaxLen()
	if n <= left {
		return
	}
	kept := len(r.text.Mask())
	if r.id < r.end && r.end > kept && (r.kind != readMalformed || r.start < kept) {
		once("L12", Error, r, "the name is cut from %d to %d characters, and with it the id loses %d of its own", n, left, min(r.end-kept, r.end-r.id))
		return
	}
	what := "the rest"
	if p := r.whole.PartAt(kept); p != nil && p.Hole != nil {
		what = p.Hole.What
	}
	once("L12", Warning, r, "the name can have %d characters and is cut to %d: %s does not fit, so different names may become one", n, left, what)
}

var reasons = map[token.Reason]string{
	token.Nil:         "the nil GUID is a placeholder: nothing can be registered for it",
	token.Placeholder: "the id is a placeholder",
	token.Truncated:   "the id ends too early",
	token.TooShort:    "the id has digits too few for a GUID",
	token.TooLong:     "the id has digits too many for a GUID",
	token.NotHex:      "what follows pid- is not a GUID",
}

func malformed(r *reading) string {
	return reasons[r.token.Reason] + ": " + arm.Clip(r.text.String())
}

// suggestion names the registered id that was probably meant.
func (c *checker) suggestion(r *reading) string {
	return c.meant(r.token.Text)
}

func (c *checker) meant(text string) string {
	if c.o.Registry == nil {
		return ""
	}
	if id := token.Suggest(strings.TrimRight(text, string(arm.HoleByte)), c.o.Registry.IDs()); id != "" {
		return "; the registry has pid-" + id
	}
	return ""
}

// holeNames lists the unknown pieces of a name.
func holeNames(r *reading) string {
	var names []string
	for _, p := range r.whole.Parts {
		if p.Hole != nil {
			names = append(names, p.Hole.What)
		}
	}
	if len(names) == 0 {
		return "the name"
	}
	return sample(names)
}

// shownLen is how much of the shown name stands before the token.
func shownLen(r *reading) int { return len(r.whole.String()) - len(r.show(r.start)) }

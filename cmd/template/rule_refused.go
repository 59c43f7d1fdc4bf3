package template

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// fault is something for which Azure Resource Manager refuses a deployment, and with it the whole template. What it demands is what its
// own parser names ("Required property 'contentVersion' not found in JSON", "template schema is not supported") and its REST reference
// marks as required.
type fault struct {
	at  place
	why string
}

// refused reports what Azure Resource Manager refuses (L26).
func (c *checker) refused(d *deployment) {
	for _, f := range d.faults {
		x := c.report("L26", f.at, "ARM refuses the template: %s", f.why)
		x.Name = d.name.alternatives()[0].String()
		if r := c.tracking(d); r != nil {
			x.about(r)
		}
	}
}

// checkName says what is wrong with the name of a deployment, as far as it is written out: the letters, digits and marks that ARM allows.
func (d *deployment) checkName() {
	for _, t := range d.name.alternatives() {
		for _, p := range t.parts {
			if p.hole != nil || filledIn(p.lit) {
				continue
			}
			if at := strings.IndexFunc(p.lit, func(c rune) bool {
				return !unicode.IsLetter(c) && !unicode.IsDigit(c) && !strings.ContainsRune("-_.()", c)
			}); at >= 0 {
				c, _ := utf8.DecodeRuneInString(p.lit[at:])
				d.fault(d.named, fmt.Sprintf("the name %s has %q, which the name of a deployment cannot have", clip(t.String()), c))
				return
			}
		}
	}
}

func (d *deployment) fault(at place, why string) { d.faults = append(d.faults, fault{at, why}) }

var dated = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}(?:-[A-Za-z]+(?:\.\d+)?)?$`)

// checkVersion says what is wrong with the version of a deployment; required is false where an apiProfile can stand for it.
func (d *deployment) checkVersion(required bool) {
	switch {
	case d.version == "" && required:
		d.fault(d.at, "the deployment has no apiVersion")
	case d.version != "" && !isExpression(d.version) && !filledIn(d.version) && !dated.MatchString(d.version):
		d.fault(d.versioned, "apiVersion "+clip(d.version)+" is no version: it is a date such as 2021-04-01")
	}
}

// checkProperties says what is wrong with the properties of a deployment. What is known only when it is deployed is in order.
func (d *deployment) checkProperties(p value) {
	if p.kind == valUnknown {
		return
	}
	if p.kind != valObject {
		d.fault(d.at, "the deployment has no properties, so neither a mode nor a template")
		return
	}
	mode := p.member("mode")
	if mode.kind == valNull {
		d.fault(d.at, "the deployment has no mode")
	} else if s, ok := mode.known(); ok && !filledIn(s) && !strings.EqualFold(s, "incremental") && !strings.EqualFold(s, "complete") {
		d.fault(d.moded, "the mode "+clip(s)+" is neither Incremental nor Complete")
	}
	inner, link := p.member("template"), p.member("templateLink")
	switch {
	case inner.kind == valNull && link.kind == valNull:
		d.fault(d.at, "the deployment has neither a template nor a templateLink"+misspelt(p, "template", "templates", "templatelinks"))
	case inner.kind != valNull && link.kind != valNull:
		d.fault(d.inner, "the deployment has both a template and a templateLink")
	case link.kind == valObject && link.member("uri").kind == valNull && link.member("relativePath").kind == valNull && link.member("id").kind == valNull:
		d.fault(d.inner, "the templateLink has neither a uri nor a relativePath nor an id")
	case inner.kind != valNull:
		d.checkInner(inner)
	}
}

// checkInner says what is wrong with the inner template of a deployment, as far as it is known.
func (d *deployment) checkInner(inner value) {
	switch inner.kind {
	case valUnknown:
	case valObject:
		for _, why := range templateFaults(inner) {
			d.fault(d.inner, "the inner template "+why)
		}
	default:
		d.fault(d.inner, "the inner template is no object")
	}
}

// templateFaults says what a template lacks that Azure Resource Manager demands of each.
func templateFaults(t value) []string {
	var out []string
	schema := t.member("$schema")
	switch s, ok := schema.known(); {
	case schema.kind == valNull:
		out = append(out, "has no $schema"+misspelt(t, "schema", "$shema", "$scheme", "$schemas"))
	case ok && !filledIn(s) && !strings.Contains(s, "://"):
		out = append(out, "has a $schema that is no address: '"+clip(s)+"'")
	}
	if t.member("contentVersion").kind == valNull {
		out = append(out, "has no contentVersion"+misspelt(t, "version", "content", "contentVersions"))
	}
	switch list := t.member("resources"); list.kind {
	case valNull:
		out = append(out, "has no resources, which may be empty but not missing"+misspelt(t, "resource"))
	case valText, valNumber, valBool:
		if _, ok := list.known(); ok || list.kind != valText {
			out = append(out, "has resources that are no list")
		}
	}
	return out
}

// filledIn reports whether a build puts a value in before the template is deployed.
func filledIn(s string) bool { return buildMark.MatchString(s) }

// misspelt names the key that was probably meant.
func misspelt(v value, keys ...string) string {
	for _, k := range keys {
		if _, ok := v.get(k); ok {
			return ", but " + k
		}
	}
	return ""
}

// member returns the value of a key of an object; null when it has none.
func (v value) member(key string) value {
	if x, ok := v.get(key); ok {
		return x
	}
	return value{kind: valNull}
}

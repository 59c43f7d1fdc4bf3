package deployments

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pidledger/pidledger/cmd/template/arm"
)

// fault is something for which Azure Resource Manager refuses a deployment, and with it the whole template. What it demands is what its
// own parser names ("Required property 'contentVersion' not found in JSON", "template schema is not supported") and its REST reference
// marks as required.
type fault struct {
	At  Place
	Why string
}

// CheckName says what is wrong with the name of a deployment, as far as it is written out: the letters, digits and marks that ARM allows.
func (d *Deployment) CheckName() {
	for _, t := range d.Name.Alternatives() {
		for _, p := range t.Parts {
			if p.Hole != nil || arm.FilledIn(p.Lit) {
				continue
			}
			if at := strings.IndexFunc(p.Lit, func(c rune) bool {
				return !unicode.IsLetter(c) && !unicode.IsDigit(c) && !strings.ContainsRune("-_.()", c)
			}); at >= 0 {
				c, _ := utf8.DecodeRuneInString(p.Lit[at:])
				d.Fault(d.Named, fmt.Sprintf("the name %s has %q, which the name of a deployment cannot have", arm.Clip(t.String()), c))
				return
			}
		}
	}
}

// Fault notes something for which Azure Resource Manager refuses the deployment.
func (d *Deployment) Fault(at Place, why string) { d.Faults = append(d.Faults, fault{at, why}) }

var dated = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}(?:-[A-Za-z]+(?:\.\d+)?)?$`)

// CheckVersion says what is wrong with the version of a deployment; required is false where an apiProfile can stand for it.
func (d *Deployment) CheckVersion(required bool) {
	switch {
	case d.Version == "" && required:
		d.Fault(d.At, "the deployment has no apiVersion")
	case d.Version != "" && !arm.IsExpression(d.Version) && !arm.FilledIn(d.Version) && !dated.MatchString(d.Version):
		d.Fault(d.Versioned, "apiVersion "+arm.Clip(d.Version)+" is not a version: it is a date such as 2021-04-01")
	}
}

// CheckProperties says what is wrong with the properties of a deployment. What is known only when it is deployed is in order.
func (d *Deployment) CheckProperties(p arm.Value) {
	if p.Kind == arm.ValUnknown {
		return
	}
	if p.Kind != arm.ValObject {
		d.Fault(d.At, "the deployment has no properties, so neither a mode nor a template")
		return
	}
	mode := p.Member("mode")
	if mode.Kind == arm.ValNull {
		d.Fault(d.At, "the deployment has no mode")
	} else if s, ok := mode.Known(); ok && !arm.FilledIn(s) && !strings.EqualFold(s, "incremental") && !strings.EqualFold(s, "complete") {
		d.Fault(d.Moded, "the mode "+arm.Clip(s)+" is neither Incremental nor Complete")
	}
	inner, link := p.Member("template"), p.Member("templateLink")
	switch {
	case inner.Kind == arm.ValNull && link.Kind == arm.ValNull:
		d.Fault(d.At, "the deployment has neither a template nor a templateLink"+Misspelt(p, "template", "templates", "templatelinks"))
	case inner.Kind != arm.ValNull && link.Kind != arm.ValNull:
		d.Fault(d.Inner, "the deployment has both a template and a templateLink")
	case link.Kind == arm.ValObject && link.Member("uri").Kind == arm.ValNull && link.Member("relativePath").Kind == arm.ValNull && link.Member("id").Kind == arm.ValNull:
		d.Fault(d.Inner, "the templateLink has neither a uri nor a relativePath nor an id")
	case inner.Kind != arm.ValNull:
		d.CheckInner(inner)
	}
}

// CheckInner says what is wrong with the inner template of a deployment, as far as it is known.
func (d *Deployment) CheckInner(inner arm.Value) {
	switch inner.Kind {
	case arm.ValUnknown:
	case arm.ValObject:
		for _, why := range TemplateFaults(inner) {
			d.Fault(d.Inner, "the inner template "+why)
		}
	default:
		d.Fault(d.Inner, "the inner template is not an object")
	}
}

// TemplateFaults says what a template lacks that Azure Resource Manager demands of each.
func TemplateFaults(t arm.Value) []string {
	var out []string
	schema := t.Member("$schema")
	switch s, ok := schema.Known(); {
	case schema.Kind == arm.ValNull:
		out = append(out, "has no $schema"+Misspelt(t, "schema", "$shema", "$scheme", "$schemas"))
	case ok && !arm.FilledIn(s) && !strings.Contains(s, "://"):
		out = append(out, "has a $schema that is not an address: '"+arm.Clip(s)+"'")
	}
	if t.Member("contentVersion").Kind == arm.ValNull {
		out = append(out, "has no contentVersion"+Misspelt(t, "version", "content", "contentVersions"))
	}
	switch list := t.Member("resources"); list.Kind {
	case arm.ValNull:
		out = append(out, "has no resources, which may be empty but not missing"+Misspelt(t, "resource"))
	case arm.ValText, arm.ValNumber, arm.ValBool:
		if _, ok := list.Known(); ok || list.Kind != arm.ValText {
			out = append(out, "has resources that are not list")
		}
	}
	return out
}

// Misspelt names the key that was probably meant.
func Misspelt(v arm.Value, keys ...string) string {
	for _, k := range keys {
		if _, ok := v.Get(k); ok {
			return ", but " + k
		}
	}
	return ""
}

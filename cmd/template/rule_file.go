package template

import (
	"regexp"
	"strings"

	"github.com/pidledger/pidledger/cmd/template/arm"
	"github.com/pidledger/pidledger/cmd/template/deployments"
)

// notes reports what is not strict JSON: the first place of each kind (L22).
func (c *checker) notes(doc *arm.Document) {
	first := map[arm.NoteKind]arm.Note{}
	count := map[arm.NoteKind]int{}
	var order []arm.NoteKind
	for _, n := range doc.Notes {
		if count[n.Kind]++; count[n.Kind] == 1 {
			first[n.Kind] = n
			order = append(order, n.Kind)
		}
	}
	for _, kind := range order {
		n := first[kind]
		text := string(kind)
		if n.Text != "" {
			text += " " + arm.Clip(n.Text)
		}
		where := "here"
		if count[kind] > 1 {
			where = "here and elsewhere in the file"
		}
		c.report("L22", deployments.Place{Start: n.Offset, End: n.Offset + 1, Path: "$"}, "%s: %s; strict readers such as Partner Center's may refuse the file", text, where)
	}
}

// schema reports an old $schema (L20).
func (c *checker) schema(n *arm.Node) {
	switch {
	case strings.Contains(n.Text, "/2015-01-01/"):
		c.report("L20", deployments.PlaceOf(n), "the schema is that of 2015-01-01")
	case !strings.HasSuffix(n.Text, "#"):
		c.report("L20", deployments.PlaceOf(n), "the schema does not end with #")
	}
}

var wholeGUID = regexp.MustCompile(`^(?i:pid-)?(?i:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$`)

// tags reports the tracking of before 2018: a tag `provider` with a GUID (L25).
func (c *checker) tags(list []deployments.Tagged) {
	seen := map[string]bool{}
	for _, t := range list {
		v := c.ev.Term(t.Tags, arm.Possible)
		if v.Kind != arm.ValObject {
			continue
		}
		p, _ := v.Get("provider")
		for _, alt := range p.Alternatives() {
			id, ok := alt.Known()
			if !ok || !wholeGUID.MatchString(id) || seen[strings.ToLower(id)] {
				continue
			}
			seen[strings.ToLower(id)] = true
			f := c.report("L25", t.At, "the tag provider holds a GUID; this is how usage was attributed before tracking deployments, and no longer is")
			f.ID = strings.ToLower(id)
		}
	}
}

package template

import (
	"regexp"
	"strings"
)

// notes reports what is no strict JSON: the first place of each kind (L22).
func (c *checker) notes(doc *Document) {
	first := map[NoteKind]Note{}
	count := map[NoteKind]int{}
	var order []NoteKind
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
			text += " " + clip(n.Text)
		}
		where := "here"
		if count[kind] > 1 {
			where = "here and elsewhere in the file"
		}
		c.report("L22", place{start: n.Offset, end: n.Offset + 1, path: "$"}, "%s: %s; strict readers such as Partner Center's may refuse the file", text, where)
	}
}

// schema reports an old $schema (L20).
func (c *checker) schema(n *Node) {
	switch {
	case strings.Contains(n.Text, "/2015-01-01/"):
		c.report("L20", placeOf(n), "the schema is that of 2015-01-01")
	case !strings.HasSuffix(n.Text, "#"):
		c.report("L20", placeOf(n), "the schema does not end with #")
	}
}

var wholeGUID = regexp.MustCompile(`^(?i:pid-)?(?i:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$`)

// tags reports the tracking of before 2018: a tag `provider` with a GUID (L25).
func (c *checker) tags(list []tagged) {
	seen := map[string]bool{}
	for _, t := range list {
		v := c.ev.term(t.tags, possible)
		if v.kind != valObject {
			continue
		}
		p, _ := v.get("provider")
		for _, alt := range p.alternatives() {
			id, ok := alt.known()
			if !ok || !wholeGUID.MatchString(id) || seen[strings.ToLower(id)] {
				continue
			}
			seen[strings.ToLower(id)] = true
			f := c.report("L25", t.at, "the tag provider holds a GUID; this is how usage was attributed before tracking deployments, and no longer is")
			f.ID = strings.ToLower(id)
		}
	}
}

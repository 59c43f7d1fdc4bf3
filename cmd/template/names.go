package template

import "fmt"

// Name is a deployment of a template and what its name can become.
type Name struct {
	Path   string   // JSON path of the name
	Line   int      // from 1
	Column int      // from 1
	Texts  []string // the alternatives; pieces that only the deployment tells stand in braces
	Max    int      // greatest length in characters; -1 when nothing limits it. ARM allows 64
	Scope  Scope    // where the deployment is kept
	Nested int      // templates around it below the file's own
	IDs    []string // valid tracking ids in the alternatives
}

// Names returns the deployments of an ARM template, nested ones included, in the order of the file.
func Names(name string, data []byte) ([]Name, error) {
	doc, err := Read(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	c := newChecker(name, data, Options{})
	w := &walker{ev: c.ev}
	c.walk(doc, w)
	out := make([]Name, len(w.deployments))
	for i, d := range w.deployments {
		n := Name{Path: d.named.path, Scope: d.scope, Nested: d.depth}
		n.Line, n.Column = doc.Position(d.named.start)
		for _, t := range d.name.alternatives() {
			n.Texts = append(n.Texts, t.String())
			switch length, open := t.maxLen(); {
			case open:
				n.Max = unbounded
			case n.Max != unbounded:
				n.Max = max(n.Max, length)
			}
		}
		readings, _ := c.readAll(d)
		for _, r := range readings {
			n.IDs = append(n.IDs, r.ids...)
		}
		out[i] = n
	}
	return out, nil
}

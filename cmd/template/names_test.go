package template

import (
	"testing"

	"github.com/pidledger/pidledger/cmd/template/arm"
	"github.com/pidledger/pidledger/cmd/template/deployments"
)

// shownName is a deployment of a template and what its name can become.
type shownName struct {
	Texts []string // the alternatives; pieces that only the deployment tells stand in braces
	Max   int      // greatest length in characters; -1 when nothing limits it. ARM allows 64
	IDs   []string // valid tracking ids in the alternatives
}

// namesIn returns the deployments of an ARM template, nested ones included, in the order of the file.
func namesIn(t testing.TB, name string, data []byte) []shownName {
	t.Helper()
	doc, err := arm.Read(data)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	c := newChecker(name, data, Options{})
	w := &deployments.Walker{Evaluator: c.ev}
	c.walk(doc, w)
	out := make([]shownName, len(w.Deployments))
	for i, d := range w.Deployments {
		var n shownName
		for _, t := range d.Name.Alternatives() {
			n.Texts = append(n.Texts, t.String())
			switch length, open := t.MaxLen(); {
			case open:
				n.Max = arm.Unbounded
			case n.Max != arm.Unbounded:
				n.Max = max(n.Max, length)
			}
		}
		readings, _ := c.readAll(d)
		for _, r := range readings {
			n.IDs = append(n.IDs, r.ids...)
		}
		out[i] = n
	}
	return out
}

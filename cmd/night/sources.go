package night

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/pidledger/pidledger/ingest/status"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/spec"
)

// sources adds up exports and evidence by kind, for a page that may be shared: the names and scopes of exports would reveal customers, including
// those who opted out.
func sources(st *status.Status) []spec.Source {
	type group struct {
		exports, late int64
		newest        time.Time
	}
	exports := map[string]*group{}
	for _, e := range st.Exports {
		g := exports[e.CostBasis]
		if g == nil {
			g = new(group)
			exports[e.CostBasis] = g
		}
		g.exports++
		if e.Stale {
			g.late++
		}
		if e.Newest != nil && e.Newest.After(g.newest) {
			g.newest = *e.Newest
		}
	}
	var out []spec.Source
	for basis, g := range exports {
		s := spec.Source{Name: "cost exports, " + cmp.Or(basis, "no basis"), Count: g.exports, Newest: dayText(g.newest)}
		switch {
		case g.late == 1:
			s.Note = "1 is late"
		case g.late > 1:
			s.Note = human.Thousands(g.late) + " are late"
		}
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b spec.Source) int { return strings.Compare(a.Name, b.Name) })
	for _, e := range st.Evidence {
		s := spec.Source{Name: e.Kind, Count: e.Records}
		if e.Newest != nil {
			s.Newest = dayText(*e.Newest)
		}
		if e.Records == 0 {
			s.Note = "none delivered"
		}
		out = append(out, s)
	}
	return out
}

func dayText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

package queries

import (
	"strings"
	"testing"
)

// FuzzNamedQuery: the header of a query of one's own is read or refused, and defaults fill what is not given.
func FuzzNamedQuery(f *testing.F) {
	f.Add("-- title: A\n-- purpose: B\n-- param month = '2026-03': the month\nselect $month")
	f.Add("-- param a: it''s\r\n-- param b = 'x''y': z\nselect $a || $b")
	f.Add("--param x\n-- param")
	f.Fuzz(func(t *testing.T, text string) {
		q, err := ParseNamedQuery("own", text)
		if err != nil {
			if !strings.Contains(err.Error(), "line ") {
				t.Fatalf("without a place: %v", err)
			}
			return
		}
		values := q.Values(map[string]string{"given": "1"})
		for _, p := range q.Params {
			if p.Name == "" || p.Meaning == "" || p.Optional && !strings.EqualFold(p.Name, "given") && values[p.Name] != p.Default && !twice(q, p.Name) {
				t.Fatalf("%+v: %q", p, values)
			}
		}
	})
}

func twice(q *NamedQuery, name string) bool {
	n := 0
	for _, p := range q.Params {
		if strings.EqualFold(p.Name, name) {
			n++
		}
	}
	return n > 1
}

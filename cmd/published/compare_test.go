package published

import (
	"slices"
	"strings"
	"testing"
)

// The month that is looked at is complete, and what it is compared with is known.
func TestCompareTargets(t *testing.T) {
	words := map[string][]string{"month": {"2026-01", "2026-02", "2026-04"}}
	for name, c := range map[string]struct {
		word, month, against, through, want string
		named                               []string
		unfinished                          bool // a month that is not over is in it, and the answer says so
	}{
		"a complete month":         {word: "channels", through: "2026-04-30", want: "2026-04<2026-03"},
		"an unfinished month":      {word: "channels", through: "2026-04-29", want: "2026-02<2026-01"},
		"it may be named":          {word: "offers", month: "2026-04", through: "2026-04-29", want: "2026-04<2026-03", unfinished: true},
		"the first month":          {word: "offers", month: "2026-01", through: "2026-04-29", want: "2026-01<"},
		"another month":            {word: "mpns", month: "2026-04", against: "2026-01", through: "2026-04-29", want: "2026-04<2026-01", unfinished: true},
		"all months":               {word: "months", through: "2026-04-29", want: "2026-01< 2026-02<2026-01 2026-04<2026-03", unfinished: true},
		"months that are named":    {word: "months", named: []string{"2026-04", "2026-01"}, through: "2026-04-29", want: "2026-01< 2026-04<2026-01", unfinished: true},
		"one month that is named ": {word: "months", named: []string{"2026-02"}, through: "2026-04-29", want: "2026-02<2026-01"},
	} {
		o := compareOptions{filters: map[string]*string{"month": &c.month, "offer": new(""), "channel": new(""), "mpn": new(""), "currency": new("")}, against: c.against}
		d := dimensions[slices.IndexFunc(dimensions, func(d dimension) bool { return d.word == c.word })]
		targets, err := o.targets(d, c.named, words, c.through)
		var got []string
		for _, x := range targets {
			base := ""
			if x.Base != nil {
				base = *x.Base
			}
			got = append(got, x.Month+"<"+base)
		}
		if err != nil || strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, %v, want %s", name, got, err, c.want)
		}
		q, err := o.question(d, c.named, words, c.through)
		if err != nil || len(q.notes) > 0 != c.unfinished {
			t.Errorf("%s: %+v, %v", name, q, err)
		}
	}
}

package export

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Status says whether a run counts.
type Status string

// A run counts (perhaps not on all days), was replaced on all its days, or is a second copy of a run that counts.
const (
	Counts     Status = "counts"
	Superseded Status = "superseded"
	Duplicate  Status = "duplicate"
)

// Standing is what became of one run.
type Standing struct {
	Run    Run
	Status Status
	// Masked are the days whose rows do not count although the run does, in order, apart from each other. A span may
	// reach to MinDay or MaxDay: then rows dated outside the run's days do not count either.
	Masked []Span
	By     string // key of the latest run that replaced days of this one, or of the copy that counts; else empty
	Note   string // something a person should look at, else empty
}

// Resolve says which of the given runs count (SPEC 3.2). All runs must be loadable: leave out those that failed a check, and the runs they had
// replaced count again. The answer depends only on the set of runs, not on their order, and is sorted by group, submission time and run id. It
// compares runs of one export; which of several exports counts is decided by day, in queries/attribute/basis_choice.sql and export_overlaps.sql.
//
// Within a group the greatest submission time wins. A run that replaces its month replaces every run of that month; a run that replaces days masks
// its days in all earlier runs whose own days they are. A run spanning several months keeps what lies in months that no later run replaced; its
// rows dated outside its days go with the month it starts in. A run that has no day left is superseded, with the rows it dates elsewhere: they
// belong to the run, not to their day. Rows that name different billing accounts never replace each other (Content). Once a run was read, its rows
// have a say: one with rows outside its range replaces only days on which it holds rows, and when all lie in one other month than declared, it is a
// run of that month.
func Resolve(runs []Run) []Standing {
	runs = slices.Clone(runs)
	slices.SortFunc(runs, func(a, b Run) int { return cmp.Or(strings.Compare(a.Group, b.Group), compareRuns(a, b)) })
	out := make([]Standing, len(runs))
	for from := 0; from < len(runs); {
		to := from
		for to < len(runs) && runs[to].Group == runs[from].Group {
			to++
		}
		resolveGroup(runs[from:to], out[from:to])
		from = to
	}
	return out
}

// compareRuns orders the runs of a group: the later one is greater.
func compareRuns(a, b Run) int {
	return cmp.Or(a.Submitted.Compare(b.Submitted), strings.Compare(a.RunID, b.RunID), strings.Compare(a.Token, b.Token), strings.Compare(a.path(), b.path()))
}

// claims are the days that later runs of one payer replace.
type claims struct {
	content Content
	days    spanSet         // of runs that replace days
	months  spanSet         // of runs that replace their month: they take these days from runs of days
	whole   map[Day]spanSet // the same, by month: they take these days from runs of that month
	all     map[Day]bool    // months of which one replaces everything
	strays  map[Day][]Run   // runs with rows outside their days, by month: their days, and those of these rows
}

// resolveGroup fills out for the runs of one group, in ascending order. It goes from the latest run back and keeps what
// the runs seen so far have claimed.
func resolveGroup(runs []Run, out []Standing) {
	payers := map[string]*claims{}
	for i := len(runs) - 1; i >= 0; i-- {
		r := runs[i]
		out[i] = Standing{Run: r, Status: Counts}
		if i+1 < len(runs) && sameRun(r, runs[i+1]) {
			out[i].Status, out[i].By = Duplicate, runs[i+1].Key
			if other := runs[i+1].path(); other != r.path() {
				out[i].Note = "the same run is delivered twice: " + r.path() + " and " + other
			}
			continue
		}
		masked, superseded := r.replaced(payers)
		if superseded {
			out[i].Status, masked = Superseded, nil
		}
		out[i].Masked = masked
		if superseded || len(masked) > 0 {
			out[i].By, out[i].Note = replacedBy(runs[i:])
		}
		if out[i].Note == "" && r.Misdeclared() {
			out[i].Note = fmt.Sprintf("%s declares %s, but all its rows are of %s: the rows decide, and it replaces the days that they are of",
				r.Label(), r.Declared(), r.Own().From.Month())
		}
		key := r.Content.payer()
		if payers[key] == nil {
			payers[key] = &claims{content: r.Content, whole: map[Day]spanSet{}, all: map[Day]bool{}, strays: map[Day][]Run{}}
		}
		payers[key].add(r)
	}
}

// add claims the days of a run.
func (c *claims) add(r Run) {
	own := r.Own()
	days, strays := spanSet{own}, r.strays()
	if len(strays) > 0 || r.Misdeclared() { // its range is not to be trusted
		days = held(r).within(own)
	}
	month, whole := r.home()
	if len(strays) > 0 {
		c.strays[month] = append(c.strays[month], Run{Start: own.From, End: own.To, Content: Content{Days: strays}})
	}
	if whole && len(strays) == 0 {
		c.all[month] = true
	}
	if _, ok := c.whole[month]; whole && !ok {
		c.whole[month] = nil
	}
	for _, s := range days {
		if whole {
			c.months, c.whole[month] = c.months.with(s), c.whole[month].with(s)
		} else {
			c.days = c.days.with(s)
		}
	}
}

// home is the month that a run is of, and whether it replaces that as a whole.
func (r Run) home() (month Day, whole bool) {
	if r.Misdeclared() {
		return r.Content.Days[0].From.FirstOfMonth(), false
	}
	return r.Month, r.Whole
}

// held are the days with rows, as far as known.
func held(r Run) spanSet { return r.Content.Days }

// strays are the days with rows outside the run's own.
func (r Run) strays() (out spanSet) {
	own := r.Own()
	out = append(out, held(r).within(Span{MinDay, own.From - 1})...)
	return append(out, held(r).within(Span{own.To + 1, MaxDay})...)
}

// replaced gives the days of a run that later runs replaced, and whether none of any worth is left.
func (r Run) replaced(payers map[string]*claims) (masked spanSet, superseded bool) {
	own := r.Own()
	month, whole := r.home()
	homeless := false // a later run replaced the month that the run is of
	for _, c := range payers {
		if !c.content.meets(r.Content) {
			continue
		}
		take := c.days.within(own)
		switch claimed, ok := c.whole[month]; {
		case whole && c.all[month]:
			return nil, true
		case whole && ok:
			take = append(take, claimed.within(own)...)
			homeless = true
		case !whole:
			take = append(take, c.months.within(own)...)
			homeless = homeless || ok
		}
		for _, l := range c.strays[month] {
			if l.Declared().Overlaps(own) { // the same rows again
				take = append(take, outside(spanSet{own}).cut(l.Content.Days)...)
			}
		}
		for _, s := range take {
			masked = masked.with(s)
		}
	}
	left := spanSet(masked.within(own)).gaps(own)
	if homeless && whole && r.Manifest != "" { // it cannot hold usage of days after it was submitted
		left = left.within(Span{own.From, DayOf(r.Submitted)})
	}
	switch inside := held(r).within(own); {
	case len(left) == 0:
		return nil, true
	case len(r.strays()) > 0 && len(inside) > 0 && !slices.ContainsFunc(inside, func(s Span) bool { return len(masked.gaps(s)) > 0 }):
		return nil, true // a run that replaces only days with rows, and has none left
	}
	if homeless {
		masked = outside(masked.gaps(own))
	}
	return masked, false
}

// sameRun reports whether two runs are copies of one.
func sameRun(a, b Run) bool {
	return a.Submitted.Equal(b.Submitted) && a.RunID == b.RunID && a.Token == b.Token
}

// outside is every day but those of the set.
func outside(set spanSet) spanSet { return set.gaps(Span{MinDay, MaxDay}) }

// replacedBy names the latest of the later runs that takes days from the first one. Two runs with the same submission
// time and different data cannot both be right; the greater run id wins, and a note says so.
func replacedBy(runs []Run) (key, note string) {
	r := runs[0]
	month, whole := r.home()
	// A later run takes days when it replaces the month, or when one of the two is about days and they share some.
	takes := func(l Run) bool {
		m, w := l.home()
		return l.Content.meets(r.Content) && (w && m == month || !(w && whole) && l.Own().Overlaps(r.Own()))
	}
	for i := len(runs) - 1; i > 0 && key == ""; i-- {
		if takes(runs[i]) {
			key = runs[i].Key
		}
	}
	for i := 1; i < len(runs) && runs[i].Submitted.Equal(r.Submitted); i++ {
		if takes(runs[i]) && runs[i].Token != r.Token {
			return key, fmt.Sprintf("runs %s and %s have the same submission time %s and different data: the greater run id counts",
				r.RunID, runs[i].RunID, r.Submitted.Format(time.RFC3339Nano))
		}
	}
	return key, ""
}

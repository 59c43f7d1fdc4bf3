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
	// Masked are the days whose rows do not count although the run does, in order, without overlaps. A span may
	// reach to MinDay or MaxDay: then rows dated outside the run's days do not count either.
	Masked []Span
	By     string // key of the latest run that replaced days of this one, or of the copy that counts; else empty
	Note   string // something a person should look at, else empty
}

// Resolve says which of the given runs count (SPEC 3.2). All runs must be loadable: leave out those that failed a check, and the runs they had
// replaced count again. The answer depends only on the set of runs, not on their order, and is sorted by group, submission time and run id. It
// compares runs of one export; which of several exports counts is decided by day, in queries/attribute/basis_choice.sql and export_overlaps.sql.
//
// Within a group the latest submission time wins. A run that replaces its month replaces every run of that month; a run that replaces days masks
// them in all earlier runs that own them. A run spanning several months keeps the months that no later run replaced; its rows dated outside its
// days follow the month it starts in. A run with no day left is superseded, including its rows dated elsewhere: they belong to the run, not to
// their day. Rows that name different billing accounts never replace each other (Content). Once a run has been read, its rows matter, too: a run
// with rows outside its range replaces only days on which it holds rows, and if all its rows lie in one month other than the declared one, it is a
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
	months  spanSet         // of runs that replace their month: runs of days lose these days
	whole   map[Day]spanSet // the same, by month: runs of that month lose these days
	all     map[Day]bool    // months that one of them replaces entirely
	strays  map[Day][]Run   // runs with rows outside their days, by month: their days, and those of these rows
}

// resolveGroup fills out for the runs of one group, in ascending order. It goes backwards from the latest run and keeps what the runs so far have
// claimed.
func resolveGroup(runs []Run, out []Standing) {
	payers := map[string]*claims{}
	for i := len(runs) - 1; i >= 0; i-- {
		r := runs[i]
		out[i] = Standing{Run: r, Status: Counts}
		if i+1 < len(runs) && sameRun(r, runs[i+1]) {
			out[i].Status, out[i].By = Duplicate, runs[i+1].Key
			if other := runs[i+1].path(); other != r.path() {
				out[i].Note = "the same run was delivered twice: " + r.path() + " and " + other
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
			out[i].Note = fmt.Sprintf("%s declares %s, but all its rows are of %s: the rows decide, and it replaces their days",
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
	if len(strays) > 0 || r.Misdeclared() { // its range cannot be trusted
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

// home is the month a run belongs to, and whether it replaces the whole month.
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

// replaced returns the days of a run that later runs replaced, and whether the run has nothing left that counts.
func (r Run) replaced(payers map[string]*claims) (masked spanSet, superseded bool) {
	own := r.Own()
	month, whole := r.home()
	homeless := false // a later run replaced the month the run belongs to
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
			if l.Declared().Overlaps(own) { // the same rows, delivered again
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

// replacedBy names the latest of the later runs that replaced days of the first one. Two runs with the same submission time and different data
// cannot both be right; the greater run id wins, and a note says so.
func replacedBy(runs []Run) (key, note string) {
	r := runs[0]
	month, whole := r.home()
	// A later run replaces days if it replaces the month, or if one of the two is a run of days and they share some.
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

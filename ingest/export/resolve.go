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

// CountsOn reports whether the run's rows of a day count.
func (s Standing) CountsOn(d Day) bool {
	return s.Status == Counts && !slices.ContainsFunc(s.Masked, func(m Span) bool { return m.Contains(d) })
}

// Resolve says which of the given runs count (SPEC 3.2). All runs must be loadable: leave out those that failed a check
// and their predecessors come back. The answer depends on the set of runs only, not on their order, and is sorted by
// group, submission time and run id.
//
// Within a group the greatest submission time wins. A run that replaces its month replaces every run of that month; a
// run that replaces days masks its days in all earlier runs whose own days they are. A run spanning several months
// keeps what lies in months that no later run replaced; its rows dated outside its days go with the month it starts in.
// A run that has no day left is superseded, with the rows it dates elsewhere: they belong to the run, not to their day.
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

// resolveGroup fills out for the runs of one group, in ascending order. It goes from the latest run back and keeps what
// the runs seen so far have claimed.
func resolveGroup(runs []Run, out []Standing) {
	whole := map[Day]bool{} // months that a later run replaces
	spans := make([]Span, len(runs))
	for i, r := range runs {
		spans[i] = r.span()
	}
	var days, months spanSet
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
		span := spans[i]
		masked := days.within(span)
		switch {
		case r.Whole && whole[r.Month]:
			masked = spanSet{{MinDay, MaxDay}}
		case !r.Whole:
			for _, m := range months.within(span) {
				masked = masked.with(m)
			}
			if whole[r.Month] {
				masked = outside(masked.gaps(span))
			}
		}
		if len(masked.gaps(span)) == 0 {
			out[i].Status, masked = Superseded, nil
		}
		out[i].Masked = masked
		if out[i].Status == Superseded || len(masked) > 0 {
			out[i].By, out[i].Note = replacedBy(runs[i:], spans[i:])
		}

		if r.Whole {
			whole[r.Month] = true
			months = months.with(span)
		} else {
			days = days.with(span)
		}
	}
}

// sameRun reports whether two runs are copies of one.
func sameRun(a, b Run) bool {
	return a.Submitted.Equal(b.Submitted) && a.RunID == b.RunID && a.Token == b.Token
}

// outside is every day but those of the set.
func outside(set spanSet) spanSet { return set.gaps(Span{MinDay, MaxDay}) }

// replacedBy names the latest of the later runs that takes days from the first one. Two runs with the same submission
// time and different data cannot both be right; the greater run id wins, and a note says so.
func replacedBy(runs []Run, spans []Span) (key, note string) {
	// A later run takes days when it replaces the month, or when one of the two is about days and they share some.
	takes := func(i int) bool {
		l, r := &runs[i], &runs[0]
		return l.Whole && l.Month == r.Month || !(l.Whole && r.Whole) && spans[i].Overlaps(spans[0])
	}
	for i := len(runs) - 1; i > 0 && key == ""; i-- {
		if takes(i) {
			key = runs[i].Key
		}
	}
	r := runs[0]
	for i := 1; i < len(runs) && runs[i].Submitted.Equal(r.Submitted); i++ {
		if takes(i) && runs[i].Token != r.Token {
			return key, fmt.Sprintf("runs %s and %s have the same submission time %s and different data: the greater run id counts",
				r.RunID, runs[i].RunID, r.Submitted.Format(time.RFC3339Nano))
		}
	}
	return key, ""
}

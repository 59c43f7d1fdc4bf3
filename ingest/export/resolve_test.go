package export

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// mk makes a run: "whole|days|billing FROM TO SUBMITTED ID".
func mk(text string) Run {
	f := strings.Fields(text)
	r := Run{Group: "g", Start: day(f[1]), End: day(f[2]), Submitted: clock(f[3]), RunID: f[4], Token: f[4], Key: f[4], Manifest: f[4] + "/manifest.json"}
	r.Month = r.Start.FirstOfMonth()
	switch f[0] {
	case "whole":
		r.TimeFrame, r.Whole = "MonthToDate", true
	case "billing":
		r.TimeFrame, r.Whole = "TheLastBillingMonth", true
	case "days":
		r.TimeFrame = "Custom"
	}
	return r
}

func standings(all []Standing) (out []string) {
	for _, s := range all {
		line := s.Run.RunID + " " + string(s.Status)
		for _, m := range s.Masked {
			line += " -" + m.String()
		}
		if s.By != "" {
			line += " by " + s.By
		}
		if s.Note != "" {
			line += " (" + s.Note + ")"
		}
		out = append(out, line)
	}
	return out
}

func TestResolve(t *testing.T) {
	for _, c := range []struct {
		name string
		runs []string
		want []string
	}{
		{"newest whole month wins", []string{
			"whole 2026-03-01 2026-03-31 2026-04-03T03:15:00.5234447Z b", "whole 2026-03-01 2026-03-10 2026-03-11T04:15:00Z a", "whole 2026-04-01 2026-04-02 2026-04-03T02:00:00Z c"},
			[]string{"a superseded by b", "c counts", "b counts"}},
		{"later days mask", []string{"whole 2026-03-01 2026-03-31 2026-04-03T00:00:00Z a", "days 2026-03-08 2026-03-17 2026-04-05T00:00:00Z b"},
			[]string{"a counts -2026-03-08..2026-03-17 by b", "b counts"}},
		{"earlier days go", []string{"days 2026-03-02 2026-03-09 2026-03-11T00:00:00Z a", "whole 2026-03-01 2026-03-31 2026-04-03T00:00:00Z b"},
			[]string{"a superseded by b", "b counts"}},
		{"days run again: the first goes whole, strays too", []string{"days 2026-05-01 2026-05-31 2026-06-01T00:00:00Z a", "days 2026-05-01 2026-05-31 2026-07-03T00:00:00Z b"},
			[]string{"a superseded by b", "b counts"}},
		{"days side by side", []string{"days 2026-05-01 2026-05-15 2026-06-01T00:00:00Z a", "days 2026-05-16 2026-05-31 2026-06-01T00:00:00Z b"},
			[]string{"a counts", "b counts"}},
		{"several months: masks in each", []string{
			"whole 2026-03-01 2026-03-31 2026-04-03T00:00:00Z m", "whole 2026-04-01 2026-04-30 2026-05-03T00:00:00Z n", "whole 2026-05-01 2026-05-31 2026-06-03T00:00:00Z o", "days 2026-03-20 2026-05-10 2026-06-05T00:00:00Z x"},
			[]string{"m counts -2026-03-20..2026-03-31 by x", "n superseded by x", "o counts -2026-05-01..2026-05-10 by x", "x counts"}},
		{"several months: loses its home month, keeps the rest", []string{
			"days 2026-03-20 2026-04-10 2026-04-11T00:00:00Z x", "whole 2026-03-01 2026-03-31 2026-04-12T00:00:00Z m"},
			[]string{"x counts -0001-01-01..2026-03-31 -2026-04-11..9999-12-31 by m", "m counts"}},
		{"several months: loses the other month, keeps strays", []string{
			"days 2026-03-20 2026-04-10 2026-04-11T00:00:00Z x", "whole 2026-04-01 2026-04-12 2026-04-13T00:00:00Z n"},
			[]string{"x counts -2026-04-01..2026-04-10 by n", "n counts"}},
		{"several months: loses both", []string{
			"days 2026-03-20 2026-04-10 2026-04-11T00:00:00Z x", "whole 2026-03-01 2026-03-31 2026-04-12T00:00:00Z m", "whole 2026-04-01 2026-04-12 2026-04-13T00:00:00Z n"},
			[]string{"x superseded by n", "m counts", "n counts"}},
		{"a later month's days leave an earlier month alone", []string{"days 2026-06-01 2026-06-30 2026-07-02T00:00:00Z j", "days 2026-05-01 2026-05-10 2026-07-05T00:00:00Z k"},
			[]string{"j counts", "k counts"}},
		{"billing month reaches into the next", []string{"billing 2026-03-15 2026-04-14 2026-04-15T00:00:00Z a", "days 2026-04-10 2026-04-20 2026-05-01T00:00:00Z b", "billing 2026-04-15 2026-05-14 2026-04-16T00:00:00Z c"},
			[]string{"a counts -2026-04-10..2026-04-14 by b", "c counts -2026-04-10..2026-04-20 by b", "b counts"}},
		{"a last day written too late costs nobody a day", []string{"whole 2026-04-01 2026-04-01 2026-04-02T00:00:00Z a", "whole 2026-03-01 2026-04-01 2026-04-02T01:00:00Z b"},
			[]string{"a counts", "b counts"}},
		{"same time, different data", []string{"whole 2026-03-01 2026-03-31 2026-04-03T00:00:00Z b", "whole 2026-03-01 2026-03-31 2026-04-03T00:00:00Z a"},
			[]string{"a superseded by b (runs a and b have the same submission time 2026-04-03T00:00:00Z and different data: the greater run id counts)", "b counts"}},
		{"delivered twice", []string{"whole 2026-03-01 2026-03-31 2026-04-03T00:00:00Z a", "whole 2026-03-01 2026-03-31 2026-04-03T00:00:00Z a"},
			[]string{"a duplicate by a", "a counts"}},
		{"nothing", nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var runs []Run
			for _, text := range c.runs {
				runs = append(runs, mk(text))
			}
			if d := cmp.Diff(c.want, standings(Resolve(runs))); d != "" {
				t.Error(d)
			}
			slices.Reverse(runs)
			if d := cmp.Diff(c.want, standings(Resolve(runs))); d != "" {
				t.Errorf("reversed: %s", d)
			}
		})
	}
}

func TestResolveCopies(t *testing.T) {
	a := mk("whole 2026-03-01 2026-03-31 2026-04-03T00:00:00Z a")
	b := a
	b.Manifest = "copy/manifest.json"
	want := []string{"a duplicate by a (the same run was delivered twice: a/manifest.json and copy/manifest.json)", "a counts"}
	if d := cmp.Diff(want, standings(Resolve([]Run{b, a}))); d != "" {
		t.Error(d)
	}
}

func TestResolveLegacy(t *testing.T) {
	file := func(path, mtime string) FileInfo { return FileInfo{Path: path, Size: 1, ModTime: clock(mtime)} }
	layout := Classify([]FileInfo{
		file("x/e/20260301-20260331/e_1.csv", "2026-03-20T00:00:00Z"),
		file("x/e/20260301-20260331/e_2.csv", "2026-03-10T00:00:00Z"),
		file("x/e/20260401-20260430/e_3.csv", "2026-04-10T00:00:00Z"),
		file("x/e/20260401-20260430/e_4.csv", "2026-04-10T00:00:00Z"),
		file("x/f/20260301-20260331/f_1.csv", "2026-03-01T00:00:00Z"),
		file("x/f/20260315-20260414/f_2.csv", "2026-03-01T00:00:00Z"),
	}, nil)
	var got []string
	for _, s := range Resolve(layout.Runs) {
		if s.Status == Counts {
			got = append(got, s.Run.Blobs[0].Path+" "+s.Run.Scope+" "+s.Run.Name+" "+s.Run.Declared().String())
		}
	}
	want := []string{
		"x/e/20260301-20260331/e_1.csv folder:x e 2026-03-01..2026-03-31", "x/e/20260401-20260430/e_4.csv folder:x e 2026-04-01..2026-04-30",
		"x/f/20260301-20260331/f_1.csv folder:x f 2026-03-01..2026-03-31", "x/f/20260315-20260414/f_2.csv folder:x f 2026-03-15..2026-04-14",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// row is one row of the model's table.
type row struct {
	run    string
	date   Day
	month  Day  // the slice it lies in
	inside bool // dated on one of the run's own days
}

// model loads runs one after the other as a person would: delete what the run replaces, insert its rows. Every run has a
// row on each of its days and on every third other day of the window.
func model(runs []Run, window Span) map[row]bool {
	table := map[row]bool{}
	for _, r := range runs {
		own := func(d Day) bool {
			if r.Whole {
				return d.FirstOfMonth() == r.Month
			}
			return r.Start <= d && d <= r.End
		}
		for at := range table {
			if r.Whole && at.month == r.Month || !r.Whole && at.inside && own(at.date) {
				delete(table, at)
			}
		}
		// A run without rows of its own days left is gone, with what it dates elsewhere.
		alive := map[string]bool{}
		for at := range table {
			alive[at.run] = alive[at.run] || at.inside
		}
		for at := range table {
			if !alive[at.run] {
				delete(table, at)
			}
		}
		for d := window.From; d <= window.To; d++ {
			switch {
			case own(d):
				table[row{r.RunID, d, d.FirstOfMonth(), true}] = true
			case d%3 == 0:
				table[row{r.RunID, d, r.Month, false}] = true
			}
		}
	}
	return table
}

func TestResolveAgainstModel(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	window := Span{day("2026-01-01"), day("2026-05-31")}
	for round := range 3000 {
		var runs []Run
		for i := range 1 + rng.IntN(8) {
			from := window.From + 20 + Day(rng.IntN(70))
			to := from + Day(rng.IntN(45))
			kind := "days"
			if rng.IntN(2) == 0 {
				kind, from = "whole", from.FirstOfMonth()
				to = min(to, from.LastOfMonth())
			}
			// Few different times, so that ties happen.
			submitted := clock("2026-06-01T00:00:00Z").Add(time.Duration(rng.IntN(6)) * time.Minute)
			runs = append(runs, mk(fmt.Sprintf("%s %s %s %s r%d", kind, from, max(from, to), submitted.Format(time.RFC3339), i)))
		}
		shuffled := slices.Clone(runs)
		rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		got := Resolve(shuffled)
		if d := cmp.Diff(Resolve(runs), got); d != "" {
			t.Fatalf("round %d: order matters: %s", round, d)
		}
		twice := Resolve(append(slices.Clone(runs), shuffled...))
		twice = slices.DeleteFunc(twice, func(s Standing) bool { return s.Status == Duplicate })
		if d := cmp.Diff(got, twice); d != "" {
			t.Fatalf("round %d: delivering again matters: %s", round, d)
		}

		var order []Run
		for _, s := range got {
			order = append(order, s.Run)
		}
		want := model(order, window)
		for _, s := range got {
			for d := window.From; d <= window.To; d++ {
				r := s.Run
				own := r.Own().Contains(d)
				if !own && d%3 != 0 {
					continue
				}
				at := row{r.RunID, d, r.Month, own}
				if own {
					at.month = d.FirstOfMonth()
				}
				if countsOn(s, d) != want[at] {
					t.Fatalf("round %d: run %s on %s: counts %v, model %v\n%s", round, r.RunID, d, countsOn(s, d), want[at], strings.Join(standings(got), "\n"))
				}
			}
			for i, m := range s.Masked {
				if m.Empty() || i > 0 && s.Masked[i-1].To+1 >= m.From {
					t.Fatalf("round %d: masked spans %v", round, s.Masked)
				}
			}
		}
		// Nothing counts twice: a day within the runs' own days belongs to one run.
		for d := window.From; d <= window.To; d++ {
			var counts []string
			for _, s := range got {
				if s.Run.Own().Contains(d) && countsOn(s, d) {
					counts = append(counts, s.Run.RunID)
				}
			}
			if len(counts) > 1 {
				t.Fatalf("round %d: %s counts in %v", round, d, counts)
			}
		}
		// Taking the winners alone changes nothing: a replay of the ledger's own runs is idempotent.
		var alive []Run
		for _, s := range got {
			if s.Status == Counts {
				alive = append(alive, s.Run)
			}
		}
		for i, s := range Resolve(alive) {
			j := slices.IndexFunc(got, func(g Standing) bool { return g.Run.RunID == s.Run.RunID })
			if s.Status != Counts || !covers(got[j].Masked, s.Masked) {
				t.Fatalf("round %d, %d: replay: %v, was %v", round, i, s, got[j])
			}
		}
	}
}

// covers reports whether every span of b lies in one of a.
func covers(a, b []Span) bool {
	for _, s := range b {
		if !slices.ContainsFunc(a, func(o Span) bool { return o.From <= s.From && s.To <= o.To }) {
			return false
		}
	}
	return true
}

func TestSpanSet(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		var set spanSet
		var days [64]bool
		for range rng.IntN(8) {
			from := Day(rng.IntN(60))
			s := Span{from, from + Day(rng.IntN(6)) - 1}
			set = set.with(s)
			for d := s.From; d <= s.To && d < 64; d++ {
				days[d] = true
			}
		}
		in, out := set.within(Span{0, 63}), set.gaps(Span{0, 63})
		for d := range Day(64) {
			hold := func(s Span) bool { return s.Contains(d) }
			if slices.ContainsFunc(in, hold) != days[d] || slices.ContainsFunc(out, hold) == days[d] {
				t.Fatalf("day %d: %v, gaps %v", d, set, out)
			}
		}
		for i := 1; i < len(set); i++ {
			if set[i-1].To+1 >= set[i].From {
				t.Fatalf("not merged: %v", set)
			}
		}
	}
}

func TestDay(t *testing.T) {
	if MinDay.String() != "0001-01-01" || MaxDay.String() != "9999-12-31" || DayOf(time.Unix(-1, 0)) != -1 {
		t.Error("ends")
	}
	d := day("2024-02-10")
	if d.FirstOfMonth() != day("2024-02-01") || d.LastOfMonth() != day("2024-02-29") || d.Month() != "2024-02" || MaxDay.LastOfMonth() != MaxDay {
		t.Error("months")
	}
}

func BenchmarkResolve(b *testing.B) {
	var runs []Run
	for i := range 20000 {
		start := day("2020-01-01") + Day(i%2000)
		kind := "days"
		if i%3 > 0 {
			kind, start = "whole", start.FirstOfMonth()
		}
		runs = append(runs, mk(fmt.Sprintf("%s %s %s %s r%d", kind, start, start+5, clock("2026-06-01").Add(time.Duration(i)*time.Minute).Format(time.RFC3339), i)))
	}
	for b.Loop() {
		Resolve(runs)
	}
}

// countsOn tells whether the run's rows of a day count.
func countsOn(s Standing, d Day) bool {
	return s.Status == Counts && !slices.ContainsFunc(s.Masked, func(m Span) bool { return m.Contains(d) })
}

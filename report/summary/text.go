package summary

import (
	"cmp"
	"fmt"
	"io"
	"math/big"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/spec"
)

// How many lines of a list are shown; the JSON form has all that the summary keeps.
const (
	showProblems = 10
	showRejects  = 5
	showIDs      = 10
	showRestated = 20
	showNotes    = 10
)

// Lines is how many lines of a terminal the text has at most without details, the last prompt left room for.
const Lines = 25

// WriteText writes the summary for a person, in lines of human.Width: the answer, what changed since the last run, what to do next. With details
// every section follows: aligned columns, amounts rounded to two decimals.
func (s *Summary) WriteText(w io.Writer, color, details bool) error {
	p := human.NewPrinter(w, color)
	switch {
	case s.Reports == nil:
		s.printRun(p)
		printInputs(p, s.Inputs)
		s.printNewIDs(p)
		printNotes(p, s.Notes, showNotes)
		printSteps(p, s.Next, len(s.Next))
	case details:
		s.printDetails(p)
	default:
		s.printShort(p)
	}
	return p.Err()
}

func (s *Summary) printDetails(p *human.Printer) {
	s.printAnswer(p, shortCurrencies)
	s.printRestated(p)
	printSteps(p, s.Next, len(s.Next))
	printChanges(p, s.Changes)
	for _, m := range s.Money {
		printMoney(p, m, s.LatestMonth)
		s.printChannels(p, m.Currency)
		s.printStakes(p, m.Currency)
	}
	printGivenUp(p, s.GivenUp)
	s.printNewIDs(p)
	printMalformed(p, s.Malformed)
	printNotes(p, s.Notes, showNotes)
	printInputs(p, s.Inputs)
	p.Line(human.Plain, "")
	s.printRun(p)
	printReports(p, s.Reports)
}

// printRun says which run it was.
func (s *Summary) printRun(p *human.Printer) {
	if s.RunID == "" {
		return
	}
	text := "Run " + human.Clean(s.RunID)
	if !s.Started.IsZero() {
		text += ", started " + s.Started.UTC().Format("2006-01-02 15:04:05") + " UTC"
	}
	if s.Seconds > 0 {
		text += ", took " + human.Duration(time.Duration(s.Seconds*float64(time.Second)))
	}
	p.Line(human.Bold, text)
	if s.DataThrough != "" {
		p.Line(human.Plain, "Usage through "+s.DataThrough)
	}
}

func printInputs(p *human.Printer, in *Inputs) {
	if in == nil {
		return
	}
	p.Section("Files")
	t := &human.Table{Right: map[int]bool{1: true}}
	for _, c := range in.Files {
		style := human.Plain
		if c.Status == "failed" || c.Status == "unknown" {
			style = human.Red
		}
		t.Row(style, c.Status, human.Thousands(c.Files))
	}
	if t.Empty() {
		t.Row(human.Plain, "none")
	}
	p.Table(t)
	rows := fmt.Sprintf("  %s rows read, %s rejected", human.Thousands(in.Rows), human.Thousands(in.Rejected))
	style := human.Plain
	if in.Rejected > 0 {
		style = human.Yellow
	}
	p.Line(style, rows)
	if n := RejectedRows(in.Before); n > 0 {
		p.Text(human.Yellow, 2, fmt.Sprintf("%s missing in every report: %s", human.Were(n, "row, rejected in an earlier run, is", "rows, rejected in earlier runs, are"), human.Clean(RejectedIn(in.Before))))
	}

	if len(in.Problems) > 0 {
		p.Section("Files that could not be used")
		for _, f := range in.Problems[:min(len(in.Problems), showProblems)] {
			p.Text(human.Plain, 2, human.Clean(f.Path)+": "+f.Status+", "+human.Clean(f.Reason))
		}
		p.More(len(in.Problems) - showProblems)
	}
	if len(in.Rejects) > 0 {
		p.Section("Rejected rows, first places")
		for _, r := range in.Rejects[:min(len(in.Rejects), showRejects)] {
			where := place(r)
			if r.Column != "" {
				where += ", column " + r.Column
			}
			p.Text(human.Plain, 2, human.Clean(where+": "+r.Reason)+" ("+human.Plural(r.FileRows, "row")+" of this file)")
		}
		p.More(len(in.Rejects) - showRejects)
	}
}

// place names the row in a form that editors open.
func place(r Reject) string {
	switch {
	case r.Line > 0:
		return r.Path + ":" + strconv.FormatInt(r.Line, 10)
	case r.Record > 0:
		return r.Path + " record " + strconv.FormatInt(r.Record, 10)
	}
	return r.Path
}

func printMoney(p *human.Printer, m Money, latest string) {
	p.Section("Effective cost in " + currencyName(m.Currency))
	t := &human.Table{Right: map[int]bool{1: true, 2: true, 3: true, 4: true, 5: true}}
	t.Row(human.Dim, "", latest, "share", "all months", "share", "rows")
	row := func(style human.Style, indent string, l Share) {
		t.Row(style, indent+l.Name, human.Rounded(l.Latest.EffectiveCost), human.Percent(l.Latest.Share),
			human.Rounded(l.All.EffectiveCost), human.Percent(l.All.Share), human.Thousands(l.All.UsageRows))
	}
	for _, l := range m.Statuses {
		switch l.Name {
		case "attributed":
			row(human.Green, "", l)
		case "not_usage":
			// comes below the sum that it is not a part of
		default:
			row(human.Plain, "", l)
		}
		if l.Name == "unattributed" {
			for _, r := range m.Reasons {
				row(human.Dim, "  ", r)
			}
		}
	}
	row(human.Bold, "", m.Usage)
	for _, l := range m.Statuses {
		if l.Name == "not_usage" {
			row(human.Plain, "", l)
			row(human.Bold, "", m.Total)
		}
	}
	p.Table(t)
}

// currencyName is a currency for people.
func currencyName(currency string) string { return cmp.Or(human.Clean(currency), "no currency") }

func (s *Summary) printChannels(p *human.Printer, currency string) {
	t := &human.Table{Right: map[int]bool{2: true, 3: true, 4: true, 5: true, 6: true}, Drop: []int{6, 5}, Short: []int{1, 0}}
	t.Row(human.Dim, "channel", "offer", s.LatestMonth, cmp.Or(spec.MonthBefore(s.LatestMonth), "before"), "growth", "customers", "of offer")
	some := false
	for _, c := range s.Channels {
		if c.Currency == currency {
			some = true
			t.Row(minor(c.EffectiveCost), human.OrDash(c.Channel), human.OrDash(c.Offer), human.Rounded(c.EffectiveCost), human.Rounded(c.CostBefore), human.Growth(c.Growth),
				human.Thousands(c.Customers), human.Percent(c.Share))
		}
	}
	if some {
		p.Section("Top channels in " + s.LatestMonth + ", " + currencyName(currency))
		p.Table(t)
	}
}

// minor is the style of a line with so little money that its shares say nothing.
func minor(a spec.Amount) human.Style {
	if a.Rat().Cmp(big.NewRat(1, 1)) < 0 {
		return human.Dim
	}
	return human.Plain
}

// reasons of the report overlaps, as the summary says them.
var overlapReasons = map[string]string{
	"wider_scope": "a wider export has it", "newer_run": "a newer export has it", "same_charges": "delivered twice", "other_basis": "another cost basis",
	"outside_range": "outside the days of its run", "added_up": "perhaps delivered twice",
}

// printGivenUp says in one line what was delivered and does not count, and what counts in doubt.
func printGivenUp(p *human.Printer, all []GivenUp) {
	var dropped, doubtful []string
	for _, g := range all {
		text := human.Rounded(g.EffectiveCost)
		if g.Currency != "" {
			text += " " + g.Currency
		}
		text += " (" + cmp.Or(overlapReasons[g.Reason], g.Reason) + ")"
		if g.Counted {
			doubtful = append(doubtful, text)
		} else {
			dropped = append(dropped, text)
		}
	}
	var parts []string
	if len(dropped) > 0 {
		parts = append(parts, "Not counted: "+strings.Join(dropped, ", "))
	}
	if len(doubtful) > 0 {
		parts = append(parts, "Counted, in doubt: "+strings.Join(doubtful, ", "))
	}
	if len(parts) > 0 {
		p.Line(human.Plain, "")
		p.Text(human.Plain, 0, human.Clean(strings.Join(parts, ". ")+". The report overlaps names the exports and files."))
	}
}

// printRestated shows what became of months that had been reported before, and why.
func (s *Summary) printRestated(p *human.Printer) {
	if len(s.Restated) == 0 {
		return
	}
	p.Section("Since the last run (effective cost)")
	t := &human.Table{Right: map[int]bool{3: true, 4: true, 5: true}}
	t.Row(human.Dim, "month", "", "status", "was", "is", "difference", "why")
	for _, r := range s.Restated[:min(len(s.Restated), showRestated)] {
		t.Row(human.Plain, r.Month, r.Currency, r.Status, human.Rounded(r.Old), human.Rounded(r.New), human.Signed(r.Difference), r.Cause)
	}
	p.Table(t)
	p.More(len(s.Restated) - showRestated)
}

func (s *Summary) printNewIDs(p *human.Printer) {
	if len(s.NewIDs) > 0 {
		p.Section("Tracking ids seen for the first time")
		for _, id := range s.NewIDs[:min(len(s.NewIDs), showIDs)] {
			p.Line(human.Plain, "  "+human.Clean(id))
		}
		p.More(len(s.NewIDs) - showIDs)
	}
}

// printStakes shows which ids own usage and are not registered. One that was seen, but nothing runs under it, has no currency.
func (s *Summary) printStakes(p *human.Printer, currency string) {
	t := &human.Table{Right: map[int]bool{2: true}, Drop: []int{3}}
	t.Row(human.Dim, "tracking id", "", "effective cost", "last seen")
	some := false
	for _, u := range s.Unregistered {
		if u.Currency == currency && (currency != "" || u.EffectiveCost.Sign() != 0) {
			some = true
			t.Row(human.Plain, u.TrackingID, u.Kind, human.Rounded(u.EffectiveCost), u.LastSeen)
		}
	}
	if some {
		p.Section("Ids without a registration in force, " + currencyName(currency))
		p.Table(t)
	}
}

func printMalformed(p *human.Printer, lines []Malformed) {
	if len(lines) == 0 {
		return
	}
	p.Section("Malformed tokens")
	for _, m := range lines {
		text := fmt.Sprintf("%s: %s, %s in a %s", m.Token, m.Reason, human.Plural(m.Sightings, "sighting"), strings.ReplaceAll(m.Source, "_", " "))
		if m.Suggestion != "" {
			text += "; meant: " + m.Suggestion
		}
		p.Text(human.Plain, 2, human.Clean(text))
	}
}

func printNotes(p *human.Printer, notes []string, most int) {
	if len(notes) == 0 {
		return
	}
	p.Section("Notes")
	for _, n := range notes[:min(len(notes), most)] {
		p.Text(human.Plain, 2, human.Clean(n))
	}
	p.More(len(notes) - most)
}

func printReports(p *human.Printer, f *Folder) {
	if f == nil {
		return
	}
	p.Text(human.Plain, 0, fmt.Sprintf("Reports in %s: %s (%s), %s, %s", human.Clean(f.Dir), human.Plural(int64(f.Reports), "report"), strings.Join(f.Formats, ", "),
		human.Plural(int64(f.Files), "file"), human.Bytes(f.Bytes)))
	for _, format := range f.Formats {
		if name := spec.DocumentFile(format); name != "" {
			p.Line(human.Plain, "To read: "+human.Clean(filepath.Join(f.Dir, name)))
		}
	}
}

func printSteps(p *human.Printer, steps []Step, most int) {
	if len(steps) == 0 {
		return
	}
	p.Section("What to do next")
	for i, s := range steps[:min(len(steps), most)] {
		p.Text(human.Plain, 2, fmt.Sprintf("%d. %s: %s", i+1, human.Clean(s.Why), human.Clean(s.Do)))
		if s.Command != "" {
			p.Command("     ", s.Command)
		}
	}
	p.More(len(steps) - most)
}

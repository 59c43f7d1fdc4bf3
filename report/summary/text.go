package summary

import (
	"cmp"
	"fmt"
	"io"
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

// WriteText writes the summary for a person: sections with aligned columns, amounts rounded to two decimals.
func (s *Summary) WriteText(w io.Writer, color bool) error {
	p := human.NewPrinter(w, color)
	s.printHead(p)
	printInputs(p, s.Inputs)
	for _, m := range s.Money {
		printMoney(p, m, s.LatestMonth)
	}
	printGivenUp(p, s.GivenUp)
	s.printRestated(p)
	s.printChannels(p)
	printChanges(p, s.Changes)
	s.printIDs(p)
	printMalformed(p, s.Malformed)
	printNotes(p, s.Notes)
	printReports(p, s.Reports)
	printSteps(p, s.Next)
	return p.Err()
}

func (s *Summary) printHead(p *human.Printer) {
	if s.OnlyUsage {
		p.Line(human.Red, "Nothing can be attributed: there is usage, but no evidence of who created it.")
		p.Line(human.Plain, "Get it for each subscription, now and every night (pidledger help exports):")
		for _, c := range EvidenceCommands {
			p.Line(human.Bold, "  "+c.Command+" > "+c.File)
		}
		p.Line(human.Plain, "")
	}
	if s.RunID == "" {
		p.Line(human.Bold, "pidledger")
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
		p.Line(human.Yellow, fmt.Sprintf("  %s missing in every report: %s", human.Were(n, "row, rejected in an earlier run, is", "rows, rejected in earlier runs, are"), RejectedIn(in.Before)))
	}

	if len(in.Problems) > 0 {
		p.Section("Files that could not be used")
		t := &human.Table{}
		for _, f := range in.Problems[:min(len(in.Problems), showProblems)] {
			t.Row(human.Plain, f.Status, f.Path, f.Reason)
		}
		p.Table(t)
		p.More(len(in.Problems) - showProblems)
	}
	if len(in.Rejects) > 0 {
		p.Section("Rejected rows, first places")
		t := &human.Table{}
		for _, r := range in.Rejects[:min(len(in.Rejects), showRejects)] {
			t.Row(human.Plain, place(r), r.Column, r.Reason, "("+human.Plural(r.FileRows, "row")+" of this file)")
		}
		p.Table(t)
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
	name := m.Currency
	if name == "" {
		name = "no currency"
	}
	p.Section("Effective cost in " + human.Clean(name))
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

func (s *Summary) printChannels(p *human.Printer) {
	if len(s.Channels) == 0 {
		return
	}
	p.Section("Top channels in " + s.LatestMonth)
	t := &human.Table{Right: map[int]bool{3: true, 4: true, 5: true, 6: true, 7: true}}
	t.Row(human.Dim, "channel", "offer", "", "effective cost", "of offer", "growth", "customers", "deployments")
	for _, c := range s.Channels {
		t.Row(human.Plain, human.OrDash(c.Channel), human.OrDash(c.Offer), c.Currency, human.Rounded(c.EffectiveCost), human.Percent(c.Share), human.Growth(c.Growth),
			human.Thousands(c.Customers), human.Thousands(c.Deployments))
	}
	p.Table(t)
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
		p.Line(human.Plain, human.Clean(strings.Join(parts, ". ")+". The report overlaps names the exports and files."))
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

func (s *Summary) printIDs(p *human.Printer) {
	if len(s.NewIDs) > 0 {
		p.Section("Tracking ids seen for the first time")
		for _, id := range s.NewIDs[:min(len(s.NewIDs), showIDs)] {
			p.Line(human.Plain, "  "+human.Clean(id))
		}
		p.More(len(s.NewIDs) - showIDs)
	}
	t := &human.Table{Right: map[int]bool{3: true}}
	for _, u := range s.Unregistered {
		if u.Currency == "" && u.EffectiveCost.Sign() == 0 {
			continue // seen, but nothing runs under it
		}
		t.Row(human.Plain, u.TrackingID, u.Kind, u.Currency, human.Rounded(u.EffectiveCost), "seen "+period(u.FirstSeen, u.LastSeen))
	}
	if !t.Empty() {
		p.Section("Ids without a registration in force, most money first")
		p.Table(t)
	}
}

func printMalformed(p *human.Printer, lines []Malformed) {
	if len(lines) == 0 {
		return
	}
	p.Section("Malformed tokens")
	t := &human.Table{}
	for _, m := range lines {
		hint := ""
		if m.Suggestion != "" {
			hint = "meant: " + m.Suggestion
		}
		t.Row(human.Plain, m.Token, m.Reason, strings.ReplaceAll(m.Source, "_", " "), human.Plural(m.Sightings, "sighting"), hint)
	}
	p.Table(t)
}

func printNotes(p *human.Printer, notes []string) {
	if len(notes) == 0 {
		return
	}
	p.Section("Notes")
	for _, n := range notes[:min(len(notes), showNotes)] {
		p.Line(human.Plain, "  "+human.Clean(n))
	}
	p.More(len(notes) - showNotes)
}

func printReports(p *human.Printer, f *Folder) {
	if f == nil {
		return
	}
	p.Section("Reports")
	p.Line(human.Plain, fmt.Sprintf("  %s: %s (%s), %s, %s", human.Clean(f.Dir), human.Plural(int64(f.Reports), "report"), strings.Join(f.Formats, ", "),
		human.Plural(int64(f.Files), "file"), human.Bytes(f.Bytes)))
	for _, format := range f.Formats {
		if name := spec.DocumentFile(format); name != "" {
			p.Line(human.Plain, "  to read: "+human.Clean(filepath.Join(f.Dir, name)))
		}
	}
}

func printSteps(p *human.Printer, steps []Step) {
	if len(steps) == 0 {
		return
	}
	p.Section("What to do next")
	for i, s := range steps {
		p.Line(human.Plain, fmt.Sprintf("  %d. %s: %s", i+1, human.Clean(s.Why), human.Clean(s.Do)))
		if s.Command != "" {
			p.Line(human.Bold, "       "+human.Clean(s.Command))
		}
	}
}

func period(first, last string) string {
	if first == last {
		return first
	}
	return first + " to " + last
}

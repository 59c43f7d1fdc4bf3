package summary

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pidledger/pidledger/report/changes"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/spec"
)

// How much of a list the text shows without details.
const (
	shortCurrencies = 6
	shortRestated   = 3
	shortNotes      = 3 // a check that failed is one
	forSteps        = 6 // lines that notes leave for what to do

	fewestCurrencies = 1 // that are left where notes need the room
)

// printShort writes what fits into Lines lines: first the answer, and of what is worth a look and of what to do as much as there is room for.
func (s *Summary) printShort(p *human.Printer) {
	currencies, since := shortCurrencies, s.printSince
	answer := func(p *human.Printer) { s.printAnswer(p, currencies) }
	rest := rowsOf(s.printFoot) + rowsOf(func(p *human.Printer) { printSteps(p, s.Next, 1); printNotes(p, s.Notes, 1) })
	if rowsOf(answer)+rowsOf(since)+rest > Lines && !s.isAttributedRestated() {
		since = func(*human.Printer) {} // that nothing changed
	}
	for currencies > fewestCurrencies && rowsOf(answer)+rowsOf(since)+rest > Lines {
		currencies--
	}
	fixed := rowsOf(answer) + rowsOf(since) + rowsOf(s.printFoot)
	notes := func(n int) func(*human.Printer) { return func(p *human.Printer) { printNotes(p, s.Notes, n) } }
	shown := shortNotes
	for shown > 1 && fixed+rowsOf(notes(shown)) > Lines-forSteps {
		shown--
	}
	fixed += rowsOf(notes(shown))
	// What to do comes before what to look at, but for the first of each.
	looks, steps := 0, 0
	fits := func(looks, steps int) bool {
		return fixed+rowsOf(func(p *human.Printer) { printLooks(p, s.Changes, looks); printSteps(p, s.Next, steps) }) <= Lines
	}
	for _, more := range [][2]int{{0, 1}, {1, 1}, {1, 2}, {2, 2}, {2, 3}, {3, 3}, {3, 4}} {
		if fits(more[0], more[1]) {
			looks, steps = more[0], more[1]
		}
	}
	steps = max(steps, 1)
	answer(p)
	since(p)
	printLooks(p, s.Changes, looks)
	printSteps(p, s.Next, steps)
	notes(shown)(p)
	s.printFoot(p)
}

// rowsOf counts the lines of a terminal that a text takes.
func rowsOf(write func(*human.Printer)) (rows int) {
	var b bytes.Buffer
	write(human.NewPrinter(&b, false))
	for line := range strings.Lines(b.String()) {
		rows += max(1, (utf8.RuneCountInString(strings.TrimSuffix(line, "\n"))+human.Width-1)/human.Width)
	}
	return rows
}

// printAnswer says which channel leads and how much is attributed: of one currency in sentences, of several in a line each, of so many at most.
func (s *Summary) printAnswer(p *human.Printer, currencies int) {
	if s.OnlyUsage {
		p.Line(human.Red, nothingToGoBy)
		p.Line(human.Plain, "pidledger collect gets it from Azure, every night (pidledger help exports).")
	}
	if text := s.standing(); text != "" {
		p.Line(human.Bold, text)
	}
	if s.OnlyUsage {
		return // the answer is that there is none
	}
	switch len(s.Short) {
	case 0:
	case 1:
		for i, text := range s.Short[0].Sentences {
			style := human.Plain
			if i == 0 {
				style = human.Bold
			}
			p.Text(style, 0, text)
		}
		if a := s.Short[0]; a.Before != "" {
			p.Text(human.Plain, 0, fmt.Sprintf("Attributed: %s %s, after %s in %s (%s).",
				human.Rounded(a.Attributed), currencyName(a.Currency), human.Rounded(a.CostBefore), a.Before, human.Growth(a.Growth)))
		}
	default:
		p.Text(human.Bold, 0, leaders(s.Short))
		s.printCurrencies(p, currencies)
	}
	s.printSoFar(p)
	s.printTargets(p)
}

// printTargets says how far the targets are reached, and what all currencies bring together.
func (s *Summary) printTargets(p *human.Printer) {
	if len(s.Short) == 0 {
		return
	}
	months := []string{s.Short[0].Month}
	if s.LatestMonth != months[0] {
		months = append(months, s.LatestMonth)
	}
	for _, text := range s.Targets.Sentences(months...) {
		p.Text(human.Plain, 0, text)
	}
	if len(months) > 1 && s.Targets.Method != "" {
		p.Text(human.Dim, 0, s.Targets.Method)
	}
	if text := s.Targets.Indication(months[0]); text != "" {
		p.Text(human.Plain, 0, text)
	}
}

// leaders says in one sentence which channel leads in which currency.
func leaders(all []Short) string {
	var who []string
	in := map[string][]string{}
	for _, a := range all[:min(len(all), shortCurrencies)] {
		name := strings.Join(a.Leads, " and ")
		if in[name] == nil {
			who = append(who, name)
		}
		in[name] = append(in[name], currencyName(a.Currency))
	}
	var parts []string
	verb := " leads"
	for _, name := range who {
		list := in[name]
		where := list[len(list)-1]
		if len(list) > 1 {
			where = strings.Join(list[:len(list)-1], ", ") + " and " + where
		}
		switch {
		case name == "":
			name, verb = "nothing is attributed", " leads"
		case strings.Contains(name, " and "):
			name, verb = name+" are level", " leads"
		default:
			name, verb = name+verb, ""
		}
		parts = append(parts, name+" in "+where)
	}
	return "In " + all[0].Month + " " + strings.Join(parts, ", ") + "."
}

func (s *Summary) printCurrencies(p *human.Printer, most int) {
	since := "growth"
	if before := s.Short[0].Before; before != "" {
		since = "since " + before
	}
	t := &human.Table{Right: map[int]bool{1: true, 2: true, 3: true, 5: true}, Drop: []int{6, 5, 2}, Short: []int{4}}
	t.Row(human.Dim, "", "attributed", since, "of usage", "leads", "with", "largest gap")
	for _, a := range s.Short[:min(len(s.Short), most)] {
		t.Row(minor(a.Attributed), currencyName(a.Currency), human.Rounded(a.Attributed), a.growth(), human.Percent(a.Share),
			human.OrDash(strings.Join(a.Leads, ", ")), human.Percent(a.LeadsShare), human.OrDash(a.Largest))
	}
	p.Table(t)
	p.More(len(s.Short) - most)
}

// growth shows the growth, and where it says little by itself what it grew from.
func (a Short) growth() string {
	text := human.Growth(a.Growth)
	if text == human.Tenfold {
		text += " (" + human.Rounded(a.CostBefore) + ")"
	}
	return text
}

// printSoFar says what the month in progress brought, beside as many days of the month before.
func (s *Summary) printSoFar(p *human.Printer) {
	var parts []string
	text := ""
	for _, a := range s.Short[:min(len(s.Short), shortCurrencies)] {
		if a.SoFar == nil {
			continue
		}
		part := human.Rounded(a.SoFar.Cost) + " " + currencyName(a.Currency)
		if a.SoFar.Growth != "" {
			part += " (" + human.Growth(a.SoFar.Growth) + ")"
		}
		parts = append(parts, part)
		text = fmt.Sprintf("%s so far, %s, and growth since as many days of %s: ", a.SoFar.Month, human.Plural(int64(a.SoFar.Days), "day"), spec.MonthBefore(a.SoFar.Month))
	}
	if len(parts) > 0 {
		p.Text(human.Plain, 0, text+strings.Join(parts, ", ")+".")
	}
}

// causes of the report restatements, as the summary says them.
var causes = map[string]string{
	"usage": "other usage was delivered", "registry": "the registrations changed", "evidence": "evidence was delivered", "settings": "settings changed", "exclusions": "exclusions changed",
}

func (r Restated) isAttributed() bool { return r.Status == "attributed" }

// isAttributedRestated tells whether what was attributed before is not what is now.
func (s *Summary) isAttributedRestated() bool {
	return slices.ContainsFunc(s.Restated, Restated.isAttributed)
}

// printSince says what became of the attributed amounts that were reported before, and why.
func (s *Summary) printSince(p *human.Printer) {
	if s.LastRun == "" || s.Unchanged {
		return
	}
	attributed := slices.DeleteFunc(slices.Clone(s.Restated), func(r Restated) bool { return !r.isAttributed() })
	p.Line(human.Plain, "")
	if len(attributed) == 0 {
		text := "Since the last run no attributed amount of a reported month changed."
		if n := len(s.Restated); n > 0 {
			text = "Since the last run no attributed amount of a reported month changed, but " + human.Were(int64(n), "other did.", "others did.")
		}
		p.Line(human.Plain, text)
		return
	}
	p.Line(human.Bold, "Attributed since the last run")
	for _, r := range attributed[:min(len(attributed), shortRestated)] {
		why := causes[r.Cause]
		if why == "" {
			why = r.Cause
		}
		p.Text(human.Plain, 2, fmt.Sprintf("%s: %s %s, was %s (%s): %s", r.Month, human.Rounded(r.New), currencyName(r.Currency), human.Rounded(r.Old), human.Signed(r.Difference), why))
	}
	p.More(len(attributed) - shortRestated)
}

// printLooks shows the first of what is worth a look. The commands are in the details.
func printLooks(p *human.Printer, all []changes.Change, most int) {
	shown := worthALook(all)
	if len(shown) == 0 || most == 0 {
		return
	}
	p.Section("Worth a look")
	for _, c := range shown[:min(len(shown), most)] {
		p.Text(human.Plain, 2, human.Clean(c.What))
	}
	p.More(len(shown) - most)
}

// printFoot says what was read, and where the reports and the details are.
func (s *Summary) printFoot(p *human.Printer) {
	p.Line(human.Plain, "")
	text := "Run " + human.Clean(s.RunID)
	if s.Seconds > 0 {
		text += " took " + human.Duration(time.Duration(s.Seconds*float64(time.Second)))
	}
	if s.DataThrough != "" {
		text += ", usage through " + s.DataThrough
	}
	if in := s.Inputs; in != nil {
		var files []string
		for _, c := range in.Files {
			files = append(files, human.Thousands(c.Files)+" "+c.Status)
		}
		if len(files) > 0 {
			text += "; files: " + strings.Join(files, ", ")
		}
		text += fmt.Sprintf("; %s rows read, %s rejected", human.Thousands(in.Rows), human.Thousands(in.Rejected))
		if n := RejectedRows(in.Before); n > 0 {
			text += fmt.Sprintf(" and %s before", human.Thousands(n))
		}
	}
	p.Text(human.Plain, 0, text+".")
	where := human.Clean(s.Reports.Dir) + ", " + human.Plural(int64(s.Reports.Reports), "report") + " as " + strings.Join(s.Reports.Formats, ", ")
	for _, format := range s.Reports.Formats {
		if name := spec.DocumentFile(format); name != "" {
			where = human.Clean(filepath.Join(s.Reports.Dir, name))
			break
		}
	}
	p.Line(human.Plain, "Reports: "+where)
	if s.Details != "" {
		p.Command("Details: ", s.Details)
	}
}

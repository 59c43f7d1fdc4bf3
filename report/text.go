package report

import (
	"cmp"
	"fmt"
	"io"
	"math/big"
	"strconv"
	"strings"
	"time"
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
	p := &page{w: w, color: color}
	p.head(s)
	p.inputs(s.Inputs)
	for _, m := range s.Money {
		p.money(s, m)
	}
	p.givenUp(s.GivenUp)
	p.restated(s)
	p.channels(s)
	p.changes(s.Changes)
	p.ids(s)
	p.malformed(s.Malformed)
	p.notes(s.Notes)
	p.reports(s.Reports)
	p.next(s.Next)
	return p.err
}

// page writes sections and remembers the first error.
type page struct {
	w     io.Writer
	color bool
	err   error
}

func (p *page) line(style Style, text string) {
	if p.err == nil {
		_, p.err = fmt.Fprintln(p.w, style.Paint(text, p.color))
	}
}

func (p *page) table(t *Table) {
	t.Indent = "  "
	if p.err == nil {
		p.err = t.Write(p.w, p.color)
	}
}

// section begins a section: a blank line and a title.
func (p *page) section(title string) {
	p.line(Plain, "")
	p.line(Bold, title)
}

func (p *page) head(s *Summary) {
	if s.OnlyUsage {
		p.line(Red, "Nothing can be attributed: there is usage, but no evidence of who created it.")
		p.line(Plain, "Get it for each subscription, now and every night (pidledger help exports):")
		for _, command := range evidenceCommands {
			p.line(Bold, "  "+command)
		}
		p.line(Plain, "")
	}
	if s.RunID == "" {
		p.line(Bold, "pidledger")
		return
	}
	text := "Run " + Clean(s.RunID)
	if !s.Started.IsZero() {
		text += ", started " + s.Started.UTC().Format("2006-01-02 15:04:05") + " UTC"
	}
	if s.Seconds > 0 {
		text += ", took " + Duration(time.Duration(s.Seconds*float64(time.Second)))
	}
	p.line(Bold, text)
	if s.DataThrough != "" {
		p.line(Plain, "Usage through "+s.DataThrough)
	}
}

func (p *page) inputs(in *Inputs) {
	if in == nil {
		return
	}
	p.section("Files")
	t := &Table{Right: map[int]bool{1: true}}
	for _, c := range in.Files {
		style := Plain
		if c.Status == "failed" || c.Status == "unknown" {
			style = Red
		}
		t.Row(style, c.Status, Thousands(c.Files))
	}
	if t.Empty() {
		t.Row(Plain, "none")
	}
	p.table(t)
	rows := fmt.Sprintf("  %s rows read, %s rejected", Thousands(in.Rows), Thousands(in.Rejected))
	style := Plain
	if in.Rejected > 0 {
		style = Yellow
	}
	p.line(style, rows)
	if n := RejectedRows(in.Before); n > 0 {
		p.line(Yellow, fmt.Sprintf("  %s missing in every report: %s", were(n, "row, rejected in an earlier run, is", "rows, rejected in earlier runs, are"), RejectedIn(in.Before)))
	}

	if len(in.Problems) > 0 {
		p.section("Files that could not be used")
		t := &Table{}
		for _, f := range in.Problems[:min(len(in.Problems), showProblems)] {
			t.Row(Plain, f.Status, f.Path, f.Reason)
		}
		p.table(t)
		p.more(len(in.Problems) - showProblems)
	}
	if len(in.Rejects) > 0 {
		p.section("Rejected rows, first places")
		t := &Table{}
		for _, r := range in.Rejects[:min(len(in.Rejects), showRejects)] {
			t.Row(Plain, place(r), r.Column, r.Reason, "("+plural(r.FileRows, "row")+" of this file)")
		}
		p.table(t)
		p.more(len(in.Rejects) - showRejects)
	}
}

func (p *page) more(n int) {
	if n > 0 {
		p.line(Dim, fmt.Sprintf("  and %s more", Thousands(int64(n))))
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

func (p *page) money(s *Summary, m Money) {
	name := m.Currency
	if name == "" {
		name = "no currency"
	}
	p.section("Effective cost in " + Clean(name))
	t := &Table{Right: map[int]bool{1: true, 2: true, 3: true, 4: true, 5: true}}
	t.Row(Dim, "", s.LatestMonth, "share", "all months", "share", "rows")
	row := func(style Style, indent string, l Share) {
		t.Row(style, indent+l.Name, Rounded(l.Latest.EffectiveCost), Percent(l.Latest.Share),
			Rounded(l.All.EffectiveCost), Percent(l.All.Share), Thousands(l.All.UsageRows))
	}
	for _, l := range m.Statuses {
		switch l.Name {
		case "attributed":
			row(Green, "", l)
		case "not_usage":
			// comes below the sum that it is no part of
		default:
			row(Plain, "", l)
		}
		if l.Name == "unattributed" {
			for _, r := range m.Reasons {
				row(Dim, "  ", r)
			}
		}
	}
	row(Bold, "", m.Usage)
	for _, l := range m.Statuses {
		if l.Name == "not_usage" {
			row(Plain, "", l)
			row(Bold, "", m.Total)
		}
	}
	p.table(t)
}

func (p *page) channels(s *Summary) {
	if len(s.Channels) == 0 {
		return
	}
	p.section("Top channels in " + s.LatestMonth)
	t := &Table{Right: map[int]bool{3: true, 4: true, 5: true, 6: true, 7: true}}
	t.Row(Dim, "channel", "offer", "", "effective cost", "of offer", "growth", "customers", "deployments")
	for _, c := range s.Channels {
		t.Row(Plain, orDash(c.Channel), orDash(c.Offer), c.Currency, Rounded(c.EffectiveCost), Percent(c.Share), growth(c.Growth),
			Thousands(c.Customers), Thousands(c.Deployments))
	}
	p.table(t)
}

// reasons of the report overlaps, as the summary says them.
var overlapReasons = map[string]string{
	"wider_scope": "a wider export has it", "newer_run": "a newer export has it", "same_charges": "delivered twice", "other_basis": "another cost basis",
	"outside_range": "outside the days of its run", "added_up": "perhaps delivered twice",
}

// givenUp says in one line what was delivered and does not count, and what counts in doubt.
func (p *page) givenUp(all []GivenUp) {
	var dropped, doubtful []string
	for _, g := range all {
		text := Rounded(g.EffectiveCost)
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
		p.line(Plain, "")
		p.line(Plain, Clean(strings.Join(parts, ". ")+". The report overlaps names the exports and files."))
	}
}

// restated shows what became of months that had been reported before, and why.
func (p *page) restated(s *Summary) {
	if len(s.Restated) == 0 {
		return
	}
	p.section("Since the last run (effective cost)")
	t := &Table{Right: map[int]bool{3: true, 4: true, 5: true}}
	t.Row(Dim, "month", "", "status", "was", "is", "difference", "why")
	for _, r := range s.Restated[:min(len(s.Restated), showRestated)] {
		t.Row(Plain, r.Month, r.Currency, r.Status, Rounded(r.Old), Rounded(r.New), signedAmount(r.Difference), r.Cause)
	}
	p.table(t)
	p.more(len(s.Restated) - showRestated)
}

// signedAmount is Rounded with a sign.
func signedAmount(a Amount) string {
	if a.sign() > 0 {
		return "+" + strings.TrimPrefix(Rounded(a), "<")
	}
	return Rounded(a)
}

func (p *page) ids(s *Summary) {
	if len(s.NewIDs) > 0 {
		p.section("Tracking ids seen for the first time")
		for _, id := range s.NewIDs[:min(len(s.NewIDs), showIDs)] {
			p.line(Plain, "  "+Clean(id))
		}
		p.more(len(s.NewIDs) - showIDs)
	}
	t := &Table{Right: map[int]bool{3: true}}
	for _, u := range s.Unregistered {
		if u.Currency == "" && u.EffectiveCost.sign() == 0 {
			continue // seen, but nothing runs under it
		}
		t.Row(Plain, u.TrackingID, u.Kind, u.Currency, Rounded(u.EffectiveCost), "seen "+period(u.FirstSeen, u.LastSeen))
	}
	if !t.Empty() {
		p.section("Ids without a registration in force, most money first")
		p.table(t)
	}
}

func (p *page) malformed(lines []Malformed) {
	if len(lines) == 0 {
		return
	}
	p.section("Malformed tokens")
	t := &Table{}
	for _, m := range lines {
		hint := ""
		if m.Suggestion != "" {
			hint = "meant: " + m.Suggestion
		}
		t.Row(Plain, m.Token, m.Reason, strings.ReplaceAll(m.Source, "_", " "), plural(m.Sightings, "sighting"), hint)
	}
	p.table(t)
}

func (p *page) notes(notes []string) {
	if len(notes) == 0 {
		return
	}
	p.section("Notes")
	for _, n := range notes[:min(len(notes), showNotes)] {
		p.line(Plain, "  "+Clean(n))
	}
	p.more(len(notes) - showNotes)
}

func (p *page) reports(f *Folder) {
	if f == nil {
		return
	}
	p.section("Reports")
	p.line(Plain, fmt.Sprintf("  %s: %s (%s), %s, %s", Clean(f.Dir), plural(int64(f.Reports), "report"), strings.Join(f.Formats, ", "),
		plural(int64(f.Files), "file"), Bytes(f.Bytes)))
}

func (p *page) next(steps []Step) {
	if len(steps) == 0 {
		return
	}
	p.section("What to do next")
	for i, s := range steps {
		p.line(Plain, fmt.Sprintf("  %d. %s: %s", i+1, Clean(s.Why), Clean(s.Do)))
		if s.Command != "" {
			p.line(Bold, "       "+Clean(s.Command))
		}
	}
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func period(first, last string) string {
	if first == last {
		return first
	}
	return first + " to " + last
}

// Rounded shows an amount with two decimals and a comma between thousands. What is not zero never looks like zero.
func Rounded(a Amount) string {
	if a == "" {
		return "-"
	}
	r := a.rat()
	text := r.FloatString(2)
	if strings.Trim(text, "-0.") == "" {
		switch r.Sign() {
		case 1:
			return "<0.01"
		case -1:
			return ">-0.01"
		}
		return "0.00"
	}
	whole, frac, _ := strings.Cut(text, ".")
	return group(whole) + "." + frac
}

// Percent shows a ratio as percent with one decimal; an empty one as a dash.
func Percent(ratio string) string {
	if ratio == "" {
		return "-"
	}
	r := Amount(ratio).rat()
	text := new(big.Rat).Mul(r, big.NewRat(100, 1)).FloatString(1)
	if strings.Trim(text, "-0.") == "" {
		switch r.Sign() {
		case 1:
			return "<0.1 %"
		case -1:
			return ">-0.1 %"
		}
		return "0.0 %"
	}
	return text + " %"
}

// growth is Percent with a sign.
func growth(ratio string) string {
	if Amount(ratio).sign() > 0 {
		return "+" + strings.TrimPrefix(Percent(ratio), "<")
	}
	return Percent(ratio)
}

// Thousands shows an integer with a comma between thousands.
func Thousands(n int64) string { return group(strconv.FormatInt(n, 10)) }

func group(digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Thousands(n) + " " + noun + "s"
}

// Bytes shows a size in decimal units.
func Bytes(n int64) string {
	units := []string{"kB", "MB", "GB", "TB", "PB", "EB"}
	if n < 1000 {
		return strconv.FormatInt(n, 10) + " B"
	}
	f := float64(n)
	unit := ""
	for _, u := range units {
		if f < 999.95 {
			break
		}
		f, unit = f/1000, u
	}
	return strconv.FormatFloat(f, 'f', 1, 64) + " " + unit
}

// Duration shows a time span with what matters of it: 0.4 s, 12 s, 3 min 20 s, 2 h 5 min.
func Duration(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	case d < time.Minute:
		return strconv.FormatFloat(d.Seconds(), 'f', 0, 64) + " s"
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
}

package explain

import (
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/spec"
)

// How much of a long list the text shows; the JSON form has all.
const (
	showRequests = 5
	showLines    = 20
)

// shown gives the lines of a list that the text shows, and says below them how many there are besides.
func shown[T any](p *page, indent int, list []T) iter.Seq[T] {
	return func(yield func(T) bool) {
		for i, line := range list {
			if i == showLines {
				p.more(indent, showLines, len(list))
				return
			}
			if !yield(line) {
				return
			}
		}
	}
}

// View is how a text is shown.
type View struct {
	Width int  // of the terminal, in characters; sentences are broken there, ids and paths never
	Color bool // whether it shows colours
	Exact bool // amounts with every digit
}

// page writes lines and remembers the first error.
type page struct {
	w    io.Writer
	view View
	err  error
}

// line writes a sentence, broken at the width; in a section the lines after the first are indented by two blanks more.
func (p *page) line(style human.Style, indent int, text string) {
	const least = 40
	width := max(p.view.Width-indent, least)
	var lines []string
	row := ""
	for _, word := range strings.Fields(human.Clean(text)) {
		if row != "" && utf8.RuneCountInString(row)+1+utf8.RuneCountInString(word) > width {
			lines, row = append(lines, row), word
			if indent > 0 {
				row = "  " + word
			}
			continue
		}
		if row != "" {
			row += " "
		}
		row += word
	}
	for _, l := range append(lines, row) {
		if p.err == nil {
			_, p.err = fmt.Fprintln(p.w, strings.Repeat(" ", indent)+style.Paint(l, p.view.Color))
		}
	}
}

// section begins a section: a blank line and a title.
func (p *page) section(title string) {
	if p.err == nil {
		_, p.err = fmt.Fprintln(p.w)
	}
	p.line(human.Bold, 0, title)
}

func (p *page) table(t *human.Table) {
	t.Indent, t.Width = "  ", p.view.Width
	if p.err == nil {
		p.err = t.Write(p.w, p.view.Color)
	}
}

// more says how much of a list is not shown.
func (p *page) more(indent, shown, all int) {
	if all > shown {
		p.line(human.Dim, indent, fmt.Sprintf("and %s more; --json has all", human.Thousands(int64(all-shown))))
	}
}

// WriteText writes the answer for a person: the conclusion, then the chain.
func (a *Answer) WriteText(w io.Writer, v View) error {
	p := &page{w: w, view: v}
	p.line(human.Bold, 0, a.Conclusion)
	for _, n := range a.Notes {
		p.line(human.Plain, 0, n)
	}
	if a.Resource != nil {
		p.resource(a.Resource)
	}
	p.usage(a.Usage)
	p.customer(a.Customer)
	p.requests(a.Requests)
	p.owned(a.Owned)
	if a.Token != nil {
		p.lost(a.Token.Lost)
	}
	p.reach(a.Reach)
	p.missing(a.Missing)
	p.line(human.Plain, 0, "")
	p.line(human.Dim, 0, strings.TrimSpace("Snapshot "+a.RunID+through(a.DataThrough)))
	return p.err
}

func through(day string) string {
	if day == "" {
		return ""
	}
	return ", usage through " + day
}

func (p *page) resource(r *Resource) {
	p.section("Resource")
	p.line(human.Plain, 2, r.ID)
	if r.JudgedBy != r.ID {
		p.line(human.Plain, 2, "judged by "+r.JudgedBy)
	}
	if r.FirstUsage != "" {
		p.line(human.Plain, 2, "usage from "+r.FirstUsage+" on")
	}
	if len(r.Lifetimes) > 0 {
		p.section("Lifetimes")
	}
	for i, l := range r.Lifetimes {
		until := "no deletion is known"
		if d := l.Deleted; d != nil {
			until = "ended " + moment(d.Time)
			if d.DeletedID != r.JudgedBy {
				until += " with " + d.DeletedID
			}
			until += d.in()
		}
		p.line(human.Bold, 2, fmt.Sprintf("%d. from %s, %s", i+1, day(l.Writes[0].Time), until))
		for w := range shown(p, 4, l.Writes) {
			p.write(&w, 4)
		}
	}
	p.spans(r.Spans)
	p.money(r)
}

// moment is a time for a person, to the second.
func moment(ts string) string {
	if len(ts) > 19 {
		ts = ts[:19]
	}
	return strings.Replace(ts, "T", " ", 1)
}

func (p *page) write(w *Write, indent int) {
	what := "written"
	if w.Position == 1 {
		what = "first written"
	}
	p.line(human.Plain, indent, fmt.Sprintf("%s %s by request %s%s", what, moment(w.Time), w.CorrelationID, w.in()))
	seen := w.Sightings
	for _, t := range w.Tags {
		style, id := human.Yellow, "a malformed token"
		if t.TrackingID != "" {
			id = pid(t.TrackingID)
		}
		if t.Standing == "in_force" {
			style = human.Green
		}
		rank := ""
		if len(w.Tags) > 1 {
			rank = fmt.Sprintf(", rank %d", t.Rank)
		}
		registration := ""
		if t.Registration != nil {
			registration = ": " + t.Registration.String() + t.Registration.in()
		}
		p.line(style, indent+2, fmt.Sprintf("%s, %s, by %s%s%s", id, strings.ReplaceAll(t.Standing, "_", " "), map[bool]string{true: "User-Agent", false: "deployment name"}[t.Method == "user_agent"], rank, registration))
	}
	if len(w.Tags) == 0 {
		p.line(human.Dim, indent+2, "no tracking id")
	}
	p.sightings(seen, indent+2)
}

func (p *page) sightings(list []Sighting, indent int) {
	var all []string
	for _, s := range list {
		reason := ""
		if s.Reason != "" {
			reason = ", " + s.Reason
		}
		all = append(all, fmt.Sprintf("seen %s: %s %s%s%s", moment(s.Time), sourceWords[s.Source], s.Text, reason, s.in()))
	}
	all = unique(all) // one text may hold several tokens
	for line := range shown(p, indent, all) {
		p.line(human.Plain, indent, line)
	}
}

func (p *page) spans(list []Span) {
	p.section("Status")
	t := &human.Table{Below: true}
	reasoned := slices.ContainsFunc(list, func(s Span) bool { return s.Reason != "" })
	row := func(style human.Style, cells ...string) {
		if !reasoned {
			const reason = 3
			cells = slices.Delete(cells, reason, reason+1)
		}
		t.Row(style, cells...)
	}
	row(human.Bold, "from", "to", "status", "reason", "rule", "tracking id")
	for _, s := range list {
		from, to := s.From, s.To
		if from <= "0001-01-01" {
			from = "-"
		}
		if to >= "9999-12-31" {
			to = "-"
		}
		row(statusStyle(s.Status), from, to, s.Status, dash(s.Reason), s.Rule, dash(s.TrackingID))
	}
	p.table(t)
}

func statusStyle(status string) human.Style {
	if status == "attributed" {
		return human.Green
	}
	return human.Yellow
}

// amount shows an amount, rounded unless every digit is wanted.
func (p *page) amount(text string) string {
	if p.view.Exact {
		return dash(text)
	}
	return human.Rounded(spec.Amount(text))
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func (p *page) money(r *Resource) {
	if len(r.Money) == 0 {
		return
	}
	p.section("Money")
	t := &human.Table{Right: map[int]bool{2: true, 4: true}, Drop: []int{4}}
	t.Row(human.Bold, "month", "status", "effective cost", "", "rows", "tracking id")
	var places []string
	for _, m := range r.Money {
		t.Row(statusStyle(m.Status), m.Month, m.Status, p.amount(m.Effective), dash(m.Currency), human.Thousands(m.Rows), dash(m.TrackingID))
		if m.File != "" {
			places = append(places, fmt.Sprintf("%s: first row on %s%s", m.Month, m.FirstUsage, m.in()))
		}
	}
	p.table(t)
	for _, s := range unique(places) {
		p.line(human.Dim, 2, s)
	}
	if r.Day == "" {
		return
	}
	p.section("Usage rows of " + r.Day)
	if len(r.DayRows) == 0 {
		p.line(human.Plain, 2, "none is attributed; what is not is published by month only")
		return
	}
	for d := range shown(p, 2, r.DayRows) {
		p.line(human.Plain, 2, fmt.Sprintf("%s %s for %s %s of %s, credited to %s%s", p.amount(d.Effective), d.Currency, dash(d.Quantity), dash(d.Unit), dash(d.Meter), pid(d.TrackingID), d.in()))
	}
}

func (p *page) usage(list []ScopeCost) {
	if len(list) == 0 {
		return
	}
	p.section("Usage")
	t := &human.Table{Right: map[int]bool{4: true, 6: true, 7: true}, Drop: []int{7, 6}, Short: []int{2, 3}}
	t.Row(human.Bold, "status", "reason", "offer", "channel", "effective cost", "", "resources", "rows")
	for _, u := range list {
		t.Row(statusStyle(u.Status), u.Status, dash(u.Reason), dash(u.Offer), dash(u.Channel), p.amount(u.Effective), u.Currency, human.Thousands(u.Resources), human.Thousands(u.Rows))
	}
	p.table(t)
}

func (p *page) customer(list []CustomerUse) {
	if len(list) == 0 {
		return
	}
	p.section("Its subscriptions")
	for c := range shown(p, 2, list) {
		when := c.First
		if c.Last != c.First {
			when += " to " + c.Last
		}
		p.line(human.Plain, 2, fmt.Sprintf("%s: %s %s, %s, %s, %s", c.SubscriptionID, p.amount(c.Effective), c.Currency, dash(c.Offer), dash(c.Channel), when))
	}
}

func (p *page) requests(list []*Request) {
	if len(list) == 0 {
		return
	}
	p.section("Requests")
	for i, r := range list {
		if i == showRequests {
			p.more(2, showRequests, len(list))
			return
		}
		state := ""
		if r.Failed != nil && *r.Failed {
			state = ", a deployment failed"
		}
		p.line(human.Bold, 2, r.CorrelationID+", began "+moment(r.Start)+state)
		p.sightings(r.Sightings, 4)
		for d := range shown(p, 4, r.Deployments) {
			text := fmt.Sprintf("deployment %s %s%s", d.Name, strings.ToLower(dash(d.State)), d.in())
			if d.ErrorCode != "" {
				text = fmt.Sprintf("deployment %s %s (%s)%s", d.Name, strings.ToLower(dash(d.State)), d.ErrorCode, d.in())
			}
			p.line(human.Plain, 4, text)
		}
		for w := range shown(p, 4, r.Writes) {
			order := ""
			if w.Position != 1 {
				order = " (not its first write)"
			}
			p.line(human.Plain, 4, fmt.Sprintf("wrote %s%s%s", w.ResourceID, order, w.in()))
		}
	}
}

func (p *page) owned(list []Owned) {
	if len(list) == 0 {
		return
	}
	p.section("Usage that it owns")
	for o := range shown(p, 2, list) {
		p.line(statusStyle(o.Status), 2, fmt.Sprintf("%s %s %s: %s, %s to %s", p.amount(o.Effective), o.Currency, o.Status, o.ResourceID, o.FirstUsage, o.LastUsage))
	}
}

func (p *page) lost(list []Lost) {
	if len(list) == 0 {
		return
	}
	p.section("What it costs")
	for l := range shown(p, 2, list) {
		p.line(human.Yellow, 2, fmt.Sprintf("%s %s: %s", p.amount(l.Effective), l.Currency, l.ResourceID))
	}
}

func (p *page) reach(list []Reach) {
	if len(list) == 0 {
		return
	}
	p.section("Evidence of the subscription")
	t := &human.Table{Right: map[int]bool{3: true}}
	t.Row(human.Bold, "kind", "from", "to", "records")
	for _, r := range list {
		t.Row(human.Plain, kindWords[r.Kind], r.First, r.Last, human.Thousands(r.Records))
	}
	p.table(t)
}

func (p *page) missing(list []Missing) {
	if len(list) == 0 {
		return
	}
	p.section("Missing")
	for _, m := range list {
		p.line(human.Yellow, 2, m.Link)
		p.line(human.Plain, 4, m.Have)
		p.line(human.Plain, 4, "get it: "+m.Get)
	}
}

// WriteText writes what was verified for a person.
func (v *Verification) WriteText(w io.Writer, view View) error {
	p := &page{w: w, view: view}
	p.line(human.Bold, 0, v.Conclusion)
	if v.Registration != nil {
		p.line(human.Plain, 0, "Registered for "+v.Registration.String()+v.Registration.in()+".")
	}
	for _, n := range v.Notes {
		p.line(human.Plain, 0, n)
	}
	if len(v.Carriers) > 0 {
		p.section("Deployments and calls")
	}
	for c := range shown(p, 2, v.Carriers) {
		state := c.State
		switch {
		case c.Source == "user_agent" && state == "":
			state = "call"
		case !c.Recorded && c.Failed != nil && *c.Failed:
			state = "failed, no record of its own"
		case !c.Recorded:
			state = "no record of its own"
		}
		if c.ErrorCode != "" {
			state += " (" + c.ErrorCode + ")"
		}
		p.line(human.Bold, 2, c.ID)
		p.line(human.Plain, 4, fmt.Sprintf("%s, %s, correlation id %s, id %s%s", moment(c.Time), state, c.CorrelationID, strings.ReplaceAll(c.Standing, "_", " "), c.in()))
		if c.Source == "user_agent" {
			p.line(human.Plain, 4, "User-Agent "+c.Text)
		}
	}
	if len(v.Resources) > 0 {
		p.section("Resources")
	}
	for r := range shown(p, 2, v.Resources) {
		why := ""
		switch {
		case !r.IsFirst:
			why = ", existed before"
		case !r.IsPrimary:
			why = ", credited to another id"
		}
		p.line(human.Plain, 2, r.ResourceID)
		p.line(human.Dim, 4, fmt.Sprintf("%s, correlation id %s%s%s", moment(r.Time), r.CorrelationID, why, r.in()))
	}
	if len(v.Extensions) > 0 {
		p.section("Extensions of resources, which have no usage of their own")
	}
	for x := range shown(p, 2, v.Extensions) {
		p.line(human.Plain, 2, x.ResourceID)
	}
	return p.err
}

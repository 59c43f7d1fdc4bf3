package explain

import (
	"context"
	"fmt"
	"sort"
	"strings"
)

// resource explains one resource.
func (e *Explainer) resource(ctx context.Context, a *Answer, on string) error {
	r := &Resource{ID: a.ID, Day: on}
	a.Resource = r
	usage, err := first[struct {
		First    string `json:"first_usage_date"`
		Positive string `json:"first_positive_date"`
	}](ctx, e, "resource", params{"resource": a.ID})
	if err != nil {
		return err
	}
	if usage != nil {
		r.FirstUsage, r.FirstPositive = usage.First, usage.Positive
	}
	spans, err := ask[Span](ctx, e, "spans", params{"resources": a.ID})
	if err != nil {
		return err
	}
	if len(spans) == 0 {
		return &NothingError{Asked: a.Asked}
	}
	r.JudgedBy = spans[0].SubjectID
	if r.Money, err = ask[Money](ctx, e, "money", params{"resource": a.ID}); err != nil {
		return err
	}
	r.Spans = r.relevant(spans)
	if err := e.lifetimes(ctx, r); err != nil {
		return err
	}
	if r.Moves, err = ask[Move](ctx, e, "moves", params{"resource": a.ID}); err != nil {
		return err
	}
	for i := range r.Moves {
		r.Moves[i].Evidence = "move"
	}
	if r.NoWrites, err = ask[NoWrite](ctx, e, "no_writes", params{"resource": a.ID}); err != nil {
		return err
	}
	if r.Doubts, err = ask[Doubt](ctx, e, "doubts", params{"resource": r.JudgedBy}); err != nil {
		return err
	}
	if r.Manager, err = first[Manager](ctx, e, "manager", params{"resource": a.ID}); err != nil {
		return err
	}
	if a.Reach, err = ask[Reach](ctx, e, "reach", params{"subscription": subscriptionOf(a.ID)}); err != nil {
		return err
	}
	if on != "" {
		if r.DayRows, err = ask[DayRow](ctx, e, "day", params{"resource": a.ID, "day": on}); err != nil {
			return err
		}
	}
	c := &chain{explainer: e, resource: r, answer: a}
	c.conclude(on)
	return c.remark(ctx)
}

// relevant keeps the spans that the usage of a resource reaches into, and the asked day; without usage all.
func (r *Resource) relevant(all []Span) []Span {
	from, to := r.FirstUsage, ""
	for _, m := range r.Money {
		if from == "" || m.FirstUsage < from {
			from = m.FirstUsage
		}
		to = max(to, m.LastUsage)
	}
	var out []Span
	for _, s := range all {
		s.ResourceID = ""
		if to == "" || s.From <= to && s.To >= from || r.Day != "" && s.From <= r.Day && r.Day <= s.To {
			out = append(out, s)
		}
	}
	return out
}

// lifetimes puts the writes and deletions of the judging resource together.
func (e *Explainer) lifetimes(ctx context.Context, r *Resource) error {
	writes, err := e.writesOf(ctx, []string{r.JudgedBy}, nil)
	if err != nil {
		return err
	}
	var requests []string
	for _, w := range writes {
		requests = append(requests, w.CorrelationID)
	}
	sightings, err := e.sightingsOf(ctx, requests)
	if err != nil {
		return err
	}
	deployments, err := e.deploymentsOf(ctx, requests)
	if err != nil {
		return err
	}
	deletes, err := ask[Deleted](ctx, e, "deletes", params{"resource": r.JudgedBy})
	if err != nil {
		return err
	}
	sort.SliceStable(writes, func(i, j int) bool {
		if writes[i].Lifetime != writes[j].Lifetime {
			return writes[i].Lifetime < writes[j].Lifetime
		}
		return writes[i].Position < writes[j].Position
	})
	if err := e.placeMoved(ctx, writes); err != nil {
		return err
	}
	for _, w := range writes {
		w.Sightings = sightings[w.CorrelationID]
		for _, d := range deployments[w.CorrelationID] {
			w.Deployments = append(w.Deployments, d.Name)
		}
		w.Deployments = unique(w.Deployments)
		n := len(r.Lifetimes)
		if n == 0 || r.Lifetimes[n-1].Number != w.Lifetime {
			l := Lifetime{Number: w.Lifetime}
			// No deletion lies between the writes of a lifetime: it ends with the first one after any of them. Times of one form sort as texts.
			for _, d := range deletes {
				if w.Time != "" && d.Time > w.Time {
					d.ResourceID = ""
					l.Deleted = &d
					break
				}
			}
			r.Lifetimes = append(r.Lifetimes, l)
			n++
		}
		r.Lifetimes[n-1].Writes = append(r.Lifetimes[n-1].Writes, w)
	}
	return nil
}

// placeMoved finds the records of writes that stand under another id, from before a move: those of the same request and name.
func (e *Explainer) placeMoved(ctx context.Context, writes []Write) error {
	var requests []string
	for _, w := range writes {
		if w.File == "" {
			requests = append(requests, w.CorrelationID)
		}
	}
	if len(requests) == 0 {
		return nil
	}
	all, err := ask[Write](ctx, e, "writes", params{"resources": "", "requests": list(unique(requests)...)})
	if err != nil {
		return err
	}
	for i, w := range writes {
		for _, other := range all {
			if w.File == "" && other.File != "" && other.CorrelationID == w.CorrelationID && name(other.ResourceID) == name(w.ResourceID) {
				writes[i].Place = other.Place
			}
		}
	}
	return nil
}

// chain puts the sentences about a resource together.
type chain struct {
	explainer *Explainer
	resource  *Resource
	answer    *Answer
	span      Span // that the conclusion is about
}

func (c *chain) note(format string, args ...any) {
	c.answer.Notes = append(c.answer.Notes, fmt.Sprintf(format, args...))
}

// conclude says whose the resource is: on the asked day, else on its last day of usage; the other spans are notes.
func (c *chain) conclude(on string) {
	spans := c.resource.Spans
	at := len(spans) - 1
	for i, s := range spans {
		if on != "" && s.From <= on && on <= s.To {
			at = i
		}
	}
	c.span = spans[at]
	text := c.sentence(c.span)
	if on != "" {
		text = "On " + on + ": " + text
	}
	if c.resource.FirstUsage == "" && len(c.resource.Money) == 0 {
		text += " No export holds usage of it."
	}
	c.answer.Conclusion = text
	for i, s := range spans {
		if i != at {
			c.note("%s: %s", s.days(), c.sentence(s))
		}
	}
}

// days writes the days of a span.
func (s Span) days() string {
	switch {
	case s.From <= "0001-01-01" && s.To >= "9999-12-31":
		return "All days"
	case s.From <= "0001-01-01":
		return "To " + s.To
	case s.To >= "9999-12-31":
		return "From " + s.From
	case s.From == s.To:
		return "On " + s.From
	}
	return "From " + s.From + " to " + s.To
}

// lifetimeOf is the lifetime that a span belongs to, the last that began by its first day; nil when no write is known.
func (c *chain) lifetimeOf(s Span) *Lifetime {
	var found *Lifetime
	for i := range c.resource.Lifetimes {
		l := &c.resource.Lifetimes[i]
		if found == nil || day(l.Writes[0].Time) <= s.From {
			found = l
		}
	}
	return found
}

// owning is the write that a span names as its owner; nil when it is not visible.
func (c *chain) owning(s Span) *Write {
	for i := range c.resource.Lifetimes {
		for j := range c.resource.Lifetimes[i].Writes {
			if w := &c.resource.Lifetimes[i].Writes[j]; w.CorrelationID == s.CorrelationID && s.CorrelationID != "" {
				return w
			}
		}
	}
	return nil
}

// subject names the resource at the beginning of a sentence, and says through which other one it is judged.
func (c *chain) subject(verb string, s Span) (begin, through string) {
	begin = name(c.resource.ID) + " " + verb
	if s.SubjectID == c.resource.ID {
		return begin, "it"
	}
	through = "takes the owner of " + name(s.SubjectID)
	if s.Method == "managed_group" || c.inManagedGroup() {
		return begin + ": its resource group is managed by " + name(s.SubjectID) + ", whose owner it takes", name(s.SubjectID)
	}
	return begin + ": it has no write of its own and " + through, name(s.SubjectID)
}

func (c *chain) inManagedGroup() bool {
	return c.resource.Manager != nil && strings.HasPrefix(c.resource.JudgedBy+"/", c.resource.Manager.ManagerID+"/")
}

// carried says which request wrote it, and where it carried the id.
func (c *chain) carried(s Span, what string) string {
	w := c.owning(s)
	if w == nil {
		return fmt.Sprintf("request %s, which %s, carried %s", s.CorrelationID, what, pid(s.TrackingID))
	}
	text := fmt.Sprintf("request %s, which %s on %s%s, carried %s", s.CorrelationID, what, day(w.Time), w.in(), pid(s.TrackingID))
	method := s.Method
	if t := w.primary(); t != nil {
		method = t.Method
	}
	if g := sightingOf(w.Sightings, s.TrackingID, method); g != nil {
		text += fmt.Sprintf(" in a %s%s", sourceWords[g.Source], g.in())
	}
	return text
}

// registration is that of the owning id of a span; nil when it is not registered.
func (c *chain) registration(s Span) *Registration {
	if w := c.owning(s); w != nil {
		for _, t := range w.Tags {
			if t.TrackingID == s.TrackingID {
				return t.Registration
			}
		}
	}
	return nil
}

// sentence says in one sentence what a span is, and by which link.
func (c *chain) sentence(s Span) string {
	switch s.Status {
	case "attributed":
		begin, it := c.subject("is yours", s)
		what := "created " + it
		if s.Rule == "latest_write" {
			what = "wrote " + it + " last"
		}
		text := begin + ": " + c.carried(s, what)
		if r := c.registration(s); r != nil {
			text += fmt.Sprintf("; the id is registered for %s%s", r, r.in())
		}
		return text + "."
	case "late":
		begin, it := c.subject("does not count", s)
		text := begin + ": " + c.carried(s, "created "+it)
		if r := c.registration(s); r != nil {
			text += fmt.Sprintf(", and that id was registered only on %s%s (late)", r.RegisteredAt, r.in())
		}
		return text + ". With attribution.retroactive: true it would count."
	case "unregistered":
		begin, it := c.subject("is not yours", s)
		text := begin + ": " + c.carried(s, "created "+it)
		if r := c.registration(s); r != nil {
			return text + fmt.Sprintf(", and that id was retired on %s%s (unregistered).", r.RetiredAt, r.in())
		}
		return text + ", and that id is not in the registry (unregistered)."
	case "system":
		begin, it := c.subject("is not yours", s)
		return begin + ": " + c.carried(s, "created "+it) + ", which a tool sends by itself, and no other id (system)."
	case "preexisting":
		return c.preexisting(s)
	case "malformed":
		return c.malformed(s)
	}
	return c.unattributed(s)
}

// preexisting says why a resource is older than the id that a later write of it carried.
func (c *chain) preexisting(s Span) string {
	begin, it := c.subject("is not yours", s)
	l := c.lifetimeOf(s)
	if l == nil {
		return begin + ": it is older than the request that carried an id (preexisting)."
	}
	w := l.Writes[0]
	var tagged *Write
	for i := range l.Writes {
		p := l.Writes[i].primary()
		if p != nil && (p.Standing == "in_force" || p.Standing == "late" || p.Standing == "retired") {
			tagged = &l.Writes[i]
			break
		}
	}
	id := "the id"
	if tagged != nil {
		id = pid(tagged.primary().TrackingID)
	}
	switch s.Rule {
	case "first_write_is_update":
		return fmt.Sprintf("%s: the first known write of %s, on %s%s, is an update by a resource change of the same request, so it existed before %s came with request %s (preexisting).",
			begin, it, day(w.Time), w.in(), id, tagged.request())
	case "usage_before_first_write":
		return fmt.Sprintf("%s: its usage begins on %s, before its first known write on %s%s, so it existed before %s came with request %s (preexisting).",
			begin, c.resource.FirstPositive, day(w.Time), w.in(), id, tagged.request())
	}
	text := fmt.Sprintf("%s: its first write on %s%s carried no tracking id", begin, day(w.Time), w.in())
	if p := w.primary(); p != nil {
		text = fmt.Sprintf("%s: its first write on %s%s carried %s, which is not yours", begin, day(w.Time), w.in(), pid(p.TrackingID))
	}
	if tagged != nil {
		text += fmt.Sprintf("; %s came with a later one on %s, of request %s%s", id, day(tagged.Time), tagged.CorrelationID, tagged.in())
	}
	return text + " (preexisting)."
}

// request is the correlation id of a write that may not be visible.
func (w *Write) request() string {
	if w == nil {
		return "of a later write"
	}
	return w.CorrelationID
}

// malformed says which tokens the first write carried.
func (c *chain) malformed(s Span) string {
	begin, it := c.subject("is not yours", s)
	l := c.lifetimeOf(s)
	if l == nil {
		return begin + ": the request that created " + it + " carried only malformed tokens (malformed)."
	}
	w := l.Writes[0]
	var tokens []string
	for _, g := range w.Sightings {
		if g.Reason != "" {
			tokens = append(tokens, fmt.Sprintf("%s (%s) in a %s%s", g.Token, g.Reason, sourceWords[g.Source], g.in()))
		}
	}
	return fmt.Sprintf("%s: request %s, which created %s on %s%s, carried only %s (malformed).",
		begin, w.CorrelationID, it, day(w.Time), w.in(), and(unique(tokens)))
}

// unattributed says which link is missing.
func (c *chain) unattributed(s Span) string {
	r := c.resource
	begin, _ := c.subject("is not yours", s)
	switch {
	case s.Reason == "deleted" || s.Rule == "deleted":
		for i := len(r.Lifetimes) - 1; i >= 0; i-- {
			if d := r.Lifetimes[i].Deleted; d != nil && day(d.Time) < s.To {
				what := "it was deleted"
				switch {
				case d.Evidence == "move":
					what = "it was moved away"
				case d.DeletedID != r.JudgedBy:
					what = "it was deleted with " + name(d.DeletedID)
				}
				until := "after that"
				if i+1 < len(r.Lifetimes) {
					until = "until " + day(r.Lifetimes[i+1].Writes[0].Time)
				}
				return fmt.Sprintf("%s: %s on %s%s, and no write of it is known %s (deleted).", begin, what, day(d.Time), d.in(), until)
			}
		}
		return begin + ": it was deleted before (deleted)."
	case s.Reason == "moved":
		text := begin + ": no write of it is known, and a move brought resources of its name here"
		for _, m := range r.Moves {
			if m.OldID != r.ID {
				return fmt.Sprintf("%s; the one on %s from %s%s names it, but what was moved has no known write either (moved).", text, day(m.Time), m.OldID, m.in())
			}
		}
		return text + ", whose record does not name them (moved)."
	case s.Reason == "no_evidence":
		return fmt.Sprintf("%s: no write of it is known, and no evidence of subscription %s reaches back to its first usage on %s (no_evidence).",
			begin, subscriptionOf(r.ID), r.FirstUsage)
	}
	l := c.lifetimeOf(s)
	switch {
	case s.Rule == "before_first_write" && len(r.Lifetimes) > 0:
		w := r.Lifetimes[0].Writes[0]
		return fmt.Sprintf("%s: these days are before its first known write on %s%s (untagged).", begin, day(w.Time), w.in())
	case l == nil || s.Rule == "no_write":
		return fmt.Sprintf("%s: no write of it is known, by hand or by a tagged request, though evidence of its subscription reaches back to its first usage on %s (untagged).",
			begin, r.FirstUsage)
	}
	w := l.Writes[0]
	return fmt.Sprintf("%s: its first write on %s%s, by request %s, carried no tracking id (untagged).", begin, day(w.Time), w.in(), w.CorrelationID)
}

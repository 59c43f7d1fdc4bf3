package explain

import (
	"context"
	"fmt"
	"slices"
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

// remark adds what looks like a link and is none, what shares the credit, and which exports would have held a missing link.
func (c *chain) remark(ctx context.Context) error {
	c.remarkCredit()
	c.remarkLater()
	if err := c.remarkRequest(ctx); err != nil {
		return err
	}
	if err := c.remarkSuggestions(ctx); err != nil {
		return err
	}
	c.remarkDeletion()
	c.remarkMoves()
	c.remarkDoubts()
	if err := c.remarkNoWrites(ctx); err != nil {
		return err
	}
	if c.span.Status == "unattributed" {
		c.remarkUntagged()
		if err := c.remarkGroup(ctx); err != nil {
			return err
		}
	}
	c.remarkUnrecorded()
	c.gaps()
	return c.remarkMonths(ctx)
}

// remarkCredit tells of several ids on the owning request who got what.
func (c *chain) remarkCredit() {
	w := c.owning(c.span)
	if w == nil || len(w.Tags) < 2 {
		return
	}
	p := w.primary()
	if p == nil {
		return
	}
	credit := c.explainer.settings.Credit
	var sharing, others []string
	for _, t := range w.Tags {
		switch {
		case t.Rank == 1 || t.TrackingID == "":
		case t.Standing == "in_force" && p.Standing == "in_force" && credit != "primary":
			sharing = append(sharing, pid(t.TrackingID))
		default:
			others = append(others, fmt.Sprintf("%s (%s)", pid(t.TrackingID), strings.ReplaceAll(t.Standing, "_", " ")))
		}
	}
	if len(sharing)+len(others) == 0 {
		return
	}
	why := "it was seen first"
	next := w.Tags[1]
	switch {
	case next.Standing != p.Standing:
		why = "an id that is " + strings.ReplaceAll(p.Standing, "_", " ") + " goes before one that is " + strings.ReplaceAll(next.Standing, "_", " ")
	case partner(w.Sightings, p.TrackingID) && !partner(w.Sightings, next.TrackingID):
		why = "a partnercenter id goes first"
	case p.Method != next.Method:
		why = "a deployment name goes before a User-Agent"
	}
	text := fmt.Sprintf("Several ids are on that request: %s goes first, for %s", pid(p.TrackingID), why)
	if len(sharing) > 0 {
		text += map[string]string{"split": "; equal shares go to ", "full": "; all of it goes to "}[credit] + and(sharing) + ", too"
	}
	if len(others) > 0 {
		text += "; " + and(others) + " got nothing"
	}
	c.note("%s (attribution.credit: %s).", text, credit)
}

// partner tells whether an id was seen with the ending of Marketplace offers.
func partner(list []Sighting, id string) bool {
	return slices.ContainsFunc(list, func(s Sighting) bool {
		return s.TrackingID == id && strings.Contains(strings.ToLower(s.Text), id+partnerEnding)
	})
}

// remarkLater tells of later writes under another id, which change nothing.
func (c *chain) remarkLater() {
	l := c.lifetimeOf(c.span)
	if l == nil || c.span.Rule != "first_write" {
		return
	}
	for _, w := range l.Writes[1:] {
		if p := w.primary(); p != nil && p.TrackingID != c.span.TrackingID {
			c.note("Request %s wrote it again on %s%s and carried %s; the first write decides (attribution.owner: %s).",
				w.CorrelationID, day(w.Time), w.in(), pid(p.TrackingID), c.explainer.settings.Owner)
		}
	}
}

// remarkRequest tells that a deployment of the owning request failed.
func (c *chain) remarkRequest(ctx context.Context) error {
	if c.span.CorrelationID == "" {
		return nil
	}
	ids, err := ask[RequestID](ctx, c.explainer, "requests", params{"requests": c.span.CorrelationID})
	if err != nil {
		return err
	}
	for _, i := range ids {
		if i.Failed != nil && *i.Failed > 0 {
			c.note("A deployment of that request failed; what had been created by then counts.")
			break
		}
	}
	return nil
}

// remarkSuggestions tells which id a malformed token was meant to be.
func (c *chain) remarkSuggestions(ctx context.Context) error {
	l := c.lifetimeOf(c.span)
	if l == nil || c.span.Status != "malformed" {
		return nil
	}
	var tokens []string
	for _, s := range l.Writes[0].Sightings {
		if s.Reason != "" {
			tokens = append(tokens, s.Token)
		}
	}
	for _, token := range unique(tokens) {
		m, err := first[Malformed](ctx, c.explainer, "token", params{"token": token})
		if err != nil {
			return err
		}
		if m != nil && m.Suggestion != "" {
			c.note("%s was probably meant to be %s, which is registered.", token, pid(m.Suggestion))
		}
	}
	return nil
}

// remarkDeletion tells that the resource is gone.
func (c *chain) remarkDeletion() {
	if n := len(c.resource.Lifetimes); n > 0 && c.span.Rule != "deleted" {
		if d := c.resource.Lifetimes[n-1].Deleted; d != nil && d.Evidence != "move" {
			with := ""
			if d.DeletedID != c.resource.JudgedBy {
				with = " with " + name(d.DeletedID)
			}
			c.note("It was deleted%s on %s%s.", with, day(d.Time), d.in())
		}
	}
}

func (c *chain) remarkMoves() {
	for _, m := range c.resource.Moves {
		if strings.HasPrefix(c.resource.ID+"/", m.NewID+"/") {
			c.note("It was moved here on %s from %s%s; earlier writes stand under that id.", day(m.Time), m.OldID, m.in())
		} else {
			c.note("It was moved away on %s to %s%s.", day(m.Time), m.NewID, m.in())
		}
	}
}

// remarkDoubts tells where a run of a deployment was chosen by the rule, and no record tells.
func (c *chain) remarkDoubts() {
	for _, d := range c.resource.Doubts {
		c.note("%d runs of the deployment %s could have written it, for their records do not say when they began; request %s is that of the first that ended afterwards. "+
			"The activity log of the subscription has their starts.", d.Runs, name(d.DeploymentID), d.CorrelationID)
	}
}

// remarkNoWrites tells of evidence that touched the resource and wrote nothing.
func (c *chain) remarkNoWrites(ctx context.Context) error {
	var requests []string
	for _, n := range c.resource.NoWrites {
		requests = append(requests, n.CorrelationID)
	}
	if len(requests) == 0 {
		return nil
	}
	sightings, err := c.explainer.sightingsOf(ctx, requests)
	if err != nil {
		return err
	}
	said := map[string]bool{}
	for _, n := range c.resource.NoWrites {
		var tokens []string
		for _, s := range sightings[n.CorrelationID] {
			tokens = append(tokens, s.Token)
		}
		with := ""
		if ids := unique(tokens); len(ids) > 0 {
			with = ", which carried " + and(ids) + ","
		}
		var text string
		switch {
		case n.Why == "read":
			text = fmt.Sprintf("Request %s%s only read it on %s%s: that is no write.", n.CorrelationID, with, day(n.Time), n.in())
		case n.Why == "type" && n.Evidence == "activity":
			text = fmt.Sprintf("Request %s%s has an operation %s of it on %s%s: that is no write of the resource.", n.CorrelationID, with, n.Action, day(n.Time), n.in())
		case n.Why == "type":
			text = fmt.Sprintf("Request %s%s wrote only %s of it on %s%s: that is no write of the resource.", n.CorrelationID, with, extension(n.ResourceID), day(n.Time), n.in())
		case strings.HasSuffix(n.Action, "/delete"):
			text = fmt.Sprintf("A deletion on %s failed%s: its lifetime goes on.", day(n.Time), n.in())
		default:
			text = fmt.Sprintf("Request %s%s tried to write it on %s and failed%s.", n.CorrelationID, with, day(n.Time), n.in())
		}
		key := n.CorrelationID + n.Why + extension(n.ResourceID)
		if !said[key] {
			said[key] = true
			c.note("%s", text)
		}
	}
	return nil
}

// extension names the last provider and type in the id of an extension.
func extension(id string) string {
	at := strings.LastIndex(id, "/providers/")
	parts := strings.Split(id[max(at, 0):], "/")
	if len(parts) > 3 {
		return parts[2] + "/" + parts[3]
	}
	return name(id)
}

// remarkUntagged tells of names and calls around an untagged first write that look tagged.
func (c *chain) remarkUntagged() {
	l := c.lifetimeOf(c.span)
	if l == nil || c.span.Rule != "first_write_untagged" {
		return
	}
	w := l.Writes[0]
	for _, d := range w.Deployments {
		if strings.HasPrefix(strings.ToLower(d), "pid-") || strings.HasPrefix(strings.ToLower(d), "46d3x") {
			c.note("The deployment %s of that request looks tagged, but its name holds no tracking id.", d)
		}
	}
	if len(w.Sightings) > 0 && len(w.Tags) == 0 {
		var calls []string
		for _, s := range w.Sightings {
			calls = append(calls, fmt.Sprintf("%s on the call for %s%s", s.Token, name(s.ScopeID), s.in()))
		}
		c.note("Other calls of the same correlation id (one Terraform run) carried ids: %s. Under attribution.shared_correlation: %s each tags only its own call.",
			and(unique(calls)), c.explainer.settings.SharedCorrelation)
	}
}

// remarkGroup tells of a tagged resource group, which passes nothing on, and of a managed one.
func (c *chain) remarkGroup(ctx context.Context) error {
	if m := c.resource.Manager; m != nil && !c.explainer.settings.InheritManaged {
		whose := "is nobody's"
		if m.TrackingID != "" {
			whose = "is owned by " + pid(m.TrackingID)
		}
		c.note("Its resource group is managed by %s, which %s; with attribution.inherit_managed_groups: true it would follow it.", m.ManagerID, whose)
	}
	if !c.explainer.settings.InheritChildren && c.resource.JudgedBy == c.resource.ID && len(c.resource.Lifetimes) == 0 {
		c.note("attribution.inherit_children is false, so it takes nothing from a resource that it lies in.")
	}
	if len(c.resource.Lifetimes) > 0 {
		return nil
	}
	g, err := first[Write](ctx, c.explainer, "group_writes", params{"resource": c.resource.ID})
	if err != nil || g == nil {
		return err
	}
	c.note("Its resource group was written by request %s, which carried an id, on %s%s; a resource group passes nothing on to what lies in it.",
		g.CorrelationID, day(g.Time), g.in())
	return nil
}

// remarkUnrecorded tells that the deployment of the owning id has no record of its own.
func (c *chain) remarkUnrecorded() {
	w := c.owning(c.span)
	if w == nil || c.span.Method == "user_agent" {
		return
	}
	t := w.primary()
	if t == nil || t.Method != "template" {
		return
	}
	if s := sightingOf(w.Sightings, t.TrackingID, t.Method); s != nil && s.Evidence != "deployment" {
		c.note("The deployment %s has no record of its own, only its name is known (%s). Azure purges and overwrites such records.",
			s.Text, evidenceWords[s.Evidence])
	}
}

// gaps lists the exports that would have held what is missing.
func (c *chain) gaps() {
	a, r := c.answer, c.resource
	add := func(link, kind, at string) { a.Missing = append(a.Missing, missing(link, kind, at, a.Reach)) }
	switch {
	case c.span.Status == "unattributed" && (c.span.Reason == "no_evidence" || c.span.Rule == "no_write" || c.span.Rule == "before_first_write"):
		link := "the creation of " + name(r.ID) + ", on or before " + r.FirstUsage
		for _, kind := range []string{"activity", "deployments", "operations", "changes"} {
			if !covers(a.Reach, kind, r.FirstUsage) {
				add(link, kind, r.FirstUsage)
			}
		}
	case c.span.Status == "unattributed" && c.span.Rule == "first_write_untagged", c.span.Status == "preexisting":
		l := c.lifetimeOf(c.span)
		if l == nil {
			return
		}
		w := l.Writes[0]
		at := day(w.Time)
		if len(w.Deployments) == 0 && !covers(a.Reach, "deployments", at) {
			add("the name of the deployment behind its first write, if there was one", "deployments", at)
		}
		if !covers(a.Reach, "requests", at) {
			add("the User-Agent of its first write", "requests", at)
		}
	}
	for _, l := range r.Lifetimes {
		for _, w := range l.Writes {
			if w.File == "" {
				a.Missing = append(a.Missing, Missing{
					Link: fmt.Sprintf("the record of the write on %s by request %s", day(w.Time), w.CorrelationID),
					Have: "it stands under another id, from before a move", Get: "pidledger explain with the old id",
				})
			}
		}
	}
}

// remarkMonths tells of months, after its first one, in which there are exports and it has no usage.
func (c *chain) remarkMonths(ctx context.Context) error {
	if len(c.resource.Money) == 0 {
		return nil
	}
	months, err := ask[struct {
		Month string `json:"month"`
	}](ctx, c.explainer, "months", nil)
	if err != nil {
		return err
	}
	has := map[string]bool{}
	for _, m := range c.resource.Money {
		has[m.Month] = true
	}
	var none []string
	for _, m := range months {
		if m.Month > c.resource.Money[0].Month && !has[m.Month] {
			none = append(none, m.Month)
		}
	}
	if len(none) > 0 {
		c.note("There is no usage of it in %s.", and(none))
	}
	return nil
}

package explain

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// remark adds what looks like a link and is not one, what shares the credit, and which exports would have held a missing link.
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
			text = fmt.Sprintf("Request %s%s only read it on %s%s: that is not a write.", n.CorrelationID, with, day(n.Time), n.in())
		case n.Why == "type" && n.Evidence == "activity":
			text = fmt.Sprintf("Request %s%s has an operation %s of it on %s%s: that is not a write of the resource.", n.CorrelationID, with, n.Action, day(n.Time), n.in())
		case n.Why == "type":
			text = fmt.Sprintf("Request %s%s wrote only %s of it on %s%s: that is not a write of the resource.", n.CorrelationID, with, extension(n.ResourceID), day(n.Time), n.in())
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
	g, err := first[struct {
		CorrelationID string
		Time          string `sql:"ts"`
		Place
	}](ctx, c.explainer, "group_writes", params{"resource": c.resource.ID})
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
			add("the name of the deployment after its first write, if there was one", "deployments", at)
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
	months, err := ask[string](ctx, c.explainer, "months", nil)
	if err != nil {
		return err
	}
	has := map[string]bool{}
	for _, m := range c.resource.Money {
		has[m.Month] = true
	}
	var none []string
	for _, m := range months {
		if m > c.resource.Money[0].Month && !has[m] {
			none = append(none, m)
		}
	}
	if len(none) > 0 {
		c.note("There is no usage of it in %s.", and(none))
	}
	return nil
}

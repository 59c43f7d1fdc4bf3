package explain

import (
	"context"
	"fmt"
	"math/big"
	"strings"

	"github.com/pidledger/pidledger/report/human"
)

// request explains a correlation id.
func (e *Explainer) request(ctx context.Context, a *Answer) (err error) {
	if a.Requests, err = e.requestsOf(ctx, []string{a.ID}); err != nil {
		return err
	}
	if len(a.Requests) == 0 {
		return &NothingError{Asked: a.Asked}
	}
	if err := e.owned(ctx, a, ""); err != nil {
		return err
	}
	a.Conclusion = "Request " + a.ID + " of " + day(a.Requests[0].Start) + " " + requestSentence(a.Requests[0], a.Owned)
	a.remarkRequests()
	return nil
}

// deployment explains a deployment id: every run of it.
func (e *Explainer) deployment(ctx context.Context, a *Answer) error {
	runs, err := ask[Deployment](ctx, e, "deployments", params{"requests": "", "deployments": a.ID})
	if err != nil {
		return err
	}
	seen, err := ask[Sighting](ctx, e, "sightings", params{"requests": "", "scopes": a.ID, "tracking": "", "token": ""})
	if err != nil {
		return err
	}
	var ids []string
	for _, d := range runs {
		ids = append(ids, d.CorrelationID)
	}
	for _, s := range seen {
		ids = append(ids, s.CorrelationID)
	}
	if a.Requests, err = e.requestsOf(ctx, ids); err != nil {
		return err
	}
	if len(a.Requests) == 0 {
		return &NothingError{Asked: a.Asked}
	}
	if err := e.owned(ctx, a, ""); err != nil {
		return err
	}
	n := len(a.Requests)
	last := a.Requests[n-1]
	begin := "Deployment " + name(a.ID) + " ran once, on " + day(last.Start) + ": request " + last.CorrelationID + " "
	if n > 1 {
		begin = fmt.Sprintf("Deployment %s ran %d times; the last one, request %s of %s, ", name(a.ID), n, last.CorrelationID, day(last.Start))
	}
	a.Conclusion = begin + requestSentence(last, a.Owned)
	if n > 1 {
		a.Notes = append(a.Notes, "Of all its runs together: "+ownedSentence("", a.Owned)+".")
	}
	a.remarkRequests()
	return nil
}

// owned lists what the requests of an answer, or an id, own.
func (e *Explainer) owned(ctx context.Context, a *Answer, tracking string) (err error) {
	var ids []string
	if tracking == "" {
		for _, r := range a.Requests {
			ids = append(ids, r.CorrelationID)
		}
	}
	a.Owned, err = ask[Owned](ctx, e, "owned", params{"requests": list(ids...), "tracking": tracking})
	return err
}

// requestSentence says what a request carried and what came of it.
func requestSentence(r *Request, owned []Owned) string {
	var ids, tokens, resources []string
	for _, i := range r.IDs {
		ids = append(ids, fmt.Sprintf("%s (%s)", pid(i.TrackingID), strings.ReplaceAll(i.Standing, "_", " ")))
	}
	for _, s := range r.Sightings {
		if s.Reason != "" {
			tokens = append(tokens, fmt.Sprintf("%s (malformed: %s)", s.Token, s.Reason))
		}
	}
	for _, w := range r.Writes {
		resources = append(resources, w.ResourceID)
	}
	text := "carried no tracking id"
	switch {
	case len(ids) > 0:
		text = "carried " + and(unique(ids))
	case len(tokens) > 0:
		text = "carried only " + and(unique(tokens))
	}
	n := len(unique(resources))
	noun := count(n, "resource")
	if n == 0 {
		noun = "nothing that is known"
	}
	text += " and wrote " + noun
	if r.Failed != nil && *r.Failed {
		text += ", though a deployment of it failed"
	}
	return text + "; " + ownedSentence(r.CorrelationID, owned) + "."
}

// ownedSentence adds up what a request owns; an empty correlation id means all.
func ownedSentence(correlation string, owned []Owned) string {
	byStatus := map[string][]string{}
	amounts := map[string]sum{}
	for _, o := range owned {
		if correlation != "" && o.CorrelationID != correlation {
			continue
		}
		if amounts[o.Status] == nil {
			amounts[o.Status] = sum{}
		}
		amounts[o.Status].add(o.Currency, o.Effective)
		byStatus[o.Status] = append(byStatus[o.Status], o.ResourceID)
	}
	var parts []string
	for _, status := range []string{"attributed", "late", "unregistered", "system"} {
		if ids := unique(byStatus[status]); len(ids) > 0 {
			parts = append(parts, fmt.Sprintf("%s of %s %s", amounts[status], count(len(ids), "resource"), map[bool]string{true: "are attributed to it", false: "are " + status}[status == "attributed"]))
		}
	}
	if len(parts) == 0 {
		return "it owns no usage"
	}
	return and(parts)
}

// remarkRequests tells of deployments that are known by name only.
func (a *Answer) remarkRequests() {
	for _, r := range a.Requests {
		for _, s := range r.unrecorded() {
			a.Notes = append(a.Notes, fmt.Sprintf("The deployment %s of request %s has no record of its own, only its name is known%s. Azure purges and overwrites such records.",
				s.Text, r.CorrelationID, s.in()))
		}
	}
}

// tracking explains a tracking id.
func (e *Explainer) tracking(ctx context.Context, a *Answer) error {
	t := &Tracking{ID: a.ID}
	a.Tracking = t
	registered, err := e.registered(ctx, []string{a.ID})
	if err != nil {
		return err
	}
	t.Registration = registered[a.ID]
	seen, err := ask[Sighting](ctx, e, "sightings", params{"requests": "", "scopes": "", "tracking": a.ID, "token": ""})
	if err != nil {
		return err
	}
	var ids []string
	for _, s := range seen {
		ids = append(ids, s.CorrelationID)
	}
	if a.Requests, err = e.requestsOf(ctx, ids); err != nil {
		return err
	}
	if t.Misspelt, err = ask[Malformed](ctx, e, "tokens_meant", params{"tracking": a.ID}); err != nil {
		return err
	}
	if err := e.owned(ctx, a, a.ID); err != nil {
		return err
	}
	t.Requests = len(a.Requests)
	if t.Requests > 0 {
		t.FirstSeen, t.LastSeen = day(a.Requests[0].Start), day(a.Requests[t.Requests-1].Start)
	}
	a.Conclusion = t.sentence(a)
	for _, m := range t.Misspelt {
		a.Notes = append(a.Notes, fmt.Sprintf("The malformed token %s (%s), seen in %s, was probably meant to be it.", m.Token, m.Reason, count(int(m.Sightings), "request")))
	}
	if t.Requests == 0 {
		witnesses, err := ask[string](ctx, e, "witnesses", nil)
		if err != nil {
			return err
		}
		have := "no deployment name and no User-Agent of what was delivered holds it"
		if len(witnesses) == 0 {
			have = "no evidence was delivered that could carry an id: no deployments, operations, activity or request logs"
		}
		a.Missing = append(a.Missing, Missing{
			Link: "a deployment or call that carried the id", Have: have,
			Get: "the deployments and activity log of the subscriptions where it was used, and request logs for API calls; pidledger status shows how far each reaches",
		})
	}
	return nil
}

func (t *Tracking) sentence(a *Answer) string {
	text := pid(t.ID) + " is not in the registry"
	if r := t.Registration; r != nil {
		text = fmt.Sprintf("%s is registered for %s%s", pid(t.ID), r, r.in())
		if r.RetiredAt != "" {
			text += ", retired on " + r.RetiredAt
		}
	}
	for _, r := range a.Requests {
		for _, i := range r.IDs {
			if i.TrackingID == t.ID && i.Standing == "system" {
				text = pid(t.ID) + " is an id that a tool sends by itself"
			}
		}
	}
	if t.Requests == 0 {
		return text + ", and was never seen in a deployment name or User-Agent."
	}
	when := "on " + t.FirstSeen
	if t.LastSeen != t.FirstSeen {
		when = "from " + t.FirstSeen + " to " + t.LastSeen
	}
	return fmt.Sprintf("%s; it was seen in %s %s, and %s.", text, count(t.Requests, "request"), when, ownedSentence("", a.Owned))
}

// token explains a malformed token.
func (e *Explainer) token(ctx context.Context, a *Answer) error {
	m, err := first[Malformed](ctx, e, "token", params{"token": a.ID})
	if err != nil {
		return err
	}
	seen, err := ask[Sighting](ctx, e, "sightings", params{"requests": "", "scopes": "", "tracking": "", "token": a.ID})
	if err != nil {
		return err
	}
	if m == nil || len(seen) == 0 {
		return &NothingError{Asked: a.Asked} // what was seen was seen where somebody opted out
	}
	a.Token = m
	var ids []string
	for _, s := range seen {
		ids = append(ids, s.CorrelationID)
	}
	if a.Requests, err = e.requestsOf(ctx, ids); err != nil {
		return err
	}
	if m.Lost, err = ask[Lost](ctx, e, "lost", params{"requests": list(unique(ids)...)}); err != nil {
		return err
	}
	costs := sum{}
	var lost []string
	for _, l := range m.Lost {
		if l.Rows > 0 {
			costs.add(l.Currency, l.Effective)
			lost = append(lost, l.ResourceID)
		}
	}
	text := fmt.Sprintf("%s is not a tracking id (%s): it was seen in %s, in a %s%s", m.Token, m.Reason, count(len(a.Requests), "request"), sourceWords[m.Source], seen[0].in())
	if n := len(unique(lost)); n > 0 {
		text += fmt.Sprintf(", and %s of %s are nobody's because of it", costs, count(n, "resource"))
	}
	if m.Suggestion != "" {
		text += "; probably meant was " + pid(m.Suggestion)
	}
	a.Conclusion = text + "."
	return nil
}

// scope explains a subscription or resource group.
func (e *Explainer) scope(ctx context.Context, a *Answer) (err error) {
	if a.Usage, err = e.usageOf(ctx, a.ID); err != nil {
		return err
	}
	if a.Reach, err = ask[Reach](ctx, e, "reach", params{"subscription": subscriptionOf(a.ID)}); err != nil {
		return err
	}
	what := map[string]string{KindSubscription: "subscription ", KindResourceGroup: "resource group "}[a.Kind] + name(a.ID)
	a.Conclusion = "There is evidence of " + what + ", but no usage of it."
	if len(a.Usage) > 0 {
		a.Conclusion = yours(a.Usage, what)
	}
	for _, kind := range []string{"activity", "deployments", "operations", "requests"} {
		if !hasKind(a.Reach, kind) {
			a.Missing = append(a.Missing, missing("whatever only "+kindWords[kind]+" tell", kind, "", a.Reach))
		}
	}
	return nil
}

// usageOf adds up the usage in subscriptions or resource groups.
func (e *Explainer) usageOf(ctx context.Context, scopes ...string) ([]ScopeCost, error) {
	return ask[ScopeCost](ctx, e, "scope", params{"scopes": list(scopes...)})
}

// yours says how much of the usage is attributed.
func yours(usage []ScopeCost, what string) string {
	part, all := sum{}, sum{}
	for _, u := range usage {
		all.add(u.Currency, u.Effective)
		part.add(u.Currency, "0")
		if u.Status == "attributed" {
			part.add(u.Currency, u.Effective)
		}
	}
	return fmt.Sprintf("%s of the usage in %s is yours, of %s in all.", part.share(all), what, all)
}

// customer explains a customer whose tenant is known: what its subscriptions use of which offer, and through which channel.
func (e *Explainer) customer(ctx context.Context, a *Answer, label string) (err error) {
	if a.Customer, err = ask[CustomerUse](ctx, e, "customer", params{"customer": a.ID}); err != nil {
		return err
	}
	var scopes []string
	for _, c := range a.Customer {
		scopes = append(scopes, "/subscriptions/"+c.SubscriptionID)
	}
	if a.Usage, err = e.usageOf(ctx, unique(scopes)...); err != nil {
		return err
	}
	what := "the subscriptions of customer " + a.ID
	if label != "" {
		what = "the subscriptions of " + label + " (" + a.ID + ")"
	}
	a.Conclusion = yours(a.Usage, what)
	return nil
}

func hasKind(reach []Reach, kind string) bool {
	for _, r := range reach {
		if r.Kind == kind {
			return true
		}
	}
	return false
}

// share writes amounts with their part of all, where that is one currency.
func (s sum) share(all sum) string {
	text := s.String()
	if len(all) != 1 {
		return text
	}
	for c, x := range all {
		if x.Sign() > 0 && s[c] != nil {
			text += " (" + human.Percent(new(big.Rat).Quo(s[c], x).FloatString(18)) + ")"
		}
	}
	return text
}

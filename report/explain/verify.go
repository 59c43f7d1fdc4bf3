package explain

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/spec"
)

// What Verify may find.
const (
	FoundDeployed  = "deployed"   // requests carried the id
	FoundElsewhere = "elsewhere"  // they did, but in other scopes than asked
	FoundMalformed = "malformed"  // only malformed tokens that were probably meant to be it
	FoundNothing   = "never_seen" // neither
)

// Verification is what the guide's verification script would print, from exports: the deployments and calls that carried a tracking id, and
// what they created. It is what `verify --json` writes; times and dates are as in Answer.
type Verification struct {
	TrackingID   string        `json:"tracking_id"`
	Registration *Registration `json:"registration,omitempty"` // absent: the id is not in the registry
	Result       string        `json:"result"`                 // deployed, elsewhere, malformed, never_seen
	Conclusion   string        `json:"conclusion"`             // one sentence
	Notes        []string      `json:"notes,omitempty"`
	RunID        string        `json:"run_id"`          // of the snapshot
	Owned        []Owned       `json:"owned,omitempty"` // usage of the resources that the id owns, wherever they are
	Carriers     []Carrier     `json:"carriers"`
	Resources    []Created     `json:"resources"`            // one for each resource and request
	Extensions   []Extension   `json:"extensions,omitempty"` // diagnostic settings, role assignments and tags: targets of operations, but no resources of their own
	Misspelt     []Malformed   `json:"misspelt,omitempty"`
}

// Carrier is a deployment whose name, or a call whose User-Agent, carried the id.
type Carrier struct {
	Source        string `json:"source"` // deployment_name, user_agent
	ID            string `json:"id"`     // the deployment, or the target of the call
	Text          string `json:"text"`   // the name or User-Agent
	CorrelationID string `json:"correlation_id"`
	Time          string `json:"ts"`
	State         string `json:"state,omitempty"` // of the deployment; absent: there is no record of it
	ErrorCode     string `json:"error_code,omitempty"`
	Recorded      bool   `json:"recorded"`         // whether the deployment, or the call, has a record of its own
	Failed        *bool  `json:"failed,omitempty"` // whether a deployment of the request failed, by any record; absent: it is not a deployment
	Standing      string `json:"standing"`         // of the id on that day: in_force, late, retired, unregistered, system
	Place
}

// Created is a resource that a request created or updated, as far as the id tags that.
type Created struct {
	ResourceID    string `json:"resource_id"`
	CorrelationID string `json:"correlation_id"`
	Time          string `json:"ts"`
	Method        string `json:"method"`     // template, user_agent
	IsFirst       bool   `json:"is_first"`   // the first write of the resource in its lifetime
	IsPrimary     bool   `json:"is_primary"` // the id has the credit of this write
	Place
}

// Extension is something that a request created on a resource and that is not one itself.
type Extension struct {
	ResourceID    string `json:"resource_id"`
	CorrelationID string `json:"correlation_id"`
	Time          string `json:"ts"`
	Place
}

// Check asks for one tracking id; the scopes are optional.
type Check struct {
	TrackingID    string // in any of its spellings, or the name of an offer
	ResourceGroup string // name
	Subscription  string // GUID
}

// VerifyError says that no deployment and no call carried an id. The Verification is there all the same.
type VerifyError struct{ Of *Verification }

func (e *VerifyError) Error() string { return strings.TrimSuffix(e.Of.Conclusion, ".") }

// Try returns the way out.
func (e *VerifyError) Try() string {
	switch e.Of.Result {
	case FoundElsewhere:
		return "leave out --resource-group and --subscription"
	case FoundMalformed:
		return "correct the name or User-Agent; pidledger template check finds these before they ship"
	}
	return "deliver the deployments, activity log or request log of the subscription; pidledger status shows how far each reaches"
}

// offer gives the registered ids of an offer, each with what it brings.
func (e *Explainer) offer(ctx context.Context, name string) (ids []Candidate, err error) {
	type money struct {
		ID, Label, Currency string
		Effective           string `sql:"effective_cost"`
	}
	rows, err := ask[money](ctx, e, "offer", params{"offer": name})
	for _, r := range rows {
		brings := "no usage"
		if r.Effective != "" {
			brings = human.Rounded(spec.Amount(r.Effective)) + " " + r.Currency
		}
		if n := len(ids); n > 0 && ids[n-1].ID == r.ID {
			ids[n-1].Label += ", " + brings
			continue
		}
		if r.Label != "" {
			brings = r.Label + ", " + brings
		}
		ids = append(ids, Candidate{Kind: "tracking_id", ID: r.ID, Label: brings})
	}
	return ids, err
}

// Verify lists what carried an id and what that created. When nothing did it returns the reason, too, as a *VerifyError; an offer with several ids
// is a *ManyError.
func (e *Explainer) Verify(ctx context.Context, c Check) (*Verification, error) {
	a := take(c.TrackingID)
	offer, err := e.offer(ctx, a.id)
	if err != nil {
		return nil, err
	}
	switch len(offer) {
	case 0:
	case 1:
		a = take(pid(offer[0].ID))
	default:
		return nil, &ManyError{a.text, spelled(offer)}
	}
	v := &Verification{TrackingID: a.tracking, RunID: e.snapshot.ID, Carriers: []Carrier{}, Resources: []Created{}}
	registered, err := e.registered(ctx, []string{a.tracking})
	if err != nil {
		return nil, err
	}
	v.Registration = registered[a.tracking]
	found, err := ask[Sighting](ctx, e, "sightings", params{"requests": "", "scopes": "", "tracking": a.tracking, "token": ""})
	if err != nil {
		return nil, err
	}
	tagged, err := ask[Created](ctx, e, "tagged", params{"tracking": a.tracking})
	if err != nil {
		return nil, err
	}
	if v.Owned, err = ask[Owned](ctx, e, "owned", params{"requests": "", "tracking": a.tracking}); err != nil {
		return nil, err
	}
	requests := inScope(found, tagged, c)
	if err := e.carriers(ctx, v, found, requests); err != nil {
		return nil, err
	}
	if err := e.created(ctx, v, tagged, requests); err != nil {
		return nil, err
	}
	if v.Misspelt, err = ask[Malformed](ctx, e, "tokens_meant", params{"tracking": a.tracking}); err != nil {
		return nil, err
	}
	if v.Registration == nil && len(found) == 0 && len(v.Misspelt) == 0 {
		// what was asked for may itself be a malformed token
		for _, token := range []string{a.id, "pid-" + a.id} {
			m, err := first[Malformed](ctx, e, "token", params{"token": token})
			if err != nil {
				return nil, err
			}
			if m != nil && len(v.Misspelt) == 0 {
				v.Misspelt = []Malformed{*m}
			}
		}
	}
	return v, v.conclude(a, len(found) > 0)
}

// inScope lists the requests that carried the id, or created something, in the asked scope; of such a request everything is shown, wherever
// it is: a template may carry its id at the subscription and create in a group, or span several groups.
func inScope(found []Sighting, tagged []Created, c Check) map[string]bool {
	out := map[string]bool{}
	add := func(request, id string) {
		if (c.Subscription == "" || strings.EqualFold(subscriptionOf(id), c.Subscription)) && (c.ResourceGroup == "" || strings.EqualFold(groupOf(id), c.ResourceGroup)) {
			out[request] = true
		}
	}
	for _, s := range found {
		add(s.CorrelationID, s.ScopeID)
	}
	for _, t := range tagged {
		add(t.CorrelationID, t.ResourceID)
	}
	return out
}

// carriers lists the deployments and calls, one line for each.
func (e *Explainer) carriers(ctx context.Context, v *Verification, found []Sighting, requests map[string]bool) error {
	var ids []string
	for id := range requests {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	all, err := e.requestsOf(ctx, ids)
	if err != nil {
		return err
	}
	known := map[string]*Request{}
	for _, r := range all {
		known[r.CorrelationID] = r
	}
	at := map[[4]string]int{}
	for _, s := range found {
		r := known[s.CorrelationID]
		if r == nil {
			continue
		}
		k := [4]string{s.Source, s.ScopeID, s.CorrelationID, s.Text}
		if _, ok := at[k]; ok {
			continue // another token of the same id in one text
		}
		at[k] = len(v.Carriers)
		line := Carrier{Source: s.Source, ID: s.ScopeID, Text: s.Text, CorrelationID: s.CorrelationID, Time: s.Time, Place: s.Place, Failed: r.Failed, Recorded: s.Source == "user_agent"}
		for _, d := range r.Deployments {
			if d.ID == s.ScopeID {
				line.State, line.ErrorCode, line.Recorded, line.Time = d.State, d.ErrorCode, true, d.Start
			}
		}
		for _, i := range r.IDs {
			if i.TrackingID == v.TrackingID {
				line.Standing = i.Standing
			}
		}
		v.Carriers = append(v.Carriers, line)
	}
	return nil
}

// created lists the resources that the id tags, and the extensions of its deployments.
func (e *Explainer) created(ctx context.Context, v *Verification, tagged []Created, requests map[string]bool) (err error) {
	for _, t := range tagged {
		if requests[t.CorrelationID] {
			v.Resources = append(v.Resources, t)
		}
	}
	var named []string
	for _, c := range v.Carriers {
		if c.Source == "deployment_name" {
			named = append(named, c.CorrelationID)
		}
	}
	v.Extensions, err = ask[Extension](ctx, e, "extensions", params{"requests": list(unique(named)...)})
	return err
}

// conclude says what was found; an error when nothing was.
func (v *Verification) conclude(a asked, anywhere bool) error {
	begin := pid(v.TrackingID)
	if len(v.Carriers) > 0 {
		v.Result = FoundDeployed
		v.describe(begin)
		return nil
	}
	switch {
	case anywhere:
		v.Result = FoundElsewhere
		v.Conclusion = begin + " was seen, but not in that resource group or subscription."
	case len(v.Misspelt) > 0:
		v.Result = FoundMalformed
		var tokens []string
		n := int64(0)
		for _, m := range v.Misspelt {
			tokens = append(tokens, fmt.Sprintf("%s (%s)", m.Token, m.Reason))
			n += m.Sightings
		}
		v.Conclusion = fmt.Sprintf("%s was never seen; seen was only the malformed %s, in %s.", begin, and(tokens), count(int(n), "request"))
		if v.Misspelt[0].Token == a.id || v.Misspelt[0].Token == "pid-"+a.id {
			v.Conclusion = fmt.Sprintf("%s is not a tracking id (%s); it was seen in %s.", v.Misspelt[0].Token, v.Misspelt[0].Reason, count(int(n), "request"))
			if s := v.Misspelt[0].Suggestion; s != "" {
				v.Notes = append(v.Notes, "Probably meant was "+pid(s)+".")
			}
		}
	default:
		v.Result = FoundNothing
		v.Conclusion = begin + " was never seen in a deployment name or User-Agent, or only at a customer who opted out."
		if v.Registration == nil {
			v.Notes = append(v.Notes, "It is not in the registry, either.")
		}
	}
	return &VerifyError{v}
}

// describe says what carried the id and what a reader must know of it.
func (v *Verification) describe(begin string) {
	var requests, resources, unrecorded []string
	named, calls := 0, 0
	for _, c := range v.Carriers {
		requests = append(requests, c.CorrelationID)
		if c.Source == "deployment_name" {
			named++
			if !c.Recorded {
				unrecorded = append(unrecorded, name(c.ID))
			}
		} else {
			calls++
		}
	}
	for _, r := range v.Resources {
		resources = append(resources, r.ResourceID)
	}
	var by []string
	if named > 0 {
		by = append(by, count(named, "deployment"))
	}
	if calls > 0 {
		by = append(by, count(calls, "call"))
	}
	v.Conclusion = fmt.Sprintf("%s was carried by %s under %s, which created %s.", begin, strings.Join(by, " and "),
		count(len(unique(requests)), "correlation id"), count(len(unique(resources)), "resource"))
	v.Notes = append(v.Notes, "Money: "+ownedSentence("", v.Owned)+".")
	if v.Registration == nil {
		v.Notes = append(v.Notes, "It is not in the registry: its usage is reported as unregistered, or as system when it is a tool's own id.")
	}
	if len(unrecorded) > 0 {
		v.Notes = append(v.Notes, fmt.Sprintf("%s without a record of its own, purged or never exported; what other records tell is listed: %s.", count(len(unrecorded), "deployment"), and(unique(unrecorded))))
	}
	for _, m := range v.Misspelt {
		v.Notes = append(v.Notes, fmt.Sprintf("The malformed token %s (%s) was probably meant to be it, too.", m.Token, m.Reason))
	}
}

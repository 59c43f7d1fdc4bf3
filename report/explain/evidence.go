package explain

import (
	"context"
	"fmt"
	"sort"
)

// registered looks up registrations.
func (e *Explainer) registered(ctx context.Context, ids []string) (map[string]*Registration, error) {
	found, err := ask[Registration](ctx, e, "registrations", params{"ids": list(unique(ids)...)})
	if err != nil {
		return nil, err
	}
	out := map[string]*Registration{}
	for i := range found {
		out[found[i].TrackingID] = &found[i]
	}
	return out, nil
}

// sightingsOf lists what was seen in requests, by request.
func (e *Explainer) sightingsOf(ctx context.Context, requests []string) (map[string][]Sighting, error) {
	found, err := ask[Sighting](ctx, e, "sightings", params{"requests": list(unique(requests)...), "scopes": "", "tracking": "", "token": ""})
	if err != nil {
		return nil, err
	}
	out := map[string][]Sighting{}
	for _, s := range found {
		out[s.CorrelationID] = append(out[s.CorrelationID], s)
	}
	return out, nil
}

// deploymentsOf lists the known deployments of requests, by request.
func (e *Explainer) deploymentsOf(ctx context.Context, requests []string) (map[string][]Deployment, error) {
	found, err := ask[Deployment](ctx, e, "deployments", params{"requests": list(unique(requests)...), "deployments": ""})
	if err != nil {
		return nil, err
	}
	out := map[string][]Deployment{}
	for _, d := range found {
		d.Evidence = "deployment"
		out[d.CorrelationID] = append(out[d.CorrelationID], d)
	}
	return out, nil
}

// writesOf lists the writes of resources and by requests, with their tags.
func (e *Explainer) writesOf(ctx context.Context, resources, requests []string) ([]Write, error) {
	p := params{"resources": list(unique(resources)...), "requests": list(unique(requests)...)}
	writes, err := ask[Write](ctx, e, "writes", p)
	if err != nil {
		return nil, err
	}
	tags, err := ask[Tag](ctx, e, "tags", p)
	if err != nil {
		return nil, err
	}
	var ids []string
	byWrite := map[[2]string][]Tag{}
	for _, t := range tags {
		ids = append(ids, t.TrackingID)
		k := [2]string{t.ResourceID, t.CorrelationID}
		byWrite[k] = append(byWrite[k], t)
	}
	registered, err := e.registered(ctx, ids)
	if err != nil {
		return nil, err
	}
	for i, w := range writes {
		for _, t := range byWrite[[2]string{w.ResourceID, w.CorrelationID}] {
			t.ResourceID, t.CorrelationID, t.Registration = "", "", registered[t.TrackingID]
			writes[i].Tags = append(writes[i].Tags, t)
		}
	}
	return writes, nil
}

// primary is the tag that has the credit of a write; nil when only malformed tokens tag it, or nothing.
func (w *Write) primary() *Tag {
	for i, t := range w.Tags {
		if t.Rank == 1 && t.TrackingID != "" {
			return &w.Tags[i]
		}
	}
	return nil
}

// sighting is where an id was seen that tags a write: a deployment name before a User-Agent, and the earliest.
func sightingOf(list []Sighting, id, method string) *Sighting {
	var best *Sighting
	for i, s := range list {
		fits := s.TrackingID == id && (s.Source == "deployment_name") == (method != "user_agent")
		if fits && (best == nil || s.Evidence == "deployment" && best.Evidence != "deployment") {
			best = &list[i]
		}
	}
	return best
}

// requestsOf builds the requests with everything that is visible of them, by time; those of which nothing is are left out.
func (e *Explainer) requestsOf(ctx context.Context, ids []string) ([]*Request, error) {
	ids = unique(ids)
	if len(ids) == 0 {
		return nil, nil
	}
	sightings, err := e.sightingsOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	deployments, err := e.deploymentsOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	writes, err := e.writesOf(ctx, nil, ids)
	if err != nil {
		return nil, err
	}
	carried, err := ask[RequestID](ctx, e, "requests", params{"requests": list(ids...)})
	if err != nil {
		return nil, err
	}
	byID := map[string]*Request{}
	var out []*Request
	for _, id := range ids {
		r := &Request{CorrelationID: id, Sightings: sightings[id], Deployments: deployments[id]}
		byID[id] = r
		out = append(out, r)
	}
	for _, w := range writes {
		byID[w.CorrelationID].Writes = append(byID[w.CorrelationID].Writes, w)
	}
	for _, c := range carried {
		r := byID[c.CorrelationID]
		if len(r.Sightings) == 0 {
			continue // seen only where somebody opted out
		}
		if c.Failed != nil {
			failed := *c.Failed > 0
			r.Failed = &failed
		}
		r.Start = c.Start
		c.CorrelationID, c.Start, c.Failed = "", "", nil
		r.IDs = append(r.IDs, c)
	}
	visible := out[:0]
	for _, r := range out {
		if len(r.Sightings)+len(r.Deployments)+len(r.Writes) == 0 {
			continue
		}
		if r.Start == "" {
			r.Start = r.begin()
		}
		visible = append(visible, r)
	}
	sort.SliceStable(visible, func(i, j int) bool { return visible[i].Start < visible[j].Start })
	return visible, nil
}

// begin is the time of the earliest record of a request.
func (r *Request) begin() string {
	var times []string
	for _, d := range r.Deployments {
		times = append(times, d.Start)
	}
	for _, s := range r.Sightings {
		times = append(times, s.Time)
	}
	for _, w := range r.Writes {
		times = append(times, w.Time)
	}
	least := ""
	for _, t := range times {
		if t != "" && (least == "" || t < least) {
			least = t
		}
	}
	return least
}

// unrecorded lists the deployments of which names were seen but that have no record of their own.
func (r *Request) unrecorded() []Sighting {
	known := map[string]bool{}
	for _, d := range r.Deployments {
		known[d.ID] = true
	}
	var out []Sighting
	for _, s := range r.Sightings {
		if s.Source == "deployment_name" && !known[s.ScopeID] {
			known[s.ScopeID] = true
			out = append(out, s)
		}
	}
	return out
}

// The ways to the exports that may hold a missing link.
var waysTo = map[string]string{
	"activity":    "pidledger collect (90 days back), or a diagnostic setting of the subscription (category Administrative) to a storage account",
	"deployments": "pidledger collect, every night: Azure overwrites records of one name and purges the oldest",
	"operations":  "pidledger collect, every night: Azure purges them with their deployments",
	"changes":     "pidledger collect, every night: Azure keeps 14 days",
	"requests":    "the HTTP log of what deploys, with User-Agent: TF_LOG=trace, az --debug, a HAR file, or the log of a gateway or proxy; Azure's own logs have no User-Agent",
}

// kindWords name what an export holds.
var kindWords = map[string]string{
	"activity": "records of the activity log", "deployments": "deployments", "operations": "deployment operations", "changes": "resource changes", "requests": "request logs with User-Agent",
}

// missing tells of one kind of export that a link at a day is not in it, and what was delivered of it.
func missing(link, kind, at string, reach []Reach) Missing {
	m := Missing{Link: link, Have: "nothing of the " + kindWords[kind] + " of this subscription was delivered", Get: waysTo[kind]}
	for _, r := range reach {
		if r.Kind != kind {
			continue
		}
		m.Have = fmt.Sprintf("the %s of this subscription reach from %s to %s", kindWords[kind], r.First, r.Last)
		if at != "" && r.First <= at && at <= r.Last {
			m.Have += ", over " + at + ", and do not hold it"
		}
	}
	return m
}

// covers tells whether evidence of a kind spans a day.
func covers(reach []Reach, kind, at string) bool {
	for _, r := range reach {
		if r.Kind == kind && r.First <= at && at <= r.Last {
			return true
		}
	}
	return false
}

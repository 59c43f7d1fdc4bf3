package main

import (
	"bufio"
	"cmp"
	"math/rand/v2"
	"slices"
	"strings"
)

// event is one record of the activity log.
type event struct {
	at          ticks
	correlation guid
	operation   string
	category    string
	result      string // Start, Accept, Success, Failure, Active
	what        eventTarget
	target      int32
	caller      uint8
	isDelete    bool
}

type eventTarget uint8

const (
	onResource eventTarget = iota
	onNode
	onGroup
)

const administrative = "Administrative"

// events returns all records of one busy hour in the order of time: those of the estate's requests, and others up to the slot's share.
func (g *generator) events(e *estate, s *slot, r *rand.Rand) []event {
	var all []event
	n := g.plan.shareOfUsage(activities, s.number%slots)
	triple := func(v event, accept bool, end ticks, failed bool) {
		v.result = "Start"
		all = append(all, v)
		if accept {
			a := v
			a.at += min((end-v.at)/2, second)
			a.result = "Accept"
			all = append(all, a)
		}
		v.at, v.result = end, "Success"
		if failed {
			v.result = "Failure"
		}
		all = append(all, v)
	}
	for i := s.nodes.from; i < s.nodes.to; i++ {
		d := &e.nodes[i]
		t := &e.trees[d.tree]
		v := event{correlation: t.correlation, category: administrative, caller: t.caller}
		v.at, v.operation, v.what, v.target = d.start, "Microsoft.Resources/deployments/write", onNode, int32(i)
		triple(v, true, d.end, d.failed)
		if d.group < 0 {
			v.operation, v.what, v.target = "Microsoft.Resources/subscriptions/resourceGroups/write", onGroup, int32(e.nodes[d.children[0]].group)
			triple(v, false, d.start+second/2, false)
		}
		for _, j := range d.steps {
			p := &e.steps[j]
			if p.kind != stepCreate {
				continue
			}
			v.at, v.operation, v.what, v.target = p.start, g.writes[e.resources[p.target].kind], onResource, p.target
			triple(v, p.id%2 == 0, p.end, p.failed)
		}
	}
	for _, c := range e.calls[s.calls.from:s.calls.to] {
		v := event{at: c.at, correlation: c.correlation, category: administrative, caller: c.caller, target: c.target}
		v.operation = g.writes[e.resources[c.target].kind]
		triple(v, r.IntN(2) == 0, c.at+second+ticks(r.Int64N(int64(minute))), false)
	}
	for _, d := range e.removals[s.removals.from:s.removals.to] {
		v := event{at: d.at - 20*second, correlation: newGUID(r), category: administrative, caller: d.caller, target: d.target, isDelete: true}
		v.operation = g.deletes[e.resources[d.target].kind]
		triple(v, true, d.at, false)
	}
	for len(all) < n {
		h := g.happening(r)
		v := event{at: s.moment(r), correlation: newGUID(r), category: h.category, caller: uint8(r.IntN(len(e.callers))), operation: h.operation}
		v.what, v.target = onGroup, int32(r.IntN(len(e.groups)))
		if t, ok := e.standing(s, r); ok && h.target == "resource" {
			v.what, v.target = onResource, t
			v.operation = g.verbs[h.operation][e.resources[t].kind]
		} else if strings.Contains(h.operation, "{type}") {
			continue
		}
		for i, result := range h.results {
			if len(all) < n {
				v.at += ticks(i) * (second + ticks(r.Int64N(int64(4*second))))
				v.result = result
				all = append(all, v)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b event) int { return cmp.Compare(a.at, b.at) })
	return all
}

// happening draws from the table of other events.
func (g *generator) happening(r *rand.Rand) *happening {
	n := r.IntN(g.facts.total)
	for i := range g.facts.mix {
		if n -= g.facts.mix[i].weight; n < 0 {
			return &g.facts.mix[i]
		}
	}
	return &g.facts.mix[0]
}

// standing picks a resource that was there before the slot and is never deleted; in the first slot there may be none.
func (e *estate) standing(s *slot, r *rand.Rand) (int32, bool) {
	for range 8 {
		if s.created.from == 0 {
			break
		}
		i := int32(r.IntN(s.created.from))
		if e.resources[i].first != 0 && e.resources[i].deleted == 0 {
			return i, true
		}
	}
	return 0, false
}

// signatures says what stands beside each result.
var signatures = map[string]string{"Start": "Started.", "Accept": "Accepted.Accepted", "Success": "Succeeded.OK", "Failure": "Failed.Conflict", "Active": "Active."}

var statusCodes = map[string]string{"Start": "", "Accept": "Accepted", "Success": "OK", "Failure": "Conflict", "Active": ""}

// writeActivity writes one blob: JSON lines in the form of diagnostic settings.
func (g *generator) writeActivity(w *bufio.Writer, e *estate, s *slot) (int64, error) {
	r := random(g.plan.seed, g.plan.purpose(1<<44+uint64(s.number)))
	events := g.events(e, s, r)
	var line []byte
	for i := range events {
		line = g.appendEvent(line[:0], e, &events[i], r)
		if _, err := w.Write(line); err != nil {
			return 0, err
		}
	}
	return int64(len(events)), nil
}

func (g *generator) appendEvent(b []byte, e *estate, v *event, r *rand.Rand) []byte {
	c := &e.callers[v.caller]
	signature, status := signatures[v.result], statusCodes[v.result]
	if v.result == "Success" && v.at%3 == 0 && !v.isDelete {
		signature, status = "Succeeded.Created", "Created"
	}
	b = append(b, `{"time":"`...)
	b = appendTime(b, v.at)
	b = append(b, `","resourceId":"`...)
	n := len(b)
	b = g.appendTarget(b, e, v)
	id := string(b[n:])
	b = upperFrom(b, n)
	b = append(b, `","operationName":"`...)
	n = len(b)
	b = upperFrom(append(b, v.operation...), n)
	b = append(append(b, `","category":"`...), v.category...)
	b = append(append(b, `","resultType":"`...), v.result...)
	b = append(append(b, `","resultSignature":"`...), signature...)
	b = append(append(b, `","durationMs":"0","callerIpAddress":"`...), c.ip...)
	b = appendGUID(append(b, `","correlationId":"`...), v.correlation)
	b = append(b, `","identity":{"authorization":{"scope":"`...)
	b = append(append(b, id...), `","action":"`...)
	b = append(append(b, v.operation...), `","evidence":{"role":"Contributor","principalType":"ServicePrincipal"}},"claims":`...)
	b = append(append(b, c.identity...), `},"level":"Information","properties":{`...)
	switch {
	case v.category == "Policy":
		b = append(append(b, `"isComplianceCheck":"False","resourceLocation":"`...), e.groups[0].region...)
		b = append(b, `","ancestors":"mg-platform,mg-root","policies":"[{\"policyDefinitionId\":\"/providers/Microsoft.Authorization/policyDefinitions/`...)
		b = append(appendGUID(b, c.app), `\",\"policyDefinitionEffect\":\"audit\",\"policyAssignmentScope\":\"/subscriptions/`...)
		b = append(append(b, e.id...), `\"}]","eventCategory":"Policy"`...)
	default:
		if status != "" {
			b = append(append(append(b, `"statusCode":"`...), status...), `",`...)
		}
		if v.result == "Start" && v.what == onResource && !v.isDelete && v.at%2 == 0 {
			b = append(append(b, `"requestbody":"{\"location\":\"`...), e.groups[0].region...)
			b = append(b, `\",\"tags\":{\"environment\":\"production\"},\"properties\":{\"publicNetworkAccess\":\"Disabled\"}}",`...)
		} else {
			b = append(appendGUID(append(b, `"serviceRequestId":"`...), newGUID(r)), `",`...)
		}
		b = append(append(append(b, `"eventCategory":"`...), v.category...), `"`...)
	}
	if v.result == "Start" {
		b = append(append(append(b, `,"entity":"`...), id...), '"')
	}
	b = append(append(b, `,"hierarchy":"`...), e.tenant...)
	b = append(append(b, "/mg-platform/"...), e.id...)
	return append(append(append(b, `"},"tenantId":"`...), e.tenant...), "\"}\n"...)
}

func (g *generator) appendTarget(b []byte, e *estate, v *event) []byte {
	switch v.what {
	case onResource:
		res := &e.resources[v.target]
		return g.appendID(b, e, res.kind, res.number, res.group)
	case onNode:
		return e.appendNodeID(b, v.target)
	}
	return e.appendScope(b, int16(v.target))
}

// newCaller draws a caller and renders what its token says.
func newCaller(r *rand.Rand, i int) caller {
	c := caller{app: newGUID(r), name: "svc-deploy-" + newHash(r)[:4], ip: "203.0.113."}
	c.ip = string(appendPadded([]byte(c.ip), int64(1+r.IntN(250)), 1))
	b := appendGUID([]byte(`{"appid":"`), c.app)
	b = append(b, `","idtyp":"app`...)
	if i%2 == 1 {
		b = append(append(b, `","name":"`...), c.name...)
		b = append(append(b, `","http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn":"`...), c.name...)
		b = append(b, `@example.com`...)
	}
	c.identity = append(append(append(b, `","uti":"`...), newHash(r)...), `"}`...)
	return c
}

package main

import (
	"math/rand/v2"
	"slices"
	"strconv"
)

// estate is one customer subscription with all that happened in it. It is drawn in one go and then rendered into the different
// exports, so that ids, correlation ids and times agree everywhere. Its size does not depend on the scale.
type estate struct {
	number   int
	id       string // subscription GUID
	tenant   string
	customer string
	currency string
	section  string
	groups   []group
	callers  []caller

	resources []resource
	nodes     []node
	trees     []tree
	steps     []step
	calls     []call
	removals  []removal
	slots     []slot
	rng       *rand.Rand
}

type group struct{ name, region string }

// caller is who sends requests: a user, a pipeline's service principal.
type caller struct {
	app      guid
	name     string
	ip       string
	identity []byte // the claims, rendered once
}

// resource is one ARM resource.
type resource struct {
	kind    uint8
	group   int16
	number  int32 // makes the name unique
	first   ticks // first creation
	deleted ticks // first deletion; 0: never
	again   ticks // created again under the same id; 0: never
	older   bool  // used before the first known write
	rows    int   // usage rows
}

// tree is one template deployment with its nested ones: one request.
type tree struct {
	correlation guid
	caller      uint8
	failed      bool
}

// node is one deployment of a tree.
type node struct {
	tree       int32
	parent     int32 // -1: the root
	group      int16 // -1: subscription scope
	name       string
	start, end ticks
	tracking   bool // an empty deployment that only carries a tracking id
	failed     bool
	steps      []int32
	children   []int32
}

// stepKind is what a deployment operation does.
type stepKind uint8

const (
	stepCreate   stepKind = iota
	stepNested            // starts a nested deployment
	stepRead              // reads an existing resource
	stepEvaluate          // evaluates outputs; has no target
)

// step is one deployment operation.
type step struct {
	node       int32
	kind       stepKind
	target     int32 // resource or node
	start, end ticks
	failed     bool
	id         uint64
}

// call is one API call outside of any template.
type call struct {
	correlation guid
	caller      uint8
	target      int32
	at          ticks
	logged      bool // stands in the partner's request log too
	agent       string
	failed      bool
}

// removal is one deletion.
type removal struct {
	target int32
	caller uint8
	at     ticks
}

// slot is one busy hour; the ranges are of the estate's slices.
type slot struct {
	start                           ticks
	number                          int // in the whole data
	never                           int // of created: only failed creations, so there is no resource
	nodes, calls, removals, created span
}

type span struct{ from, to int }

// newEstate draws a subscription.
func (g *generator) newEstate(number int) *estate {
	r := random(g.plan.seed, g.plan.purpose(uint64(number)+1))
	customers := g.facts.words["customer"]
	e := &estate{
		number:   number,
		id:       newGUID(r).String(),
		tenant:   newGUID(random(g.plan.seed, g.plan.purpose(1<<41+uint64(number/2)))).String(), // two subscriptions to a tenant
		customer: customers[number/2%len(customers)] + " " + strconv.Itoa(1+number/2/len(customers)),
		currency: "EUR",
		section:  "Section " + strconv.Itoa(number/10+1),
		rng:      r,
	}
	if number%4 == 3 {
		e.currency = "USD"
	}
	teams, regions := g.facts.words["team"], g.facts.words["region"]
	for i := range 40 {
		e.groups = append(e.groups, group{"rg-" + teams[i%len(teams)] + "-" + strconv.Itoa(101+i), regions[r.IntN(len(regions))]})
	}
	for i := range 8 {
		e.callers = append(e.callers, newCaller(r, i))
	}
	first, n := g.plan.slotsOf(number)
	for k := range n {
		d := g.plan.firstDay + int64(k*busyDays/n)
		s := slot{number: first + k, start: ticks(d)*day + ticks(6+(k*5+number)%14)*hour}
		g.fill(e, &s)
		e.slots = append(e.slots, s)
	}
	return e
}

// fill draws what happened in one busy hour.
func (g *generator) fill(e *estate, s *slot) {
	r := e.rng
	at := s.number % slots
	s.created.from, s.nodes.from, s.calls.from, s.removals.from = len(e.resources), len(e.nodes), len(e.calls), len(e.removals)
	g.drawTrees(e, s, share(deployments, at))
	g.drawSteps(e, s, share(operations, at))
	e.drawRemovals(s)
	g.drawCalls(e, s, share(resources, at)-(len(e.resources)-s.created.from-s.never))
	s.nodes.to, s.calls.to, s.removals.to = len(e.nodes), len(e.calls), len(e.removals)
	s.created.to = len(e.resources)

	// Every resource gets at least one usage row; what is left over goes around until the number is exact.
	rows, left := g.plan.shareOfUsage(usageRows, at), s.created.to-s.created.from-s.never
	rows -= special(rows)
	created := e.resources[s.created.from:s.created.to]
	for i := range created {
		if created[i].first != 0 {
			left--
			created[i].rows = min(4+r.IntN(11), rows-left)
			rows -= created[i].rows
		}
	}
	for i := 0; rows > 0 && s.never < len(created); i = (i + 1) % len(created) {
		if created[i].first != 0 {
			created[i].rows++
			rows--
		}
	}
}

// moment draws a time within the slot that leaves room for a deployment before the hour is over.
func (s *slot) moment(r *rand.Rand) ticks {
	return s.start + ticks(r.Int64N(int64(44*minute)))
}

// drawTrees makes n deployments.
func (g *generator) drawTrees(e *estate, s *slot, n int) {
	r := e.rng
	used := map[string]bool{}
	roots, nested := g.facts.words["root"], g.facts.words["nested"]
	for n > 0 {
		size := min(n, 1+min(r.IntN(4), r.IntN(4))+r.IntN(2))
		n -= size
		t := int32(len(e.trees))
		e.trees = append(e.trees, tree{correlation: newGUID(r), caller: uint8(r.IntN(len(e.callers)))})
		start := s.moment(r)
		end := start + minute + ticks(r.Int64N(int64(13*minute)))
		root := int32(len(e.nodes))
		home := int16(r.IntN(len(e.groups)))
		scope := home
		if size > 1 && r.IntN(7) == 0 {
			scope = -1
		}
		name := roots[r.IntN(len(roots))]
		if r.IntN(4) > 0 {
			name += "-" + newHash(r)[:6]
		}
		tags := g.drawTags(r, size, e.groups[home].region)
		for i := range size {
			d := node{tree: t, parent: -1, group: scope, name: name, start: start, end: end}
			if i > 0 {
				d.parent, d.group = root, home
				if i > 1 && r.IntN(4) == 0 && !e.nodes[len(e.nodes)-1].tracking {
					d.parent = int32(len(e.nodes) - 1)
				}
				over := &e.nodes[d.parent]
				d.start = over.start + second + ticks(r.Int64N(int64(over.end-over.start)/4))
				d.end = over.end - second/2 - ticks(r.Int64N(int64(over.end-over.start)/8))
				if left := size - i; left <= len(tags) {
					d.name, d.tracking = tags[left-1], true
					d.end = d.start + second/2 + ticks(r.Int64N(int64(2*second)))
				} else {
					d.name = nested[r.IntN(len(nested))] + "-" + newHash(r)
				}
			}
			if !d.tracking { // ARM does not run one name twice at the same time
				for key := strconv.Itoa(int(d.group)) + "/" + d.name; used[key]; key = strconv.Itoa(int(d.group)) + "/" + d.name {
					d.name += "-" + newHash(r)[:4]
				}
				used[strconv.Itoa(int(d.group))+"/"+d.name] = true
			}
			if d.parent >= 0 {
				e.nodes[d.parent].children = append(e.nodes[d.parent].children, int32(len(e.nodes)))
			}
			e.nodes = append(e.nodes, d)
		}
	}
	s.nodes.to = len(e.nodes)
}

// drawTags draws the names of a tree's tracking deployments: none, one, sometimes two.
func (g *generator) drawTags(r *rand.Rand, size int, region string) []string {
	if size < 2 {
		return nil
	}
	pick := func() string { return g.registry[r.IntN(len(g.registry))].tagName(r, region) }
	switch n := r.IntN(100); {
	case n < 40:
		return []string{pick()}
	case n < 43 && size > 2:
		return []string{pick(), pick()}
	case n < 48:
		return []string{"pid-" + choose(r, g.facts.words["unregistered"])}
	case n < 51:
		return []string{choose(r, g.facts.words["malformed"])}
	}
	return nil
}

func choose(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }

// drawSteps makes n operations: one for each nested deployment, outputs and reads, and the rest creations.
func (g *generator) drawSteps(e *estate, s *slot, n int) {
	r := e.rng
	var workers []int32
	for i := s.nodes.from; i < s.nodes.to; i++ {
		d := &e.nodes[i]
		if !d.tracking {
			workers = append(workers, int32(i))
		}
		if d.parent >= 0 {
			e.addStep(step{node: d.parent, kind: stepNested, target: int32(i), start: d.start, end: d.end})
			n--
		}
	}
	for ; n > 0 && len(workers) > 0; n-- {
		w := workers[r.IntN(len(workers))]
		d := &e.nodes[w]
		long := int64(d.end-d.start) - int64(second)/5
		start := d.start + second/10 + ticks(r.Int64N(long/2))
		p := step{node: w, start: start, end: start + second/20 + ticks(r.Int64N(long/2))}
		switch q := r.IntN(100); {
		case q < 4:
			p.kind = stepEvaluate
		case q < 9 && s.created.from > 0:
			p.kind, p.target = stepRead, int32(r.IntN(s.created.from))
		case q < 10:
			p.failed, p.target = true, e.newResource(g, r, max(d.group, 0), 0)
			s.never++
			for up := w; up >= 0; up = e.nodes[up].parent {
				e.nodes[up].failed = true
			}
			e.trees[d.tree].failed = true
		default:
			p.target = e.subject(g, s, max(d.group, 0), p.start)
		}
		e.addStep(p)
	}
}

func (e *estate) addStep(p step) {
	p.id = e.rng.Uint64()
	e.nodes[p.node].steps = append(e.nodes[p.node].steps, int32(len(e.steps)))
	e.steps = append(e.steps, p)
}

// subject returns what a creation creates: mostly a new resource, else one that is there (a redeployment) or was deleted.
func (e *estate) subject(g *generator, s *slot, group int16, at ticks) int32 {
	r := e.rng
	if old := s.created.from; old > 0 && r.IntN(14) == 0 {
		i := int32(r.IntN(old))
		res := &e.resources[i]
		switch {
		case res.first == 0:
		case res.deleted == 0:
			return i
		case res.deleted < s.start && res.again == 0:
			res.again = at
			return i
		case res.again != 0 && res.again < at:
			return i
		}
	}
	return e.newResource(g, r, group, at)
}

// newResource adds a resource; at 0 stands for one whose creation failed.
func (e *estate) newResource(g *generator, r *rand.Rand, group int16, at ticks) int32 {
	e.resources = append(e.resources, resource{
		kind:   uint8(r.IntN(len(g.facts.kinds))),
		group:  group,
		number: int32(len(e.resources)),
		first:  at,
		older:  r.IntN(50) == 0,
	})
	return int32(len(e.resources) - 1)
}

// drawCalls creates the remaining n resources by API calls: most alone, some as Terraform does under one correlation id.
func (g *generator) drawCalls(e *estate, s *slot, n int) {
	r := e.rng
	for n > 0 {
		c := call{correlation: newGUID(r), caller: uint8(r.IntN(len(e.callers))), at: s.moment(r)}
		size := 1
		terraform := r.IntN(40) == 0
		if terraform {
			size = min(n, 3+r.IntN(4))
		}
		tag := ""
		switch q := r.IntN(10); {
		case q < 7:
			tag = " " + g.registry[r.IntN(len(g.registry))].agentTag()
		case q < 8:
			tag = " pid-" + choose(r, g.facts.words["unregistered"])
		}
		c.logged = terraform || r.IntN(8) == 0
		c.agent = choose(r, g.facts.words["agent"]) + tag
		home := int16(r.IntN(len(e.groups)))
		for i := range size {
			c.target = e.newResource(g, r, home, c.at)
			if terraform {
				c.agent = "HashiCorp Terraform/1.9.8 terraform-provider-azurerm/4.16.0 pid-222c6c49-1b0a-5959-a213-6608f9eb8820"
				if i%3 > 0 {
					c.agent += tag
				}
			}
			e.calls = append(e.calls, c)
			c.at += second + ticks(r.Int64N(int64(20*second)))
		}
		n -= size
	}
}

// drawRemovals deletes some of the resources of earlier slots.
func (e *estate) drawRemovals(s *slot) {
	r := e.rng
	for i := s.created.from / 200; i > 0 && len(e.removals)-s.removals.from < 20; i-- {
		t := int32(r.IntN(s.created.from))
		res := &e.resources[t]
		if res.deleted != 0 || res.first == 0 {
			continue
		}
		// What this hour's requests also touch stays: whether it was there before would be a matter of seconds.
		if slices.ContainsFunc(e.steps[e.firstStep(s):], func(p step) bool { return p.kind == stepCreate && p.target == t }) {
			continue
		}
		res.deleted = s.moment(r)
		e.removals = append(e.removals, removal{t, uint8(r.IntN(len(e.callers))), res.deleted})
	}
	s.removals.to = len(e.removals)
}

// firstStep returns the first operation of a slot.
func (e *estate) firstStep(s *slot) int {
	for i := len(e.steps); i > 0; i-- {
		if int(e.steps[i-1].node) < s.nodes.from {
			return i
		}
	}
	return 0
}

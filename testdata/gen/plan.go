package main

import (
	"math"
	"math/rand/v2"
	"time"
)

// version changes whenever the data of a seed and scale change, so that cached folders are made again.
const version = 2

// Amounts at scale 1 (SPEC 9).
const (
	usageRows   = 2_000_000
	activities  = 2_000_000
	deployments = 30_000
	operations  = 200_000
	resources   = 200_000

	// slots are hours in which a subscription is busy. Each is one blob of the activity log and holds an equal share of everything;
	// so the shape of the data is the same at every scale, only the number of subscriptions grows.
	slots                = 960
	slotsPerSubscription = 48
	subscriptionsPerPart = 5  // one part of each month's export, and the unit of parallel work
	busyDays             = 45 // creations stop here, so that every resource has days to be used on
)

// plan is what a seed, a scale and a window ask for. A window is two months with subscriptions of its own: window 0 is March and April 2026,
// window 1 the two months before, and so on; together they are a long history.
type plan struct {
	seed      uint64
	scale     float64
	window    int
	usage     float64 // part of the usage rows and of other activity, up to 1
	slots     int
	firstDay  int64   // since 1970-01-01
	monthDays []int64 // of the two months
}

func newPlan(seed uint64, scale float64, window int) plan {
	p := plan{seed: seed, scale: scale, window: window, usage: 1, slots: max(1, int(math.Round(slots*scale)))}
	p.firstDay = time.Date(2026, time.Month(3-2*window), 1, 0, 0, 0, 0, time.UTC).Unix() / 86400
	for month := range 2 {
		p.monthDays = append(p.monthDays, int64(time.Date(2026, time.Month(4-2*window+month), 0, 0, 0, 0, 0, time.UTC).Day()))
	}
	return p
}

// totalDays is how many days the window has.
func (p plan) totalDays() int64 { return p.monthDays[0] + p.monthDays[1] }

// purpose tells apart what a subscription's numbers are drawn for, in every window others.
func (p plan) purpose(n uint64) uint64 { return n + uint64(p.window)<<48 }

// dayOf returns the day of a time since firstDay.
func (p plan) dayOf(t ticks) int64 { return int64(t/day) - p.firstDay }

func (p plan) subscriptions() int {
	return (p.slots + slotsPerSubscription - 1) / slotsPerSubscription
}

// slotsOf returns the global number of a subscription's first slot and how many it has; the last one may have fewer.
func (p plan) slotsOf(subscription int) (first, n int) {
	first = subscription * slotsPerSubscription
	return first, min(slotsPerSubscription, p.slots-first)
}

// share is the part of a scale 1 amount that falls to a slot; the shares of 960 slots add up to the amount exactly.
func share(amount, slot int) int {
	return (slot+1)*amount/slots - slot*amount/slots
}

// shareOfUsage is share for what there can be less of.
func (p plan) shareOfUsage(amount, slot int) int {
	return share(int(float64(amount)*p.usage), slot)
}

// random returns a generator of its own for one purpose, so that no part of the data depends on the order of the work.
func random(seed, purpose uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, purpose*0x9e3779b97f4a7c15+0x2545f4914f6cdd1d))
}

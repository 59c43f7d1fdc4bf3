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

// The two months of the data.
var (
	firstDay  = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC).Unix() / 86400
	monthDays = []int64{31, 30}
)

const totalDays = 61

// plan is what a seed and a scale ask for.
type plan struct {
	seed  uint64
	scale float64
	slots int
}

func newPlan(seed uint64, scale float64) plan {
	return plan{seed, scale, max(1, int(math.Round(slots*scale)))}
}

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

// random returns a generator of its own for one purpose, so that no part of the data depends on the order of the work.
func random(seed, purpose uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, purpose*0x9e3779b97f4a7c15+0x2545f4914f6cdd1d))
}

package page

import (
	"math/big"
	"slices"
	"time"

	"github.com/pidledger/pidledger/report/spec"
	"github.com/pidledger/pidledger/report/summary"
)

// How much of the long lists the page shows. The reports have all of it.
const (
	listRows  = 200 // of each list and currency
	dailyDays = 92  // of the daily chart
)

// scale18 turns a DECIMAL(38,18) into its integer.
var scale18 = new(big.Int).Exp(big.NewInt(10), big.NewInt(18), nil)

// window is the months that the page compares: the newest month of the usage and the two before it. They are known before any row
// is read, so that nothing else need be kept of reports with a line per resource.
type window [3]string

// newWindow gives the months up to a day, YYYY-MM-DD; empty ones when there is no usage.
func newWindow(through string) window {
	day, err := time.Parse(time.DateOnly, through)
	if err != nil {
		return window{}
	}
	first := day.AddDate(0, 0, 1-day.Day())
	var w window
	for i := range w {
		w[i] = first.AddDate(0, -i, 0).Format("2006-01")
	}
	return w
}

// at gives the place of a month; -1: outside.
func (w window) at(month string) int {
	if month == "" {
		return -1
	}
	return slices.Index(w[:], month)
}

// amounts is an amount in each month of the window; nil: none.
type amounts [3]*big.Int

func (a *amounts) add(i int, n *big.Int) {
	if i < 0 {
		return
	}
	if a[i] == nil {
		a[i] = new(big.Int)
	}
	a[i].Add(a[i], n)
}

// currencyFacts is what the page needs of one currency.
type currencyFacts struct {
	name       string
	statuses   map[string]map[string]*summary.Sum // by month and status
	reasons    map[string]map[string]*summary.Sum // by month and reason
	channels   map[string]map[string]*big.Int     // by month and channel
	daily      map[string]map[string]*big.Int     // by day and channel, the last dailyDays
	lines      [3][]summary.ChannelLine
	offers     map[[3]string]*offerFacts // by MPN ID, offer, SKU
	resources  [3]int64
	ids        [3]int64 // tracking ids with usage
	duplicated bool     // some of it is credited to several ids
	parties    map[summary.Party]*partyFacts
	customers  map[string]*customerFacts // by id; filled from parties when all rows were seen
	subs       [3]int64

	unattributed [3]largest[unattributedLine]
	stakes       largest[summary.Unregistered]
	restated     largest[restatedLine]
	overlaps     largest[overlapLine]
}

type offerFacts struct {
	cost      amounts
	resources [3]int64
	ids       [3]int64
}

// partyFacts is what is known of one subscription of a customer.
type partyFacts struct {
	name string
	cost amounts
}

// customerFacts is a customer (customerIDs).
type customerFacts struct {
	id, name string
	cost     amounts
	subs     [3]int64
}

type unattributedLine struct {
	status, reason, subscription, resource string
	cost                                   spec.Amount
	rows                                   int64
	first, last                            string
}

type restatedLine struct {
	summary.Restated
	replaced string
	isNew    bool // this run changed it
}

type overlapLine struct {
	month, subscription, kept, dropped, reason string
	days, rows                                 int64
	cost                                       spec.Amount
}

type idLine struct {
	id, mpn, offer, sku, channel, first, last, lastUsage string
	succeeded, failed, requests, resources, rows         int64
}

// pageCollector watches the rows of the reports and keeps what the page shows.
type pageCollector struct {
	runID      string
	window     window
	currencies map[string]*currencyFacts
	daysFrom   string // first day of the daily chart
	buyers     summary.ChannelCustomers

	ids       []idLine // registered
	malformed largest[summary.Malformed]
	idle      largest[summary.Unregistered] // seen, but without usage
}

func newPageCollector(run spec.Run) *pageCollector {
	c := &pageCollector{runID: run.ID, window: newWindow(run.DataThrough), currencies: map[string]*currencyFacts{}}
	c.malformed.n, c.idle.n = listRows, listRows
	if last, err := time.Parse(time.DateOnly, run.DataThrough); err == nil {
		c.daysFrom = last.AddDate(0, 0, 1-dailyDays).Format(time.DateOnly)
	}
	return c
}

// Of gives the facts of the currency of a row.
func (c *pageCollector) of(currency string) *currencyFacts {
	f := c.currencies[currency]
	if f == nil {
		f = &currencyFacts{
			name: currency, statuses: map[string]map[string]*summary.Sum{}, reasons: map[string]map[string]*summary.Sum{}, channels: map[string]map[string]*big.Int{},
			daily: map[string]map[string]*big.Int{}, offers: map[[3]string]*offerFacts{}, parties: map[summary.Party]*partyFacts{},
		}
		for i := range f.unattributed {
			f.unattributed[i].n = listRows
		}
		f.stakes.n, f.restated.n, f.overlaps.n = listRows, listRows, listRows
		c.currencies[currency] = f
	}
	return f
}

// watch gives what looks at each row of a report; nil when the page shows nothing of it.
func (c *pageCollector) watch(report string) func(*spec.Row) {
	return map[string]func(*spec.Row){
		"summary": c.summary, "daily": c.daily, "customers": c.customers, "channels": c.channels, "tracking_ids": c.trackingID,
		"unregistered": c.unregistered, "malformed": c.addMalformed, "coverage": c.coverage, "unattributed": c.unattributed,
		"restatements": c.restatement, "overlaps": c.overlap,
	}[report]
}

func (c *pageCollector) summary(r *spec.Row) {
	i := c.window.at(r.Text("month"))
	if i < 0 {
		return
	}
	f := c.of(r.Text("currency"))
	key := [3]string{r.Text("mpn_id"), r.Text("offer"), r.Text("sku")}
	o := f.offers[key]
	if o == nil {
		o = new(offerFacts)
		f.offers[key] = o
	}
	o.cost.add(i, r.Units("effective_cost"))
	o.resources[i] += r.Int("resources")
	o.ids[i]++ // a tracking id has one line in a month and currency
	f.resources[i] += r.Int("resources")
	f.ids[i]++
	f.duplicated = f.duplicated || r.Units("duplicate_cost").Sign() != 0
}

func (c *pageCollector) daily(r *spec.Row) {
	day := r.Text("usage_date")
	if c.daysFrom == "" || day < c.daysFrom {
		return
	}
	addTo(c.of(r.Text("currency")).daily, day, r.Text("channel"), r.Units("effective_cost"))
}

func addTo(m map[string]map[string]*big.Int, outer, inner string, n *big.Int) {
	if m[outer] == nil {
		m[outer] = map[string]*big.Int{}
	}
	if m[outer][inner] == nil {
		m[outer][inner] = new(big.Int)
	}
	m[outer][inner].Add(m[outer][inner], n)
}

func (c *pageCollector) customers(r *spec.Row) {
	i := c.window.at(r.Text("month"))
	c.buyers.Add(r, i >= 0)
	if i < 0 {
		return
	}
	f, p := c.of(r.Text("currency")), summary.PartyOf(r)
	who := f.parties[p]
	if who == nil {
		who = new(partyFacts)
		f.parties[p] = who
	}
	who.name = max(who.name, r.Text("customer_name"))
	who.cost.add(i, r.Units("effective_cost"))
}

// finish is called when all rows were seen: only then is it known whose each subscription is.
func (c *pageCollector) finish() {
	for _, f := range c.currencies {
		f.customers = map[string]*customerFacts{}
		for _, lines := range f.lines {
			c.buyers.Count(lines)
		}
		type held struct {
			month        int
			id, customer string
		}
		subscriptions, ofCustomer := map[held]bool{}, map[held]bool{}
		for p, facts := range f.parties {
			id := c.buyers.Of(p)
			who := f.customers[id]
			if who == nil {
				who = &customerFacts{id: id}
				f.customers[id] = who
			}
			who.name = max(who.name, facts.name)
			for i, n := range facts.cost {
				if n == nil {
					continue
				}
				who.cost.add(i, n)
				if sub := (held{i, p.Subscription, ""}); p.Subscription != "" && !subscriptions[sub] {
					subscriptions[sub] = true
					f.subs[i]++
				}
				if sub := (held{i, p.Subscription, id}); p.Subscription != "" && !ofCustomer[sub] {
					ofCustomer[sub] = true
					who.subs[i]++
				}
			}
		}
	}
}

func (c *pageCollector) channels(r *spec.Row) {
	f := c.of(r.Text("currency"))
	addTo(f.channels, r.Text("month"), r.Text("channel"), r.Units("effective_cost"))
	if i := c.window.at(r.Text("month")); i >= 0 {
		f.lines[i] = append(f.lines[i], summary.ChannelLineOf(r))
	}
}

func (c *pageCollector) trackingID(r *spec.Row) {
	c.ids = append(c.ids, idLine{
		id: r.Text("tracking_id"), mpn: r.Text("mpn_id"), offer: r.Text("offer"), sku: r.Text("sku"), channel: r.Text("channel"),
		first: r.Text("first_seen"), last: r.Text("last_seen"), lastUsage: r.Text("last_usage_date"), succeeded: r.Int("deployments_succeeded"),
		failed: r.Int("deployments_failed"), requests: r.Int("requests"), resources: r.Int("resources"), rows: r.Int("usage_rows"),
	})
}

func (c *pageCollector) unregistered(r *spec.Row) {
	line := func() summary.Unregistered { return summary.UnregisteredOf(r) }
	if r.Text("currency") == "" {
		c.idle.add(big.NewInt(r.Int("requests")), line)
	} else {
		c.of(r.Text("currency")).stakes.add(r.Units("effective_cost"), line)
	}
}

func (c *pageCollector) addMalformed(r *spec.Row) {
	weight := big.NewInt(r.Int("sightings"))
	if r.Text("suggestion") != "" {
		weight.Add(weight, scale18) // those that can be mended come first
	}
	c.malformed.add(weight, func() summary.Malformed { return summary.MalformedOf(r) })
}

func (c *pageCollector) coverage(r *spec.Row) {
	addSum(c.of(r.Text("currency")).statuses, r.Text("month"), r.Text("status"), r.Units("effective_cost"), r.Int("usage_rows"))
}

func addSum(m map[string]map[string]*summary.Sum, outer, inner string, cost *big.Int, rows int64) {
	if m[outer] == nil {
		m[outer] = map[string]*summary.Sum{}
	}
	if m[outer][inner] == nil {
		m[outer][inner] = new(summary.Sum)
	}
	m[outer][inner].Add(cost, new(big.Int), rows)
}

func (c *pageCollector) unattributed(r *spec.Row) {
	f := c.of(r.Text("currency"))
	month, reason, cost := r.Text("month"), r.Text("reason"), r.Units("effective_cost")
	if reason != "" { // preexisting and malformed have none
		addSum(f.reasons, month, reason, cost, r.Int("usage_rows"))
	}
	i := c.window.at(month)
	if i < 0 {
		return
	}
	f.unattributed[i].add(cost, func() unattributedLine {
		return unattributedLine{
			status: r.Text("status"), reason: reason, subscription: r.Text("subscription_id"), resource: r.Text("resource_id"),
			cost: r.Amount("effective_cost"), rows: r.Int("usage_rows"), first: r.Text("first_usage_date"), last: r.Text("last_usage_date"),
		}
	})
}

func (c *pageCollector) restatement(r *spec.Row) {
	when := int64(0)
	if v := r.Cell("replaced_at"); !v.Null {
		when = v.I
	}
	c.of(r.Text("currency")).restated.add(big.NewInt(when), func() restatedLine {
		return restatedLine{Restated: summary.RestatedOf(r), replaced: time.UnixMicro(when).UTC().Format("2006-01-02 15:04"), isNew: r.Text("new_run") == c.runID}
	})
}

func (c *pageCollector) overlap(r *spec.Row) {
	c.of(r.Text("currency")).overlaps.add(r.Units("effective_cost"), func() overlapLine {
		return overlapLine{
			month: r.Text("month"), subscription: r.Text("subscription_id"), kept: r.Text("kept_export"), dropped: r.Text("dropped_export"), reason: r.Text("reason"),
			days: r.Int("days"), rows: r.Int("usage_rows"), cost: r.Amount("effective_cost"),
		}
	})
}

// decimal gives an exact amount of a Dec x 10^18 as text.
func decimal(n *big.Int) spec.Amount {
	if n == nil {
		return ""
	}
	return spec.AmountOf(n)
}

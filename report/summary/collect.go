package summary

import (
	"cmp"
	"maps"
	"math/big"
	"slices"
	"time"

	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/report/spec"
)

// How much of the lists the summary keeps; the reports have all of it.
const (
	topChannels     = 5 // of each currency
	topUnregistered = 5 // of each currency
	topMalformed    = 10
	topBlind        = 5 // of each currency
)

// Collector watches the rows of the reports as they are written and keeps what the summary needs.
type Collector struct {
	rows     map[string]func(*spec.Row)
	report   string // whose rows read gives
	read     *spec.Row
	coverage map[moneyKey]*sum // by status
	reasons  map[moneyKey]*sum // by reason of unattributed
	channels map[moneyKey]*sum // by channel
	days     map[dayKey]*big.Int
	blind    map[[2]string]*big.Int
	givenUp  map[GivenUp]*sum // by currency, reason and whether it counts
	buyers   channelCustomers // of the newest month
	newest   string           // month of the report customers
	out      Summary
	runID    string
}

type moneyKey struct{ currency, month, name string }

// dayKey is a day of attributed usage.
type dayKey struct{ currency, date string }

// NewCollector gives a collector that has seen no row.
func NewCollector(runID string) *Collector {
	c := &Collector{runID: runID, out: Summary{Restated: []Restated{}}, coverage: map[moneyKey]*sum{}, reasons: map[moneyKey]*sum{},
		channels: map[moneyKey]*sum{}, days: map[dayKey]*big.Int{}, blind: map[[2]string]*big.Int{}, givenUp: map[GivenUp]*sum{}}
	c.rows = map[string]func(*spec.Row){
		"channels":     c.addChannel,
		"daily":        c.addDay,
		"tracking_ids": c.addTrackingID,
		"unregistered": c.addUnregistered,
		"malformed":    c.addMalformed,
		"coverage":     c.addCoverage,
		"unattributed": c.addUnattributed,
		"customers":    c.addCustomer,
		"overlaps":     c.addOverlap,
		"restatements": c.addRestatement,
	}
	return c
}

// Add looks at one row of a report.
func (c *Collector) Add(s spec.Report, values []engine.Value) {
	f := c.rows[s.Name]
	if f == nil {
		return
	}
	if c.report != s.Name {
		c.report, c.read = s.Name, spec.NewRow(s)
	}
	c.read.Set(values)
	f(c.read)
}

func (c *Collector) addChannel(r *spec.Row) {
	c.out.Channels = append(c.out.Channels, channelLineOf(r))
	count(c.channels, moneyKey{r.Text("currency"), r.Text("month"), r.Text("channel")}, r.Units("effective_cost"), new(big.Int), 0)
}

func (c *Collector) addDay(r *spec.Row) {
	k := dayKey{r.Text("currency"), r.Text("usage_date")}
	if c.days[k] == nil {
		c.days[k] = new(big.Int)
	}
	c.days[k].Add(c.days[k], r.Units("effective_cost"))
}

// addCustomer looks at a row of the report customers, whose months come in order.
func (c *Collector) addCustomer(r *spec.Row) {
	if m := r.Text("month"); m > c.newest {
		c.newest, c.buyers.lines = m, nil
	}
	c.buyers.Add(r, true)
}

// channelLineOf reads a row of the report channels, but for its customers.
func channelLineOf(r *spec.Row) ChannelLine {
	return ChannelLine{
		Month: r.Text("month"), Currency: r.Text("currency"), MPNID: r.Text("mpn_id"), Offer: r.Text("offer"), Channel: r.Text("channel"),
		EffectiveCost: r.Amount("effective_cost"), Share: r.Text("share"), Growth: r.Text("growth"), Deployments: r.Int("deployments"),
	}
}

// addRestatement keeps what this run changed; the report has the history.
func (c *Collector) addRestatement(r *spec.Row) {
	if r.Text("new_run") != c.runID {
		return
	}
	c.out.Restated = append(c.out.Restated, restatedOf(r))
}

// restatedOf reads a row of the report restatements.
func restatedOf(r *spec.Row) Restated {
	return Restated{
		Month: r.Text("month"), Currency: r.Text("currency"), Status: r.Text("status"), Cause: r.Text("cause"),
		Old: r.Amount("old_effective_cost"), New: r.Amount("new_effective_cost"), Difference: r.Amount("difference"),
	}
}

// addOverlap adds up what was given up. Bases tell the same usage in several ways on purpose; the rest is delivered twice.
func (c *Collector) addOverlap(r *spec.Row) {
	k := GivenUp{Currency: r.Text("currency"), Reason: r.Text("reason")}
	switch k.Reason {
	case "added_up":
		k.Counted = true
	case "outside_range":
		k.Counted = r.Text("kept_export") == ""
	case "wider_scope", "newer_run", "same_charges":
		c.out.Overlaps++
	}
	if c.givenUp[k] == nil {
		c.givenUp[k] = new(sum)
	}
	c.givenUp[k].Add(r.Units("effective_cost"), new(big.Int), r.Int("usage_rows"))
}

func (c *Collector) addTrackingID(r *spec.Row) {
	if r.Cell("first_seen").Null {
		c.out.NeverSeen = append(c.out.NeverSeen, r.Text("tracking_id"))
	}
}

func (c *Collector) addUnregistered(r *spec.Row) {
	if r.Text("kind") == "system" {
		return // a tool's own id is nobody's task
	}
	c.out.Unregistered = append(c.out.Unregistered, unregisteredOf(r))
}

// unregisteredOf reads a row of the report unregistered.
func unregisteredOf(r *spec.Row) Unregistered {
	return Unregistered{
		TrackingID: r.Text("tracking_id"), Kind: r.Text("kind"), Currency: r.Text("currency"), EffectiveCost: r.Amount("effective_cost"),
		FirstSeen: r.Text("first_seen"), LastSeen: r.Text("last_seen"), Requests: r.Int("requests"),
	}
}

func (c *Collector) addMalformed(r *spec.Row) {
	c.out.Malformed = append(c.out.Malformed, malformedOf(r))
}

// malformedOf reads a row of the report malformed.
func malformedOf(r *spec.Row) Malformed {
	return Malformed{
		Token: r.Text("token"), Reason: r.Text("reason"), Suggestion: r.Text("suggestion"), Source: r.Text("source"),
		LastSeen: r.Text("last_seen"), Sightings: r.Int("sightings"),
	}
}

func (c *Collector) addCoverage(r *spec.Row) {
	m := r.Text("month")
	c.out.LatestMonth = max(c.out.LatestMonth, m)
	count(c.coverage, moneyKey{r.Text("currency"), m, r.Text("status")}, r.Units("effective_cost"), r.Units("billed_cost"), r.Int("usage_rows"))
}

func (c *Collector) addUnattributed(r *spec.Row) {
	reason := r.Text("reason")
	if reason == "" {
		return // preexisting and malformed have none
	}
	cost := r.Units("effective_cost")
	key := moneyKey{r.Text("currency"), r.Text("month"), reason}
	count(c.reasons, key, cost, new(big.Int), r.Int("usage_rows"))
	if reason == "no_evidence" {
		k := [2]string{key.currency, r.Text("subscription_id")}
		if c.blind[k] == nil {
			c.blind[k] = new(big.Int)
		}
		c.blind[k].Add(c.blind[k], cost)
	}
}

func count(to map[moneyKey]*sum, k moneyKey, effective, billed *big.Int, rows int64) {
	s := to[k]
	if s == nil {
		s = new(sum)
		to[k] = s
	}
	s.Add(effective, billed, rows)
}

// Summary completes the summary from what was collected.
func (c *Collector) Summary(run spec.Run) *Summary {
	s := c.out
	s.RunID, s.Version, s.Started, s.DataThrough = run.ID, run.Version, run.Started.UTC(), run.DataThrough
	s.OnlyUsage = run.OnlyUsage && s.LatestMonth != ""
	for _, currency := range currencies(c.coverage) {
		s.Money = append(s.Money, c.money(currency))
	}
	before := map[channelKey]spec.Amount{}
	for _, l := range s.Channels {
		before[l.key()] = l.EffectiveCost
	}
	s.Channels = slices.DeleteFunc(s.Channels, func(l ChannelLine) bool { return l.Month != s.LatestMonth })
	s.Channels = top(s.Channels, topChannels,
		func(l ChannelLine) string { return l.Currency }, func(l ChannelLine) spec.Amount { return l.EffectiveCost })
	for i, l := range s.Channels {
		l.Month = spec.MonthBefore(l.Month)
		s.Channels[i].CostBefore = cmp.Or(before[l.key()], "0")
	}
	c.buyers.Count(s.Channels)
	late := map[string]bool{}
	for _, u := range s.Unregistered {
		if u.Kind == "late" {
			late[u.TrackingID] = true
		}
	}
	s.LateIDs = int64(len(late))
	s.Unregistered = top(s.Unregistered, topUnregistered,
		func(u Unregistered) string { return u.Currency }, func(u Unregistered) spec.Amount { return u.EffectiveCost })
	for k, cost := range c.blind {
		s.NoEvidence = append(s.NoEvidence, Blind{Currency: k[0], SubscriptionID: k[1], EffectiveCost: spec.AmountOf(cost)})
	}
	slices.SortFunc(s.NoEvidence, func(a, b Blind) int { return cmp.Compare(a.SubscriptionID, b.SubscriptionID) })
	s.NoEvidence = top(s.NoEvidence, topBlind, func(b Blind) string { return b.Currency }, func(b Blind) spec.Amount { return b.EffectiveCost })
	slices.SortStableFunc(s.Malformed, func(a, b Malformed) int {
		return cmp.Or(compareBool(b.Suggestion != "", a.Suggestion != ""), cmp.Compare(b.Sightings, a.Sightings))
	})
	s.Malformed = s.Malformed[:min(len(s.Malformed), topMalformed)]
	for k, sum := range c.givenUp {
		k.UsageRows, k.EffectiveCost = sum.Rows, spec.AmountOf(&sum.Effective)
		s.GivenUp = append(s.GivenUp, k)
	}
	slices.SortFunc(s.GivenUp, func(a, b GivenUp) int {
		return cmp.Or(compareBool(a.Counted, b.Counted), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Currency, b.Currency))
	})
	s.byImportance()
	c.shorten(&s)
	return &s
}

// money builds the lines of one currency.
func (c *Collector) money(currency string) Money {
	m := Money{Currency: currency}
	latest, all := c.byName(c.coverage, currency)
	var usageLatest, usageAll, totalLatest, totalAll sum
	for name, s := range all {
		l := orZero(latest[name])
		totalAll.Add(&s.Effective, &s.Billed, s.Rows)
		totalLatest.Add(&l.Effective, &l.Billed, l.Rows)
		if name != "not_usage" {
			usageAll.Add(&s.Effective, &s.Billed, s.Rows)
			usageLatest.Add(&l.Effective, &l.Billed, l.Rows)
		}
	}
	if all["attributed"] == nil {
		all["attributed"] = new(sum) // the first question is how much is ours, also when the answer is nothing
	}
	line := func(name string, latest, all *sum, billed, share bool) Share {
		return Share{name, figure(latest, &usageLatest, billed, share), figure(all, &usageAll, billed, share)}
	}
	for _, name := range ordered(all, statusOrder) {
		m.Statuses = append(m.Statuses, line(name, orZero(latest[name]), all[name], true, name != "not_usage"))
	}
	m.Usage = line("usage", &usageLatest, &usageAll, true, true)
	m.Total = line("total", &totalLatest, &totalAll, true, false)
	latest, all = c.byName(c.reasons, currency)
	for _, name := range ordered(all, ReasonOrder) {
		m.Reasons = append(m.Reasons, line(name, orZero(latest[name]), all[name], false, true))
	}
	return m
}

// byName adds the months of one currency up.
func (c *Collector) byName(from map[moneyKey]*sum, currency string) (latest, all map[string]*sum) {
	latest, all = map[string]*sum{}, map[string]*sum{}
	for k, s := range from {
		if k.currency != currency {
			continue
		}
		if all[k.name] == nil {
			all[k.name] = new(sum)
		}
		all[k.name].Add(&s.Effective, &s.Billed, s.Rows)
		if k.month == c.out.LatestMonth {
			latest[k.name] = s
		}
	}
	return latest, all
}

// ordered gives the names in the given order, those that are not in it last.
func ordered(of map[string]*sum, order []string) []string {
	rank := func(name string) int {
		if i := slices.Index(order, name); i >= 0 {
			return i
		}
		return len(order)
	}
	return slices.SortedFunc(maps.Keys(of), func(a, b string) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b)) })
}

func currencies(of map[moneyKey]*sum) []string {
	set := map[string]bool{}
	for k := range of {
		set[k.currency] = true
	}
	return slices.Sorted(maps.Keys(set))
}

func figure(s, usage *sum, billed, share bool) Figure {
	f := Figure{EffectiveCost: spec.AmountOf(&s.Effective), UsageRows: s.Rows}
	if billed {
		f.BilledCost = spec.AmountOf(&s.Billed)
	}
	if share && usage.Effective.Sign() != 0 {
		f.Share = new(big.Rat).SetFrac(&s.Effective, &usage.Effective).FloatString(6)
	}
	return f
}

// top sorts lines by currency, then by amount, largest first, and keeps the first n of each currency.
func top[T any](lines []T, n int, currency func(T) string, amount func(T) spec.Amount) []T {
	slices.SortStableFunc(lines, func(a, b T) int {
		return cmp.Or(cmp.Compare(currency(a), currency(b)), amount(b).Rat().Cmp(amount(a).Rat()))
	})
	var out []T
	for i, inCurrency := 0, 0; i < len(lines); i++ {
		if i > 0 && currency(lines[i]) != currency(lines[i-1]) {
			inCurrency = 0
		}
		if inCurrency++; inCurrency <= n {
			out = append(out, lines[i])
		}
	}
	return out
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// Finish sets how long the run took and makes absent lists empty, so that the JSON form has `[]` for them.
func (s *Summary) Finish(took time.Duration) {
	s.Seconds = took.Round(time.Millisecond).Seconds()
	s.Money, s.Channels, s.NewIDs, s.NeverSeen, s.Judged = list(s.Money), list(s.Channels), list(s.NewIDs), list(s.NeverSeen), list(s.Judged)
	s.Changes, s.Short = list(s.Changes), list(s.Short)
	s.Unregistered, s.Malformed, s.NoEvidence = list(s.Unregistered), list(s.Malformed), list(s.NoEvidence)
	s.GivenUp, s.LostDays = list(s.GivenUp), list(s.LostDays)
	s.Notes, s.Next = list(s.Notes), list(s.Next)
	s.Targets.Lines, s.Targets.Totals = list(s.Targets.Lines), list(s.Targets.Totals)
	for i := range s.Money {
		s.Money[i].Reasons = list(s.Money[i].Reasons)
	}
	if s.Inputs != nil {
		s.Inputs.Files, s.Inputs.Problems, s.Inputs.Rejects = list(s.Inputs.Files), list(s.Inputs.Problems), list(s.Inputs.Rejects)
	}
}

func list[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}

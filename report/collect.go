package report

import (
	"cmp"
	"maps"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/columnar"
)

// How much of the lists the summary keeps; the reports have all of it.
const (
	topChannels     = 5 // of each currency
	topUnregistered = 5 // of each currency
	topMalformed    = 10
	topBlind        = 5 // of each currency
)

// statusOrder is the order in which the summary shows the statuses (SPEC 5.I); one that is not here comes last.
var statusOrder = []string{"attributed", "late", "unregistered", "system", "preexisting", "malformed", "unattributed", "excluded", "not_usage"}

// reasonOrder is the order of the reasons of unattributed usage.
var reasonOrder = []string{"no_resource_id", "no_evidence", "untagged", "deleted", "moved"}

// collector watches the rows of the reports as they are written and keeps what the summary needs.
type collector struct {
	rows     map[string]func(*reader)
	read     reader
	coverage map[moneyKey]*sum // by status
	reasons  map[moneyKey]*sum // by reason of unattributed
	blind    map[[2]string]*big.Int
	givenUp  map[GivenUp]*sum // by currency, reason and whether it counts
	watch    *watcher
	buyers   channelCustomers // of the newest month
	newest   string           // month of the report customers
	out      Summary
	runID    string
}

type moneyKey struct{ currency, month, name string }

// sum adds up amounts x 10^18.
type sum struct {
	effective, billed big.Int
	rows              int64
}

func newCollector(runID string, o Watch) *collector {
	c := &collector{runID: runID, watch: newWatcher(o), out: Summary{Restated: []Restated{}}, coverage: map[moneyKey]*sum{}, reasons: map[moneyKey]*sum{}, blind: map[[2]string]*big.Int{}, givenUp: map[GivenUp]*sum{}}
	c.rows = map[string]func(*reader){
		"channels":     c.addChannel,
		"tracking_ids": c.addTrackingID,
		"unregistered": c.addUnregistered,
		"malformed":    c.addMalformed,
		"coverage":     c.addCoverage,
		"unattributed": c.addUnattributed,
		"daily":        c.watch.addDay,
		"customers":    c.addCustomer,
		"overlaps":     c.addOverlap,
		"restatements": c.addRestatement,
	}
	return c
}

// add looks at one row of a report.
func (c *collector) add(s Spec, values []queries.Value) {
	f := c.rows[s.Name]
	if f == nil {
		return
	}
	if c.read.name != s.Name {
		c.read = reader{name: s.Name, at: map[string]int{}}
		for i, col := range s.Columns {
			c.read.at[col.Name] = i
		}
	}
	c.read.values = values
	f(&c.read)
}

// reader gives the cells of a row by column name. NULL is the empty text and zero.
type reader struct {
	name   string
	at     map[string]int
	values []queries.Value
}

func (r *reader) cell(name string) *queries.Value { return &r.values[r.at[name]] }

// text gives a text, date or ratio cell as it stands in CSV. The result does not share memory with the row.
func (r *reader) text(name string) string {
	v := r.cell(name)
	switch {
	case v.Null:
		return ""
	case v.Type == columnar.String:
		return strings.Clone(v.S)
	}
	return string(appendScalar(nil, v))
}

func (r *reader) int(name string) int64 {
	if v := r.cell(name); !v.Null {
		return v.I
	}
	return 0
}

func (r *reader) money(name string) *big.Int {
	if v := r.cell(name); !v.Null {
		return v.D.BigInt()
	}
	return new(big.Int)
}

func (r *reader) amount(name string) Amount {
	if v := r.cell(name); !v.Null {
		return Amount(columnar.FormatDecimal(v.D))
	}
	return ""
}

func (c *collector) addChannel(r *reader) { c.out.Channels = append(c.out.Channels, channelLine(r)) }

// addCustomer looks at a row of the report customers, whose months come in order.
func (c *collector) addCustomer(r *reader) {
	if m := r.text("month"); m > c.newest {
		c.newest, c.buyers.lines = m, nil
	}
	c.buyers.add(r, true)
	c.watch.addCustomer(r)
}

func channelLine(r *reader) ChannelLine {
	return ChannelLine{
		Month: r.text("month"), Currency: r.text("currency"), MPNID: r.text("mpn_id"), Offer: r.text("offer"), Channel: r.text("channel"),
		EffectiveCost: r.amount("effective_cost"), Share: r.text("share"), Growth: r.text("growth"), Deployments: r.int("deployments"),
	}
}

// addRestatement keeps what this run changed; the report has the history.
func (c *collector) addRestatement(r *reader) {
	if r.text("new_run") != c.runID {
		return
	}
	c.out.Restated = append(c.out.Restated, restatedOf(r))
}

func restatedOf(r *reader) Restated {
	return Restated{
		Month: r.text("month"), Currency: r.text("currency"), Status: r.text("status"), Cause: r.text("cause"),
		Old: r.amount("old_effective_cost"), New: r.amount("new_effective_cost"), Difference: r.amount("difference"),
	}
}

// addOverlap adds up what was given up. Bases tell the same usage in several ways on purpose; the rest is delivered twice.
func (c *collector) addOverlap(r *reader) {
	k := GivenUp{Currency: r.text("currency"), Reason: r.text("reason")}
	switch k.Reason {
	case "added_up":
		k.Counted = true
	case "outside_range":
		k.Counted = r.text("kept_export") == ""
	case "wider_scope", "newer_run", "same_charges":
		c.out.Overlaps++
	}
	if c.givenUp[k] == nil {
		c.givenUp[k] = new(sum)
	}
	c.givenUp[k].add(r.money("effective_cost"), new(big.Int), r.int("usage_rows"))
}

func (c *collector) addTrackingID(r *reader) {
	if r.cell("first_seen").Null {
		c.out.NeverSeen = append(c.out.NeverSeen, r.text("tracking_id"))
	}
}

func (c *collector) addUnregistered(r *reader) {
	if r.text("kind") == "system" {
		return // a tool's own id is nobody's task
	}
	c.out.Unregistered = append(c.out.Unregistered, unregisteredLine(r))
}

func unregisteredLine(r *reader) Unregistered {
	return Unregistered{
		TrackingID: r.text("tracking_id"), Kind: r.text("kind"), Currency: r.text("currency"), EffectiveCost: r.amount("effective_cost"),
		FirstSeen: r.text("first_seen"), LastSeen: r.text("last_seen"), Requests: r.int("requests"),
	}
}

func (c *collector) addMalformed(r *reader) {
	c.out.Malformed = append(c.out.Malformed, malformedLine(r))
}

func malformedLine(r *reader) Malformed {
	return Malformed{
		Token: r.text("token"), Reason: r.text("reason"), Suggestion: r.text("suggestion"), Source: r.text("source"),
		LastSeen: r.text("last_seen"), Sightings: r.int("sightings"),
	}
}

func (c *collector) addCoverage(r *reader) {
	m := r.text("month")
	c.out.LatestMonth = max(c.out.LatestMonth, m)
	count(c.coverage, moneyKey{r.text("currency"), m, r.text("status")}, r.money("effective_cost"), r.money("billed_cost"), r.int("usage_rows"))
}

func (c *collector) addUnattributed(r *reader) {
	reason := r.text("reason")
	if reason == "" {
		return // preexisting and malformed have none
	}
	cost := r.money("effective_cost")
	key := moneyKey{r.text("currency"), r.text("month"), reason}
	count(c.reasons, key, cost, new(big.Int), r.int("usage_rows"))
	if reason == "no_evidence" {
		k := [2]string{key.currency, r.text("subscription_id")}
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
	s.add(effective, billed, rows)
}

func (s *sum) add(effective, billed *big.Int, rows int64) {
	s.effective.Add(&s.effective, effective)
	s.billed.Add(&s.billed, billed)
	s.rows += rows
}

// summary completes the summary from what was collected.
func (c *collector) summary(run RunInfo) *Summary {
	s := c.out
	s.RunID, s.Version, s.Started, s.DataThrough = run.ID, run.Version, run.Started.UTC(), run.DataThrough
	s.OnlyUsage = run.OnlyUsage && s.LatestMonth != ""
	for _, currency := range currencies(c.coverage) {
		s.Money = append(s.Money, c.money(currency))
	}
	s.Channels = slices.DeleteFunc(s.Channels, func(l ChannelLine) bool { return l.Month != s.LatestMonth })
	s.Channels = top(s.Channels, topChannels,
		func(l ChannelLine) string { return l.Currency }, func(l ChannelLine) Amount { return l.EffectiveCost })
	c.buyers.count(s.Channels)
	late := map[string]bool{}
	for _, u := range s.Unregistered {
		if u.Kind == "late" {
			late[u.TrackingID] = true
		}
	}
	s.LateIDs = int64(len(late))
	s.Unregistered = top(s.Unregistered, topUnregistered,
		func(u Unregistered) string { return u.Currency }, func(u Unregistered) Amount { return u.EffectiveCost })
	for k, cost := range c.blind {
		s.NoEvidence = append(s.NoEvidence, Blind{Currency: k[0], SubscriptionID: k[1], EffectiveCost: formatSum(cost)})
	}
	slices.SortFunc(s.NoEvidence, func(a, b Blind) int { return cmp.Compare(a.SubscriptionID, b.SubscriptionID) })
	s.NoEvidence = top(s.NoEvidence, topBlind, func(b Blind) string { return b.Currency }, func(b Blind) Amount { return b.EffectiveCost })
	slices.SortStableFunc(s.Malformed, func(a, b Malformed) int {
		return cmp.Or(compareBool(b.Suggestion != "", a.Suggestion != ""), cmp.Compare(b.Sightings, a.Sightings))
	})
	s.Malformed = s.Malformed[:min(len(s.Malformed), topMalformed)]
	for k, sum := range c.givenUp {
		k.UsageRows, k.EffectiveCost = sum.rows, formatSum(&sum.effective)
		s.GivenUp = append(s.GivenUp, k)
	}
	slices.SortFunc(s.GivenUp, func(a, b GivenUp) int {
		return cmp.Or(compareBool(a.Counted, b.Counted), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Currency, b.Currency))
	})
	s.Changes = c.changes(run.DataThrough)
	return &s
}

// money builds the lines of one currency.
func (c *collector) money(currency string) Money {
	m := Money{Currency: currency}
	latest, all := c.byName(c.coverage, currency)
	var usageLatest, usageAll, totalLatest, totalAll sum
	for name, s := range all {
		l := orZero(latest[name])
		totalAll.add(&s.effective, &s.billed, s.rows)
		totalLatest.add(&l.effective, &l.billed, l.rows)
		if name != "not_usage" {
			usageAll.add(&s.effective, &s.billed, s.rows)
			usageLatest.add(&l.effective, &l.billed, l.rows)
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
	for _, name := range ordered(all, reasonOrder) {
		m.Reasons = append(m.Reasons, line(name, orZero(latest[name]), all[name], false, true))
	}
	return m
}

// byName adds the months of one currency up.
func (c *collector) byName(from map[moneyKey]*sum, currency string) (latest, all map[string]*sum) {
	latest, all = map[string]*sum{}, map[string]*sum{}
	for k, s := range from {
		if k.currency != currency {
			continue
		}
		if all[k.name] == nil {
			all[k.name] = new(sum)
		}
		all[k.name].add(&s.effective, &s.billed, s.rows)
		if k.month == c.out.LatestMonth {
			latest[k.name] = s
		}
	}
	return latest, all
}

func orZero(s *sum) *sum {
	if s == nil {
		return new(sum)
	}
	return s
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
	f := Figure{EffectiveCost: formatSum(&s.effective), UsageRows: s.rows}
	if billed {
		f.BilledCost = formatSum(&s.billed)
	}
	if share && usage.effective.Sign() != 0 {
		f.Share = new(big.Rat).SetFrac(&s.effective, &usage.effective).FloatString(6)
	}
	return f
}

// formatSum writes an amount x 10^18, which may be larger than a column could hold, in plain notation.
func formatSum(n *big.Int) Amount {
	const scale = 18
	digits := new(big.Int).Abs(n).String()
	if len(digits) <= scale {
		digits = strings.Repeat("0", scale+1-len(digits)) + digits
	}
	out := digits[:len(digits)-scale]
	if frac := strings.TrimRight(digits[len(digits)-scale:], "0"); frac != "" {
		out += "." + frac
	}
	if n.Sign() < 0 {
		out = "-" + out
	}
	return Amount(out)
}

// top sorts lines by currency, then by amount, largest first, and keeps the first n of each currency.
func top[T any](lines []T, n int, currency func(T) string, amount func(T) Amount) []T {
	slices.SortStableFunc(lines, func(a, b T) int {
		return cmp.Or(cmp.Compare(currency(a), currency(b)), amount(b).rat().Cmp(amount(a).rat()))
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
	s.Changes = list(s.Changes)
	s.Unregistered, s.Malformed, s.NoEvidence = list(s.Unregistered), list(s.Malformed), list(s.NoEvidence)
	s.GivenUp, s.LostDays = list(s.GivenUp), list(s.LostDays)
	s.Notes, s.Next = list(s.Notes), list(s.Next)
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

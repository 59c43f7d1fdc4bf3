package page

import (
	"cmp"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/spec"
	"github.com/pidledger/pidledger/report/summary"
)

// part says which part of a report a list shows.
func (b *builder) part(shown int, all int64, what, report string) string {
	if int64(shown) >= all {
		return ""
	}
	note := fmt.Sprintf("The %s largest of %s %s.", human.Thousands(int64(shown)), human.Thousands(all), what)
	if file := reportFile(b.formats, report); file != "" {
		return note + " All are in " + file + "."
	}
	return note + " All are in the report " + report + ": pidledger report --format csv writes it."
}

// comparison gives the columns of an amount in the month and the one before.
func (b *builder) comparison(key ...string) []htmlColumn {
	cols := append(columns(key...), columns("#"+b.view.Month+"|effective cost in the month", "#share|of attributed usage in the month")...)
	if b.view.Before != "" {
		cols = append(cols, columns("#"+b.view.Before+"|effective cost in the month before", "#change|since the month before")...)
	}
	return cols
}

// compare gives the cells of comparison.
func (b *builder) compare(cost amounts, sum *big.Int, key ...htmlCell) []htmlCell {
	cells := append(key, moneyCell(cost[b.now]), percentCell(ratioOf(cost[b.now], sum)))
	if b.view.Before != "" {
		cells = append(cells, moneyCell(cost[b.before]), growthCell(cost[b.now], cost[b.before]))
	}
	return cells
}

// live tells whether there is an amount in the month or the one before.
func (b *builder) live(cost amounts) bool {
	return cost[b.now] != nil || b.view.Before != "" && cost[b.before] != nil
}

// channelAmounts gives the amounts of each channel in the window.
func (b *builder) channelAmounts(f *currencyFacts) map[string]*amounts {
	out := map[string]*amounts{}
	for i, month := range b.window {
		for channel, cost := range f.channels[month] {
			if out[channel] == nil {
				out[channel] = new(amounts)
			}
			out[channel].add(i, cost)
		}
	}
	return out
}

func (b *builder) channelTable(f *currencyFacts) *htmlTable {
	t := &htmlTable{Caption: "Channels compared", Columns: b.comparison("channel"), Empty: "No channel has attributed usage."}
	sum := total(rank(f.channels[b.view.Month]))
	for _, c := range b.ordered(b.channelAmounts(f)) {
		t.add(b.compare(*c.cost, sum, textCell(channelName(c.key)))...)
	}
	return t
}

// entry is a line of a comparison.
type entry[K any] struct {
	key  K
	cost *amounts
}

// ordered sorts the lines that have an amount by that of the month, the largest first.
func (b *builder) ordered(m map[string]*amounts) []entry[string] {
	var out []entry[string]
	for key, cost := range m {
		if b.live(*cost) {
			out = append(out, entry[string]{key, cost})
		}
	}
	slices.SortFunc(out, func(x, y entry[string]) int {
		return cmp.Or(compareAmounts(y.cost[b.now], x.cost[b.now]), cmp.Compare(x.key, y.key))
	})
	return out
}

// compareAmounts orders amounts; none comes before all others.
func compareAmounts(a, b *big.Int) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	}
	return a.Cmp(b)
}

func (b *builder) lineTable(f *currencyFacts) *htmlTable {
	t := &htmlTable{
		Caption: "Offers by channel in " + b.view.Month, Empty: "No offer has attributed usage.",
		Columns: columns("offer", "channel", "MPN ID", "#effective cost", "#share of offer", "#growth|since the month before, as in the report channels", "#customers", "#deployments"),
	}
	lines := slices.Clone(f.lines[b.now])
	slices.SortStableFunc(lines, func(x, y summary.ChannelLine) int { return y.EffectiveCost.Rat().Cmp(x.EffectiveCost.Rat()) })
	for _, l := range lines[:min(len(lines), listRows)] {
		change := htmlCell{Text: growthText(l.Growth), Value: l.Growth, Title: l.Growth, Class: direction(spec.Amount(l.Growth).Sign())}
		t.add(textCell(human.OrDash(l.Offer)), textCell(channelName(l.Channel)), textCell(human.OrDash(l.MPNID)), amountCell(l.EffectiveCost), percentCell(l.Share), change,
			countCell(l.Customers), countCell(l.Deployments))
	}
	t.Note = b.part(len(t.Rows), int64(len(lines)), "lines", "channels")
	return t
}

func (b *builder) mpnTable(f *currencyFacts) *htmlTable {
	t := &htmlTable{Caption: "MPN IDs", Columns: b.comparison("MPN ID"), Empty: "No MPN ID has attributed usage."}
	costs := map[string]*amounts{}
	sum := new(big.Int)
	for key, o := range f.offers {
		if costs[key[0]] == nil {
			costs[key[0]] = new(amounts)
		}
		for i, n := range o.cost {
			if n != nil {
				costs[key[0]].add(i, n)
			}
		}
		if n := o.cost[b.now]; n != nil {
			sum.Add(sum, n)
		}
	}
	lines := b.ordered(costs)
	for _, l := range lines[:min(len(lines), listRows)] {
		t.add(b.compare(*l.cost, sum, textCell(human.OrDash(l.key)))...)
	}
	t.Note = b.part(len(t.Rows), int64(len(lines)), "MPN IDs", "summary")
	return t
}

func (b *builder) offerTable(f *currencyFacts) *htmlTable {
	t := &htmlTable{Caption: "Offers and plans", Empty: "No offer has attributed usage."}
	t.Columns = append(b.comparison("offer", "SKU", "MPN ID"), columns("#resources", "#ids|tracking ids with usage")...)
	sum := new(big.Int)
	var lines []entry[[3]string]
	for key, o := range f.offers {
		if n := o.cost[b.now]; n != nil {
			sum.Add(sum, n)
		}
		if b.live(o.cost) {
			lines = append(lines, entry[[3]string]{key, &o.cost})
		}
	}
	slices.SortFunc(lines, func(x, y entry[[3]string]) int {
		return cmp.Or(compareAmounts(y.cost[b.now], x.cost[b.now]), slices.Compare(x.key[:], y.key[:]))
	})
	for _, l := range lines[:min(len(lines), listRows)] {
		o := f.offers[l.key]
		t.add(append(b.compare(*l.cost, sum, textCell(human.OrDash(l.key[1])), textCell(human.OrDash(l.key[2])), textCell(human.OrDash(l.key[0]))),
			countCell(o.resources[b.now]), countCell(o.ids[b.now]))...)
	}
	t.Note = b.part(len(t.Rows), int64(len(lines)), "offers and plans", "summary")
	return t
}

// label names a customer.
func (c *customerFacts) label() string {
	return human.Clean(cmp.Or(c.name, c.id, "unknown"))
}

func (b *builder) customerTable(f *currencyFacts) *htmlTable {
	t := &htmlTable{Caption: "Customers", Empty: "No customer has attributed usage."}
	t.Columns = append(b.comparison("customer", "tenant, or subscription|a subscription stands where neither an export nor the customers file names its tenant"), columns("#subscriptions")...)
	list := largest[*customerFacts]{n: listRows}
	sum := new(big.Int)
	for _, key := range slices.Sorted(maps.Keys(f.customers)) {
		c := f.customers[key]
		if !b.live(c.cost) {
			continue
		}
		weight := new(big.Int)
		if n := c.cost[b.now]; n != nil {
			weight.Add(weight, n)
			sum.Add(sum, n)
		}
		list.add(weight, func() *customerFacts { return c })
	}
	for _, c := range list.sorted() {
		t.add(append(b.compare(c.cost, sum, textCell(human.OrDash(c.name)), codeCell(c.id)), countCell(c.subs[b.now]))...)
	}
	t.Note = b.part(len(t.Rows), list.total, "customers", "customers")
	return t
}

func (b *builder) coverageTable(f *currencyFacts) *htmlTable {
	month, earlier := b.view.Month, b.view.Before
	t := &htmlTable{Caption: "Where all spend went, and why it is not attributed", Empty: "There is no usage."}
	t.Columns = columns("status or reason", "#"+month+"|effective cost in the month", "#share|of usage in the month")
	if earlier != "" {
		t.Columns = append(t.Columns, columns("#"+earlier+"|effective cost in the month before", "#change|since the month before")...)
	}
	t.Columns = append(t.Columns, columns("#usage rows", "what it means", "what to do")...)
	usage, was := f.usageOf(month), f.usageOf(earlier)
	add := func(name string, now, before *summary.Sum, share bool) {
		cells := []htmlCell{textCell(name), moneyCell(&now.Effective)}
		part := ""
		if share {
			part = ratioOf(&now.Effective, &usage.Effective)
		}
		cells = append(cells, percentCell(part))
		if earlier != "" {
			cells = append(cells, moneyCell(&before.Effective), growthCell(&now.Effective, &before.Effective))
		}
		t.add(append(cells, countCell(now.Rows), textCell(meanings[name][0]), textCell(meanings[name][1]))...)
	}
	pick := func(name string) (now, before *summary.Sum) {
		from := f.statuses
		if slices.Contains(summary.ReasonOrder, name) {
			from = f.reasons
		}
		return from[month][name], from[earlier][name]
	}
	names := append([]string{"attributed"}, causeOrder...)
	known := append([]string{"unattributed", "not_usage"}, names...)
	for _, m := range []string{month, earlier} {
		for _, from := range []map[string]*summary.Sum{f.statuses[m], f.reasons[m]} {
			for _, name := range slices.Sorted(maps.Keys(from)) {
				if !slices.Contains(known, name) { // nothing may be missing from this table
					names, known = append(names, name), append(known, name)
				}
			}
		}
	}
	for _, name := range append(names, "not_usage") {
		now, before := pick(name)
		if now != nil || before != nil || name == "attributed" {
			add(name, summary.OrZero(now), summary.OrZero(before), name != "not_usage")
		}
	}
	if len(f.statuses[month]) > 0 {
		add("all usage, without not_usage", usage, was, true)
	}
	return t
}

func (b *builder) unattributedTable(f *currencyFacts) *htmlTable {
	t := &htmlTable{
		Caption: "Resources with the most usage that belongs to no id, " + b.view.Month, Empty: "All usage belongs to an id.",
		Columns: columns("resource", "reason", "#effective cost", "#usage rows", "first day", "last day"),
		Hint:    "pidledger explain, followed by a resource id, shows the evidence, or what is missing.",
	}
	list := &f.unattributed[b.now]
	for _, l := range list.sorted() {
		resource := codeCell(l.resource)
		if l.resource == "" {
			resource = textCell("charges without a resource, subscription " + human.OrDash(l.subscription))
		}
		t.add(resource, textCell(cmp.Or(l.reason, l.status)), amountCell(l.cost), countCell(l.rows), dateCell(l.first), dateCell(l.last))
	}
	t.Note = b.part(len(t.Rows), list.total, "lines", "unattributed")
	return t
}

func (b *builder) stakesTable(f *currencyFacts) *htmlTable {
	t := &htmlTable{
		Caption: "Ids without a registration in force, all months", Empty: "Every id with usage is registered.",
		Columns: columns("tracking id", "kind", "#effective cost|of all usage that it owns", "first seen", "last seen", "#requests", "what to do"),
		Hint:    "pidledger explain, followed by a tracking id, shows what it owns and why.",
	}
	for _, u := range f.stakes.sorted() {
		t.add(codeCell(u.TrackingID), textCell(u.Kind), amountCell(u.EffectiveCost), dateCell(u.FirstSeen), dateCell(u.LastSeen), countCell(u.Requests),
			textCell(meanings[u.Kind][1]))
	}
	t.Note = b.part(len(t.Rows), f.stakes.total, "ids", "unregistered")
	return t
}

func (b *builder) restatedTable(f *currencyFacts) *htmlTable {
	t := &htmlTable{
		Caption: "Months that changed after they were reported", Empty: "No month changed after it was reported.",
		Columns: columns("month", "status", "changed at (UTC)", "#was|effective cost", "#is|effective cost since then", "#difference", "why|what changed", "in this run"),
	}
	for _, l := range f.restated.sorted() {
		fresh := "no"
		if l.isNew {
			fresh = "yes"
		}
		t.add(textCell(l.Month), textCell(l.Status), dateCell(l.replaced), amountCell(l.Old), amountCell(l.New), amountCell(l.Difference), textCell(l.Cause), textCell(fresh))
	}
	t.Note = strings.Replace(b.part(len(t.Rows), f.restated.total, "changes", "restatements"), "largest", "newest", 1)
	return t
}

func (b *builder) overlapTable(f *currencyFacts) *htmlTable {
	t := &htmlTable{
		Caption: "Usage that does not count, or counts in doubt", Empty: "All usage that was delivered counts, and once.",
		Columns: columns("month", "subscription", "reason", "#days", "#usage rows", "#effective cost", "export or file that counts", "export or file that does not|added_up: both count"),
	}
	for _, l := range f.overlaps.sorted() {
		t.add(textCell(l.month), codeCell(l.subscription), textCell(l.reason), countCell(l.days), countCell(l.rows), amountCell(l.cost), textCell(l.kept), textCell(l.dropped))
	}
	t.Note = b.part(len(t.Rows), f.overlaps.total, "overlaps", "overlaps")
	return t
}

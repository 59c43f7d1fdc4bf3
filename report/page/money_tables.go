package page

import (
	"cmp"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/report/changes"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/lead"
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
	cols := append(columns(key...), columns("#"+b.view.Month+"|effective cost in the month", "~#share|of attributed usage in the month")...)
	if b.view.Before != "" {
		cols = append(cols, columns("~~#"+b.view.Before+"|effective cost in the month before", "#change|since the month before")...)
	}
	return b.unbrokenMonths(cols)
}

// unbrokenMonths keeps months in one line, which have a hyphen to break at.
func (b *builder) unbrokenMonths(cols []htmlColumn) []htmlColumn {
	for i, c := range cols {
		if c.Name == b.view.Month || c.Name == b.view.Before {
			cols[i].Class = strings.TrimSpace(c.Class + " d")
		}
	}
	return cols
}

// trend is the column of the sparklines.
func (b *builder) trend() htmlColumn {
	return htmlColumn{Name: "trend", Plain: true, Class: "w", Meaning: fmt.Sprintf("effective cost by month, the last %d; each line by its own scale", sparkLine)}
}

// compare gives the cells of comparison.
func (b *builder) compare(c compared, key ...htmlCell) []htmlCell {
	now, before := units(c.Cost), units(c.CostBefore)
	all := c.AllCost.BigInt()
	share := shareCell(lead.RatioOf(now, all), all, b.usages[c.Currency])
	key[0].Bar = shareBar(share.Value)
	cells := append(key, moneyCell(now), share)
	if b.view.Before != "" {
		cells = append(cells, moneyCell(before), growthOf(growthCell(now, before), now, before, all))
	}
	return cells
}

// shareCell shows a part of base: grey where base is small beside all.
func shareCell(ratio string, base, all *big.Int) htmlCell {
	c := percentCell(ratio)
	if isSmall(all, base) {
		c.Class = small
	}
	return c
}

// growthOf shows a growth: grey where it is one of small amounts.
func growthOf(c htmlCell, now, before, all *big.Int) htmlCell {
	if isSmall(all, now, before) {
		c.Class = small
	}
	return c
}

// isSmall tells whether amounts are below a hundredth of all: what is a part of them, and their growth, is shown, and says little. It is the part
// below which no change of a channel is worth a look either.
func isSmall(all *big.Int, amounts ...*big.Int) bool {
	part := new(big.Int).Div(all, big.NewInt(changes.Thresholds().ChannelPart))
	return all.Sign() > 0 && !slices.ContainsFunc(amounts, func(n *big.Int) bool { return n != nil && n.Cmp(part) >= 0 })
}

func (b *builder) channelTable(s *section) *htmlTable {
	t := &htmlTable{Caption: "Channels compared", Columns: append(b.comparison("channel"), b.trend()), Empty: "No channel has attributed usage."}
	trends := sparks{}
	for _, p := range of(b.months, s.Currency) {
		trends.add(p.Name, p.Label, p.Cost)
	}
	for _, c := range s.channels {
		name := textCell(lead.ChannelName(c.Channel))
		name.Swatch = swatch(s.colours, c.Channel)
		t.add(append(b.compare(c.compared, name), b.sparkCell(trends[c.Channel]))...)
		t.Note = b.part(len(t.Rows), c.Lines, "channels", "channels")
	}
	return t
}

func (b *builder) lineTable(s *section) *htmlTable {
	t := &htmlTable{
		Caption: "Offers by channel in " + b.view.Month, Empty: "No offer has attributed usage.",
		Columns: columns("offer", "channel", "~~MPN ID", "#effective cost", "~#share of offer", "~#growth|since the month before, as in the report channels", "~~#customers", "~~#deployments"),
	}
	all := s.status(b.view.Month, "attributed")
	for _, l := range of(b.lines, s.Currency) {
		change := htmlCell{Text: growthText(l.Growth), Value: l.Growth, Title: l.Growth, Class: direction(spec.Amount(l.Growth).Sign())}
		now := l.Cost.BigInt()
		before := quotient(now, new(big.Rat).Add(big.NewRat(1, 1), spec.Amount(cmp.Or(l.Growth, "0")).Rat()))
		offer := quotient(now, spec.Amount(cmp.Or(l.Share, "1")).Rat())
		t.add(textCell(human.OrDash(l.Offer)), textCell(lead.ChannelName(l.Channel)), textCell(human.OrDash(l.MPN)), decCell(l.Cost), shareCell(l.Share, offer, all),
			growthOf(change, now, before, all), countCell(l.Customers), countCell(l.Deployments))
		t.Note = b.part(len(t.Rows), l.Lines, "lines", "channels")
	}
	return t
}

// quotient is what a ratio was taken of, to its few digits; nil: that cannot be told.
func quotient(part *big.Int, ratio *big.Rat) *big.Int {
	if ratio.Sign() == 0 {
		return nil
	}
	whole := new(big.Rat).Quo(new(big.Rat).SetInt(part), ratio)
	return new(big.Int).Quo(whole.Num(), whole.Denom())
}

func (b *builder) mpnTable(s *section) *htmlTable {
	t := &htmlTable{Caption: "MPN IDs", Columns: b.comparison("MPN ID"), Empty: "No MPN ID has attributed usage."}
	for _, l := range of(b.mpns, s.Currency) {
		t.add(b.compare(l.compared, textCell(human.OrDash(l.MPN)))...)
		t.Note = b.part(len(t.Rows), l.Lines, "MPN IDs", "summary")
	}
	return t
}

func (b *builder) offerTable(s *section) *htmlTable {
	t := &htmlTable{Caption: "Offers and plans", Empty: "No offer has attributed usage."}
	t.Columns = append(b.comparison("offer", "~SKU", "~~MPN ID"), append(columns("~~#resources", "~~#ids|tracking ids with usage"), b.trend())...)
	key := func(mpn, offer, sku string) string { return mpn + "\x00" + offer + "\x00" + sku }
	trends := sparks{}
	for _, p := range of(b.offerTrends, s.Currency) {
		trends.add(key(p.MPN, p.Offer, p.SKU), p.Label, p.Cost)
	}
	for _, l := range of(b.offers, s.Currency) {
		t.add(append(b.compare(l.compared, textCell(human.OrDash(l.Offer)), textCell(human.OrDash(l.SKU)), textCell(human.OrDash(l.MPN))),
			countCell(l.Resources), countCell(l.IDs), b.sparkCell(trends[key(l.MPN, l.Offer, l.SKU)]))...)
		t.Note = b.part(len(t.Rows), l.Lines, "offers and plans", "summary")
	}
	return t
}

func (b *builder) customerTable(s *section) *htmlTable {
	t := &htmlTable{Caption: "Customers", Empty: "No customer has attributed usage."}
	t.Columns = append(b.comparison("customer|a tenant; a subscription where neither an export nor the customers file names its tenant"), append(columns("~~#subscriptions"), b.trend())...)
	trends := sparks{}
	for _, p := range of(b.customerTrends, s.Currency) {
		trends.add(p.Name, p.Label, p.Cost)
	}
	for _, c := range of(b.customers, s.Currency) {
		who := codeCell(c.Customer)
		if c.Name != "" {
			who = textCell(c.Name)
			who.Under = human.Clean(c.Customer)
		}
		t.add(append(b.compare(c.compared, who), countCell(c.Subscriptions), b.sparkCell(trends[c.Customer]))...)
		t.Note = b.part(len(t.Rows), c.Lines, "customers", "customers")
	}
	return t
}

func (b *builder) coverageTable(s *section) *htmlTable {
	month, earlier := b.view.Month, b.view.Before
	t := &htmlTable{Caption: "Where all spend went, and why it is not attributed", Empty: "There is no usage."}
	t.Columns = columns("status or reason", "#"+month+"|effective cost in the month", "#share|of usage in the month")
	if earlier != "" {
		t.Columns = append(t.Columns, columns("~#"+earlier+"|effective cost in the month before", "~#change|since the month before")...)
	}
	t.Columns = append(b.unbrokenMonths(t.Columns), columns("~#usage rows")...)
	usage, was := s.usage(month), s.usage(earlier)
	line := func(name string, now, before share, hasShare bool) []htmlCell {
		cells := []htmlCell{textCell(name), moneyCell(now.cost)}
		part := ""
		if hasShare {
			part = lead.RatioOf(now.cost, usage.cost)
		}
		cells = append(cells, percentCell(part))
		if earlier != "" {
			growth := growthCell(now.cost, before.cost)
			if name != "attributed" {
				growth.Class = "" // that more is not attributed is no good news, and that less is used no bad news
			}
			cells = append(cells, moneyCell(before.cost), growthOf(growth, now.cost, before.cost, usage.cost))
		}
		return append(cells, countCell(now.rows))
	}
	names := append([]string{"attributed"}, causeOrder...)
	known := append([]string{"unattributed", "not_usage"}, names...)
	for _, m := range []string{month, earlier} {
		for _, from := range []shares{s.statuses[m], s.reasons[m]} {
			for _, name := range slices.Sorted(maps.Keys(from)) {
				if !slices.Contains(known, name) { // nothing may be missing from this table
					names, known = append(names, name), append(known, name)
				}
			}
		}
	}
	for _, name := range append(names, "not_usage") {
		from := s.statuses
		if slices.Contains(summary.ReasonOrder, name) {
			from = s.reasons
		}
		_, now := from[month][name]
		_, before := from[earlier][name]
		if now || before || name == "attributed" {
			t.add(line(name, from[month].of(name), from[earlier].of(name), name != "not_usage")...)
		}
	}
	if len(s.statuses[month]) > 0 {
		t.Total = line("all usage, without not_usage", usage, was, true)
	}
	return t
}

func (b *builder) unattributedTable(s *section) *htmlTable {
	t := &htmlTable{
		Caption: "Resources with the most usage that belongs to no id, " + b.view.Month, Empty: "All usage belongs to an id.",
		Columns: columns("resource", "~kind", "~~subscription", "~reason", "#effective cost", "~~#usage rows", "~~first day", "~~last day"),
		Hint:    "pidledger explain, followed by the name of a resource, shows the evidence, or what is missing.",
	}
	for _, l := range of(b.unattributed, s.Currency) {
		resource, kind := resourceCells(l.ResourceID)
		t.add(resource, kind, codeCell(l.SubscriptionID), textCell(l.Cause), decCell(l.Cost), countCell(l.UsageRows), dateCell(l.FirstUsageDate), dateCell(l.LastUsageDate))
		t.Note = b.part(len(t.Rows), l.Lines, "lines", "unattributed")
	}
	return t
}

func (b *builder) stakesTable(s *section) *htmlTable {
	t := &htmlTable{
		Caption: "Ids without a registration in force, all months", Empty: "Every id with usage is registered.",
		Columns: columns("tracking id", "kind", "#effective cost|of all usage that it owns", "~first seen", "~~last seen", "~~#requests"),
		Hint:    "pidledger explain, followed by a tracking id, shows what it owns and why.",
	}
	for _, u := range of(b.stakes, s.Currency) {
		t.add(codeCell(u.TrackingID), textCell(u.Kind), decCell(u.Cost), dateCell(u.FirstSeen), dateCell(u.LastSeen), countCell(u.Requests))
		t.Note = b.part(len(t.Rows), u.Lines, "ids", "unregistered")
	}
	return t
}

func (b *builder) restatedTable(s *section) *htmlTable {
	t := &htmlTable{
		Caption: "Months that changed after they were reported", Empty: "No month changed after it was reported.",
		Columns: columns("month", "~status", "~~changed at (UTC)", "~#was|effective cost", "~#is|effective cost since then", "#difference", "why|what changed", "~~in this run"),
	}
	for _, l := range of(b.restated, s.Currency) {
		fresh := "no"
		if l.IsNew {
			fresh = "yes"
		}
		t.add(textCell(l.Month), textCell(l.Status), dateCell(l.ReplacedAt.Format("2006-01-02 15:04")), decCell(l.Old), decCell(l.New), decCell(l.Difference), textCell(l.Cause), textCell(fresh))
		t.Note = strings.Replace(b.part(len(t.Rows), l.Lines, "changes", "restatements"), "largest", "newest", 1)
	}
	return t
}

func (b *builder) overlapTable(s *section) *htmlTable {
	t := &htmlTable{
		Caption: "Usage that does not count, or counts in doubt", Empty: "All usage that was delivered counts, and once.",
		Columns: columns("~month", "subscription", "reason", "~~#days", "~~#usage rows", "#effective cost", "~~export or file that counts", "~~export or file that does not|added_up: both count"),
	}
	for _, l := range of(b.overlaps, s.Currency) {
		t.add(textCell(l.Month), codeCell(l.SubscriptionID), textCell(l.Reason), countCell(l.Days), countCell(l.UsageRows), decCell(l.Cost), longCell(l.Kept), longCell(l.Dropped))
		t.Note = b.part(len(t.Rows), l.Lines, "overlaps", "overlaps")
	}
	return t
}

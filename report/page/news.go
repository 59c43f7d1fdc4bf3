package page

import (
	"fmt"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/spec"
)

// Commands on the page are typed as they stand, so that nothing from the data can be more than an argument: words of these shapes
// only, everything else has no command.
var (
	plainArgument = regexp.MustCompile(`^[A-Za-z0-9/][A-Za-z0-9/._-]*$`)
	plainWord     = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9 ._-]*$`)
)

// explain gives the command that shows the evidence of an id; empty when the id cannot stand in a command.
func explain(id string) string {
	switch {
	case strings.HasPrefix(id, "-"):
		return "" // it would be a flag, in quotes or not
	case plainArgument.MatchString(id):
		return "pidledger explain " + id
	case id == "" || strings.ContainsAny(id, `'\`) || human.Clean(id) != id:
		return ""
	}
	return "pidledger explain '" + id + "'"
}

// query gives the command that shows the lines of a report; empty when a value cannot stand in it. conditions are pairs of column
// and value.
func query(report, order string, conditions ...string) string {
	var where []string
	for i := 0; i+1 < len(conditions); i += 2 {
		if !plainWord.MatchString(conditions[i+1]) {
			return ""
		}
		where = append(where, fmt.Sprintf("%s = '%s'", conditions[i], conditions[i+1]))
	}
	return fmt.Sprintf(`pidledger query "select * from %s where %s order by %s"`, report, strings.Join(where, " and "), order)
}

func (b *builder) tell(kind, command, format string, args ...any) {
	b.view.News = append(b.view.News, newsView{Kind: kind, Text: fmt.Sprintf(format, args...), Command: command})
}

// moneyNews tells what changed to the month before in one currency.
func (b *builder) moneyNews(f *currencyFacts, currency string) {
	month, earlier := b.view.Month, b.view.Before
	if earlier == "" {
		return
	}
	now, before := ratioOf(f.status(month, "attributed"), &f.usageOf(month).Effective), ratioOf(f.status(earlier, "attributed"), &f.usageOf(earlier).Effective)
	if now != "" && before != "" {
		moved := new(big.Rat).Sub(spec.Amount(now).Rat(), spec.Amount(before).Rat())
		if new(big.Rat).Abs(moved).Cmp(b.alertShare) > 0 {
			b.tell("attributed share", query("coverage", "month, status", "currency", f.name), "In %s the attributed share of usage moved by %s, from %s in %s to %s.",
				currency, signed(points(decimals(moved)), moved.Sign()), percent(before), earlier, percent(now))
		}
	}
	b.channelNews(f, currency)
	b.customerNews(f, currency)
}

func (b *builder) channelNews(f *currencyFacts, currency string) {
	now, before := f.channels[b.view.Month], f.channels[b.view.Before]
	for _, change := range []struct {
		kind, verb  string
		here, there map[string]*big.Int // it is news when here is at least twice as much as there
		down        bool
	}{{"channel down", "fell", before, now, true}, {"channel up", "rose", now, before, false}} {
		sum := total(rank(change.here))
		for _, r := range rank(change.here) {
			other := change.there[r.name]
			if other == nil {
				other = new(big.Int)
			}
			twice := new(big.Int).Lsh(other, 1)
			minor := new(big.Int).Mul(r.cost, big.NewInt(minorPart))
			if r.cost.Sign() <= 0 || r.cost.Cmp(twice) < 0 || minor.Cmp(sum) < 0 {
				continue
			}
			was, is := r.cost, other
			if !change.down {
				was, is = other, r.cost
			}
			by := ""
			if g := growthOf(is, was); g != "" {
				by = " (" + growthText(g) + ")"
			}
			b.tell(change.kind, query("channels", "month, offer", "currency", f.name, "channel", r.name), "%s %s from %s to %s %s%s.",
				channelName(r.name), change.verb, human.Rounded(decimal(was)), human.Rounded(decimal(is)), currency, by)
		}
	}
}

func (b *builder) customerNews(f *currencyFacts, currency string) {
	appeared, gone := largest[*customerFacts]{n: newsPerKind}, largest[*customerFacts]{n: newsPerKind}
	for _, key := range slices.Sorted(maps.Keys(f.customers)) {
		c := f.customers[key]
		switch now, before := c.cost[b.now], c.cost[b.before]; {
		case now != nil && before == nil:
			appeared.add(now, func() *customerFacts { return c })
		case now == nil && before != nil:
			gone.add(before, func() *customerFacts { return c })
		}
	}
	command := func(c *customerFacts) string {
		if !plainArgument.MatchString(c.id) {
			return ""
		}
		return "pidledger query customer --param customer=" + c.id
	}
	for _, c := range appeared.sorted() {
		b.tell("customer new", command(c), "%s has attributed usage of %s %s, and had none in %s.", c.label(), human.Rounded(decimal(c.cost[b.now])), currency, b.view.Before)
	}
	b.more("customer new", appeared.total, currency)
	for _, c := range gone.sorted() {
		b.tell("customer gone", command(c), "%s has no attributed usage any more, after %s %s in %s.", c.label(), human.Rounded(decimal(c.cost[b.before])), currency, b.view.Before)
	}
	b.more("customer gone", gone.total, currency)
}

// more tells of those that were not listed.
func (b *builder) more(kind string, all int64, where string) {
	if rest := all - newsPerKind; rest > 0 {
		b.tell(kind, "", "And %s more in %s; sort the table Customers by change.", human.Thousands(rest), where)
	}
}

// idNews tells which ids were seen for the first time since the month began.
func (b *builder) idNews() {
	from := b.view.Month + "-01"
	if b.view.Month == "" {
		return
	}
	shown := int64(0)
	for _, l := range b.ids {
		if l.first < from {
			continue // also those never seen
		}
		if shown++; shown <= newsPerKind {
			b.tell("id new", explain(l.id), "Registered id %s (%s, %s) was seen for the first time on %s.", human.Clean(l.id), human.Clean(human.OrDash(l.offer)), channelName(l.channel), l.first)
		}
	}
	for _, u := range b.newIDs {
		if u.FirstSeen < from {
			continue
		}
		if shown++; shown <= newsPerKind {
			b.tell("id new", explain(u.TrackingID), "Id %s was seen for the first time on %s and is not in the registry.", human.Clean(u.TrackingID), u.FirstSeen)
		}
	}
	if rest := shown - newsPerKind; rest > 0 {
		b.tell("id new", "", "And %s more ids.", human.Thousands(rest))
	}
}

// Package changes finds what is worth a look in a published snapshot: one list, which the summary and the page show. queries/changes has what it
// asks, the kinds of changes in the order of their importance, and the thresholds.
package changes

import (
	"cmp"
	"context"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/adhoc"
	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/spec"
)

// The kinds of changes.
const (
	ShareMoved   = "attributed_share"
	ExportLate   = "export_late"
	ChannelFell  = "channel_fell"
	ChannelRose  = "channel_rose"
	CustomerGone = "customer_gone"
	CustomerNew  = "customer_new"
	NewID        = "new_id"
)

// Change is something that a person should look at, with the command that explains it.
type Change struct {
	Kind    string `json:"kind"` // of Kinds
	What    string `json:"what"`
	Command string `json:"command"` // to be typed as it stands; empty when a name in it is not safe in a shell

	Currency string `json:"currency,omitempty"` // of the money that changed; empty: money without a currency, or no money
}

// Kind is a kind of change.
type Kind struct {
	Name, Label string
	Meaning     string // in Markdown
}

// Kinds lists the kinds, the most important first.
func Kinds() []Kind {
	var out []Kind
	for _, r := range queries.Records("change_kinds.csv") {
		out = append(out, Kind{r[0], r[1], r[2]})
	}
	return out
}

// Limits are the thresholds. change_thresholds.csv says what each means.
type Limits struct{ LeastDays, ChannelTimes, ChannelPart, TextLines, PageLines int64 }

// Thresholds reads them.
func Thresholds() Limits {
	var l Limits
	at := map[string]*int64{
		"least_days": &l.LeastDays, "channel_times": &l.ChannelTimes, "channel_part": &l.ChannelPart, "text_lines": &l.TextLines, "page_lines": &l.PageLines,
	}
	for _, r := range queries.Records("change_thresholds.csv") {
		n, err := strconv.ParseInt(r[1], 10, 64)
		if err != nil || at[r[0]] == nil {
			panic(fmt.Sprintf("change_thresholds.csv: %v", r))
		}
		*at[r[0]] = n
	}
	return l
}

// Watch says what counts as a change, and what only the ledger knows.
type Watch struct {
	AlertShare  float64  // by how much the attributed part of the usage must move, 0 to 1
	Hidden      []string // tenants, subscriptions and resource groups that opted out, lower case; no change names whom they belong to
	NewIDs      []string // tracking ids that no earlier run had seen
	LateExports int64    // exports of which nothing came in time
}

// Find lists what is worth a look, the most important first. Usage reaches to the day `through`, YYYY-MM-DD.
func Find(ctx context.Context, r *adhoc.Reader, through string, w Watch) ([]Change, error) {
	f := finder{Watch: w, reader: r, limits: Thresholds()}
	months, err := adhoc.Ask[string](ctx, r, queries.Text("changes/months.sql"), nil)
	if err != nil {
		return nil, err
	}
	if s, ok := spanOf(months, through, f.limits.LeastDays); ok {
		for _, find := range []func(context.Context, span) error{f.shares, f.channels, f.customers} {
			if err := find(ctx, s); err != nil {
				return nil, err
			}
		}
	}
	if w.LateExports > 0 {
		f.found = append(f.found, Late(w.LateExports))
	}
	for _, id := range w.NewIDs {
		f.add(NewID, "the tracking id "+id+" was seen for the first time", "query", "resources_of_id", "--param", "tracking_id="+id)
	}
	order(f.found)
	return f.found, nil
}

// Late is the change that exports missed their cadence.
func Late(n int64) Change {
	return Change{Kind: ExportLate, What: human.Were(n, "export is", "exports are") + " late: nothing came for more than twice the usual time and a day", Command: human.Program + " status"}
}

// order puts changes into the order of their kinds.
func order(list []Change) {
	kinds := Kinds()
	rank := func(c Change) int { return slices.IndexFunc(kinds, func(k Kind) bool { return k.Name == c.Kind }) }
	slices.SortStableFunc(list, func(a, b Change) int { return cmp.Compare(rank(a), rank(b)) })
}

type finder struct {
	Watch
	reader *adhoc.Reader
	limits Limits
	found  []Change
}

func (f *finder) add(kind, what string, command ...string) {
	f.found = append(f.found, Change{Kind: kind, What: what, Command: human.Command(append([]string{human.Program}, command...)...)})
}

// addMoney adds a change of money in a currency.
func (f *finder) addMoney(currency, kind, what string, command ...string) {
	f.add(kind, what, command...)
	f.found[len(f.found)-1].Currency = currency
}

// span is what is compared with what: two months, or the first days of both.
type span struct {
	latest string // the newest month
	month  string // the one that is compared; the newest, or the one before
	before string
	days   int // 0: the whole months
}

func (s span) String() string {
	if s.days > 0 {
		return fmt.Sprintf("%s compared with %s, the first %d days of each", s.month, s.before, s.days)
	}
	return s.month + " compared with " + s.before
}

// lastDay is the last day of what is compared of each month.
func (s span) lastDay() string {
	if s.days > 0 {
		return fmt.Sprintf("%02d", s.days)
	}
	return "31"
}

// spanOf chooses what to compare: the newest of the months, of an unfinished one so many days as it has, or the month before that while it has too
// few. ok is false when there is no earlier month.
func spanOf(months []string, through string, leastDays int64) (s span, ok bool) {
	if len(months) == 0 {
		return s, false
	}
	latest := months[len(months)-1]
	s = span{latest: latest, month: latest}
	if !spec.IsComplete(latest, through) {
		day, err := strconv.Atoi(strings.TrimPrefix(through, latest+"-"))
		if s.days = day; err != nil || int64(day) < leastDays {
			s.month, s.days = spec.MonthBefore(latest), 0
		}
	}
	s.before = spec.MonthBefore(s.month)
	return s, slices.Contains(months, s.month) && slices.Contains(months, s.before)
}

// shares compares how much of the usage is attributed.
func (f *finder) shares(ctx context.Context, s span) error {
	rows, err := adhoc.Ask[struct {
		Currency, Month      string
		Attributed, AllUsage columnar.Dec
	}](ctx, f.reader, queries.Text("changes/shares.sql"), nil)
	if err != nil {
		return err
	}
	alert, ok := new(big.Rat).SetString(strconv.FormatFloat(f.AlertShare, 'f', -1, 64))
	if !ok {
		return nil
	}
	type key struct{ currency, month string }
	shares := map[key]*big.Rat{}
	for _, r := range rows {
		if r.AllUsage.Sign() > 0 {
			shares[key{r.Currency, r.Month}] = new(big.Rat).SetFrac(r.Attributed.BigInt(), r.AllUsage.BigInt())
		}
	}
	for _, r := range rows {
		is, was := shares[key{r.Currency, s.month}], shares[key{r.Currency, s.before}]
		if r.Month != s.month || is == nil || was == nil {
			continue
		}
		moved := new(big.Rat).Sub(is, was)
		if moved.Abs(moved).Cmp(alert) > 0 {
			f.addMoney(r.Currency, ShareMoved, fmt.Sprintf("the attributed share of %s went from %s in %s to %s in %s", cmp.Or(r.Currency, "usage without a currency"),
				human.Percent(was.FloatString(6)), s.before, human.Percent(is.FloatString(6)), s.month), "query", "coverage_share")
		}
	}
	return nil
}

// channelCost is what a channel brought.
type channelCost struct {
	Currency, Channel string
	Cost, CostBefore  columnar.Dec
}

// less is how much less a channel brought than before.
func (c channelCost) less() *big.Int {
	return new(big.Int).Sub(c.CostBefore.BigInt(), c.Cost.BigInt())
}

// channels finds the channels that fell or rose, in each currency those first that did so by the most.
func (f *finder) channels(ctx context.Context, s span) error {
	rows, err := adhoc.Ask[channelCost](ctx, f.reader, queries.Text("changes/channels.sql"), map[string]string{"month": s.month, "before": s.before, "last_day": s.lastDay()})
	if err != nil {
		return err
	}
	type key struct {
		currency string
		before   bool
	}
	totals := map[key]*big.Int{}
	add := func(k key, n columnar.Dec) {
		if totals[k] == nil {
			totals[k] = new(big.Int)
		}
		totals[k].Add(totals[k], n.BigInt())
	}
	for _, r := range rows {
		add(key{r.Currency, false}, r.Cost)
		add(key{r.Currency, true}, r.CostBefore)
	}
	slices.SortStableFunc(rows, func(a, b channelCost) int {
		return cmp.Or(cmp.Compare(a.Currency, b.Currency), b.less().CmpAbs(a.less()))
	})
	times, part := big.NewInt(f.limits.ChannelTimes), big.NewInt(f.limits.ChannelPart)
	for _, r := range rows {
		kind, verb, more, less := ChannelFell, "fell", r.CostBefore.BigInt(), r.Cost.BigInt()
		if r.less().Sign() < 0 {
			kind, verb, more, less = ChannelRose, "rose", less, more
		}
		minor := new(big.Int).Mul(more, part).Cmp(totals[key{r.Currency, kind == ChannelFell}]) < 0
		if more.Sign() <= 0 || minor || new(big.Int).Mul(less, times).Cmp(more) > 0 {
			continue
		}
		command := []string{"compare", "channels"}
		switch {
		case strings.HasPrefix(r.Channel, "-"):
			command = append(command, "") // it would be a flag: no command
		case r.Channel != "":
			command = append(command, r.Channel)
		}
		command = append(command, "--month", s.month)
		if r.Currency != "" {
			command = append(command, "--currency", r.Currency)
		}
		f.addMoney(r.Currency, kind, fmt.Sprintf("the channel %s %s from %s to %s %s (%s)", human.OrDash(r.Channel), verb, amount(r.CostBefore), amount(r.Cost), r.Currency, s), command...)
	}
	return nil
}

func amount(n columnar.Dec) string { return human.Rounded(spec.Amount(columnar.FormatDecimal(n))) }

// customers finds the customers who came in the newest month, and those whose usage ended.
func (f *finder) customers(ctx context.Context, s span) error {
	rows, err := adhoc.Ask[struct {
		Customer, Name string
		FirstDate      *string // nil: gone
	}](ctx, f.reader, queries.Text("changes/customers.sql"),
		map[string]string{"latest": s.latest, "before": s.before, "last_day": s.lastDay(), "hidden": strings.Join(f.Hidden, "\n")})
	if err != nil {
		return err
	}
	for _, r := range rows {
		who := r.Customer
		if r.Name != "" {
			who = r.Name + " (" + r.Customer + ")"
		}
		command := []string{"query", "customer", "--param", "customer=" + r.Customer}
		if r.FirstDate != nil {
			f.add(CustomerNew, fmt.Sprintf("the customer %s is new: first usage on %s", who, *r.FirstDate), command...)
		} else {
			f.add(CustomerGone, fmt.Sprintf("the customer %s is gone: usage in %s, none in %s", who, s.before, s.month), command...)
		}
	}
	return nil
}

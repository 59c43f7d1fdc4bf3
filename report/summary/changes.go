package summary

import (
	"cmp"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/spec"
)

// The kinds of changes.
const (
	ShareMoved   = "attributed_share"
	ExportLate   = "export_late"
	ChannelFell  = "channel_fell"
	CustomerGone = "customer_gone"
	CustomerNew  = "customer_new"
	NewID        = "new_id"
)

// changeOrder is the order in which changes are shown.
var changeOrder = []string{ShareMoved, ExportLate, ChannelFell, CustomerGone, CustomerNew, NewID}

// Change is something that a person should look at, with the command that explains it.
type Change struct {
	Kind    string `json:"kind"`
	What    string `json:"what"`
	Command string `json:"command"` // to be typed as it stands
}

// Watch says what counts as a change.
type Watch struct {
	AlertShare float64  // by how much the attributed part of the usage must move, 0 to 1
	Hidden     []string // tenants, subscriptions and resource groups that opted out, lower case; no change names whom they belong to
}

const (
	// leastDays is how many days an unfinished month must have to be compared: the first days come in late and at different times.
	leastDays = 7
	// leastChannel is the part of a currency's attributed cost below which a channel is too small to be worth a look: one of so many.
	leastChannel = 100
)

// watcher keeps of the reports what changes are found in.
type watcher struct {
	Watch
	days      map[channelDay]*big.Int
	ids       customerIDs
	customers map[Party]map[string]string // the first usage date of each month
	names     map[Party]string
}

type channelDay struct{ currency, channel, date string }

func newWatcher(o Watch) *watcher {
	return &watcher{Watch: o, days: map[channelDay]*big.Int{}, customers: map[Party]map[string]string{}, names: map[Party]string{}}
}

func (w *watcher) addDay(r *spec.Row) {
	k := channelDay{r.Text("currency"), r.Text("channel"), r.Text("usage_date")}
	if w.days[k] == nil {
		w.days[k] = new(big.Int)
	}
	w.days[k].Add(w.days[k], r.Units("effective_cost"))
}

func (w *watcher) addCustomer(r *spec.Row) {
	k := PartyOf(r)
	if k == (Party{}) || w.hidden(strings.ToLower(k.tenant), strings.ToLower(k.Subscription)) {
		return
	}
	w.ids.see(k)
	months := w.customers[k]
	if months == nil {
		months = map[string]string{}
		w.customers[k] = months
	}
	m, first := r.Text("month"), r.Text("first_usage_date")
	if months[m] == "" || first < months[m] {
		months[m] = first
	}
	w.names[k] = cmp.Or(r.Text("customer_name"), w.names[k])
}

// hidden tells whether a customer, or part of it, opted out.
func (w *watcher) hidden(tenant, subscription string) bool {
	return slices.ContainsFunc(w.Hidden, func(id string) bool {
		return id != "" && (id == tenant || id == subscription) || subscription != "" && strings.HasPrefix(id, "/subscriptions/"+subscription+"/")
	})
}

// span is what is compared with what: two months, or the first days of both.
type span struct {
	month, before string
	days          int // 0: the whole months
}

func (s span) String() string {
	if s.days > 0 {
		return fmt.Sprintf("%s compared with %s, the first %d days of each", s.month, s.before, s.days)
	}
	return s.month + " compared with " + s.before
}

// has tells whether a date lies in what is compared of a month.
func (s span) has(month, date string) bool {
	if !strings.HasPrefix(date, month+"-") {
		return false
	}
	day, err := strconv.Atoi(date[len(month)+1:])
	return err == nil && (s.days == 0 || day <= s.days)
}

// spanOf chooses what to compare: the latest month, of an unfinished one so many days as it has, or the month before that while it has too
// few. ok is false when there is no earlier month.
func spanOf(months map[string]bool, latest, through string) (s span, ok bool) {
	s = span{month: latest}
	if !IsComplete(latest, through) {
		day, err := strconv.Atoi(strings.TrimPrefix(through, latest+"-"))
		if s.days = day; err != nil || day < leastDays {
			s = span{month: MonthBefore(latest)}
		}
	}
	s.before = MonthBefore(s.month)
	return s, months[s.month] && months[s.before]
}

// MonthBefore is the calendar month before YYYY-MM; of what is no month the empty text.
func MonthBefore(month string) string {
	t, err := time.Parse("2006-01", month)
	if err != nil {
		return ""
	}
	return t.AddDate(0, -1, 0).Format("2006-01")
}

// IsComplete tells whether usage through a date reaches the last day of a month.
func IsComplete(month, through string) bool {
	t, err := time.Parse("2006-01", month)
	return err != nil || through >= t.AddDate(0, 1, -1).Format(time.DateOnly)
}

// changes finds what changed; the commands are completed by Advise.
func (c *Collector) changes(through string) []Change {
	months := map[string]bool{}
	for k := range c.coverage {
		months[k.month] = true
	}
	s, ok := spanOf(months, c.out.LatestMonth, through)
	if !ok {
		return nil
	}
	found := c.sharesMoved(s)
	found = append(found, c.watch.channelsFell(s)...)
	return append(found, c.watch.customersChanged(s, c.out.LatestMonth)...)
}

// sharesMoved compares how much of the usage is attributed.
func (c *Collector) sharesMoved(s span) (found []Change) {
	alert, ok := new(big.Rat).SetString(strconv.FormatFloat(c.watch.AlertShare, 'f', -1, 64))
	if !ok {
		return nil
	}
	share := func(currency, month string) *big.Rat {
		var attributed, usage big.Int
		for k, sum := range c.coverage {
			if k.currency != currency || k.month != month || k.name == "not_usage" {
				continue
			}
			usage.Add(&usage, &sum.Effective)
			if k.name == "attributed" {
				attributed.Add(&attributed, &sum.Effective)
			}
		}
		if usage.Sign() <= 0 {
			return nil
		}
		return new(big.Rat).SetFrac(&attributed, &usage)
	}
	for _, currency := range currencies(c.coverage) {
		is, was := share(currency, s.month), share(currency, s.before)
		if is == nil || was == nil {
			continue
		}
		moved := new(big.Rat).Sub(is, was)
		if moved.Abs(moved).Cmp(alert) > 0 {
			found = append(found, Change{ShareMoved,
				fmt.Sprintf("the attributed share of %s went from %s in %s to %s in %s", orNoCurrency(currency), human.Percent(was.FloatString(6)), s.before, human.Percent(is.FloatString(6)), s.month),
				"query coverage_share"})
		}
	}
	return found
}

// channelsFell finds the channels that brought half as much or less.
func (w *watcher) channelsFell(s span) (found []Change) {
	type line struct{ currency, channel string }
	is, was, total := map[line]*big.Int{}, map[line]*big.Int{}, map[string]*big.Int{}
	for k, cost := range w.days {
		l := line{k.currency, k.channel}
		switch {
		case s.has(s.month, k.date):
			is[l] = new(big.Int).Add(orNothing(is[l]), cost)
		case s.has(s.before, k.date):
			was[l] = new(big.Int).Add(orNothing(was[l]), cost)
			total[k.currency] = new(big.Int).Add(orNothing(total[k.currency]), cost)
		}
	}
	lost := func(l line) *big.Int { return new(big.Int).Sub(was[l], orNothing(is[l])) }
	for _, l := range slices.SortedFunc(maps.Keys(was), func(a, b line) int {
		return cmp.Or(cmp.Compare(a.currency, b.currency), lost(b).Cmp(lost(a)), cmp.Compare(a.channel, b.channel))
	}) {
		before, now := was[l], orNothing(is[l])
		small := new(big.Int).Mul(before, big.NewInt(leastChannel)).Cmp(total[l.currency]) < 0
		if before.Sign() <= 0 || small || new(big.Int).Lsh(now, 1).Cmp(before) > 0 {
			continue
		}
		command := "compare channels"
		if l.channel != "" {
			command += " " + human.ShellWord(l.channel)
		}
		command += " --month " + s.month
		if l.currency != "" {
			command += " --currency " + human.ShellWord(l.currency)
		}
		found = append(found, Change{ChannelFell, fmt.Sprintf("the channel %s fell from %s to %s %s (%s)", human.OrDash(l.channel), human.Rounded(spec.AmountOf(before)), human.Rounded(spec.AmountOf(now)), l.currency, s), command})
	}
	return found
}

// customersChanged finds the customers who came in the latest month, and those whose usage ended.
func (w *watcher) customersChanged(s span, latest string) (found []Change) {
	months, names := map[string]map[string]string{}, map[string]string{}
	for k, firsts := range w.customers {
		id := w.ids.of(k)
		names[id] = max(names[id], w.names[k])
		if months[id] == nil {
			months[id] = map[string]string{}
		}
		for m, first := range firsts {
			if at := months[id][m]; at == "" || first < at {
				months[id][m] = first
			}
		}
	}
	var gone []Change
	for _, id := range slices.Sorted(maps.Keys(months)) {
		who := id
		if names[id] != "" {
			who = names[id] + " (" + id + ")"
		}
		command := "query customer --param " + human.ShellWord("customer="+id)
		seen := slices.Sorted(maps.Keys(months[id]))
		last := seen[len(seen)-1]
		switch {
		case seen[0] == latest:
			found = append(found, Change{CustomerNew, fmt.Sprintf("the customer %s is new: first usage on %s", who, months[id][latest]), command})
		case last == s.before && s.has(s.before, months[id][last]):
			gone = append(gone, Change{CustomerGone, fmt.Sprintf("the customer %s is gone: usage in %s, none in %s", who, s.before, s.month), command})
		}
	}
	return append(gone, found...)
}

// LateExports is the change that exports missed their cadence.
func LateExports(n int64) Change {
	return Change{ExportLate, human.Were(n, "export is", "exports are") + " late: nothing came for more than twice the usual time and a day", "status"}
}

// completeChanges adds the new ids, puts the changes into their order, and makes the commands such as can be typed.
func (s *Summary) completeChanges(c Commands) {
	s.Changes = slices.DeleteFunc(s.Changes, func(ch Change) bool { return ch.Kind == NewID })
	for _, id := range s.NewIDs {
		s.Changes = append(s.Changes, Change{NewID, "the tracking id " + id + " was seen for the first time", "query resources_of_id --param " + human.ShellWord("tracking_id="+id)})
	}
	slices.SortStableFunc(s.Changes, func(a, b Change) int {
		return cmp.Compare(slices.Index(changeOrder, a.Kind), slices.Index(changeOrder, b.Kind))
	})
	for i, ch := range s.Changes {
		if !strings.HasPrefix(ch.Command, program+" ") {
			s.Changes[i].Command = c.call(ch.Command)
		}
	}
}

// showChanges is how many changes the text has; the JSON form has all.
const showChanges = 10

// printChanges shows what changed, but for the new ids, which have a section of their own.
func printChanges(p *human.Printer, all []Change) {
	shown := slices.DeleteFunc(slices.Clone(all), func(c Change) bool { return c.Kind == NewID })
	if len(shown) == 0 {
		return
	}
	p.Section("Changes worth a look")
	for _, c := range shown[:min(len(shown), showChanges)] {
		p.Line(human.Plain, "  "+human.Clean(c.What)+": "+p.Paint(human.Bold, human.Clean(c.Command)))
	}
	p.More(len(shown) - showChanges)
}

func orNothing(n *big.Int) *big.Int {
	if n == nil {
		return new(big.Int)
	}
	return n
}

func orNoCurrency(currency string) string { return cmp.Or(currency, "usage without a currency") }

// DoubtfulRuns is the note on resources whose owner hangs on which run of a deployment made them, where no record tells; name is that of one of
// the deployments.
func DoubtfulRuns(resources, deployments int64, name string) string {
	which := fmt.Sprintf("deployment %q", name)
	if deployments > 1 {
		which = fmt.Sprintf("each of %s deployments, such as %q,", human.Thousands(deployments), name)
	}
	return fmt.Sprintf("the owner of %s is in doubt: %s ran several times, not always with the same ids, and its records do not say when a run began. "+
		"What it created went to the first run that ended afterwards; the activity log of the subscription has the starts", human.Plural(resources, "resource"), which)
}

// CrowdedTexts is the note on deployment names and User-Agents that hold more tokens than are taken of one text; passed is how many were not.
func CrowdedTexts(texts, passed int64) string {
	return fmt.Sprintf("more than 32 `pid-` in one deployment name or User-Agent (%s): of each the first 32 are read, %s are not",
		human.Plural(texts, "text"), human.Thousands(passed))
}

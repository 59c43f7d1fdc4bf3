package report

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

// What is worth a look, besides a moved share (Watch.AlertShare).
const (
	minorPart   = 50 // a channel below a 50th of the attributed usage of its month is no news
	newsPerKind = 10
)

// pageView is what the template shows.
type pageView struct {
	Run        spec.Run
	Started    string
	Month      string // the month of the figures; empty: no usage
	Before     string // the month that it is compared with; empty: there is none
	Partial    string // why Month is not the newest month, or not complete; empty: it is both
	Currencies []*currencyView
	News       []newsView
	IDs        htmlTable
	Unknown    htmlTable // ids without a registration and without usage
	Malformed  htmlTable
	Sources    htmlTable
}

// currencyView is the section of one currency.
type currencyView struct {
	ID       string
	Name     string
	Default  bool // shown first
	Lead     []sentence
	Figures  []figureView
	Charts   []*htmlChart // usage over time
	Coverage *htmlChart   // by month
	Tables   map[string]*htmlTable
	Full     bool // usage is credited to several ids
}

// sentence is text with the words that matter.
type sentence []phrase

type phrase struct {
	Text   string
	Strong bool
	Title  string
}

type figureView struct {
	Name, Text, Title, Change string
	Direction                 string // up, down or empty
}

// newsView is a change worth a look, with the command that explains it.
type newsView struct {
	Kind, Text, Command string
}

// builder makes the view of what was collected.
type builder struct {
	*pageCollector
	view        *pageView
	formats     []string
	alertShare  *big.Rat
	now, before int // places in the window; before may be outside
}

func newPageView(c *pageCollector, run spec.Run, formats []string, watch Watch) (*pageView, error) {
	c.finish()
	b := &builder{pageCollector: c, formats: formats, alertShare: new(big.Rat).SetFloat64(watch.AlertShare), view: &pageView{Run: run, Started: run.Started.UTC().Format("2006-01-02 15:04:05")}}
	b.chooseMonths(run.DataThrough)
	most := int64(-1)
	for i, name := range slices.Sorted(maps.Keys(c.currencies)) {
		f := c.currencies[name]
		v, err := b.currency(f, "c"+strconv.Itoa(i+1))
		if err != nil {
			return nil, err
		}
		b.view.Currencies = append(b.view.Currencies, v)
		if rows := attributedRows(f); rows > most {
			most = rows
			for _, other := range b.view.Currencies {
				other.Default = other == v
			}
		}
	}
	b.idNews()
	b.idTables()
	b.sourceTable(run.Sources)
	return b.view, nil
}

// chooseMonths takes the newest complete month. A month that is not over yet would look like a loss beside a whole one.
func (b *builder) chooseMonths(through string) {
	b.before = 1
	b.view.Month = b.window[0]
	last, err := time.Parse(time.DateOnly, through)
	if err != nil {
		return
	}
	if last.AddDate(0, 0, 1).Day() != 1 {
		if b.anyUsage(b.window[1]) {
			b.now, b.before = 1, 2
			b.view.Month = b.window[1]
			b.view.Partial = fmt.Sprintf("%s is not over: its usage reaches to %s. The figures are those of %s, the last whole month; charts and tables by month show both.",
				b.window[0], through, b.window[1])
		} else {
			b.view.Partial = fmt.Sprintf("%s is not over: its usage reaches to %s.", b.window[0], through)
		}
	}
	if b.anyUsage(b.window[b.before]) {
		b.view.Before = b.window[b.before]
	}
}

func (b *builder) anyUsage(month string) bool {
	for _, f := range b.currencies {
		if f.statuses[month] != nil {
			return true
		}
	}
	return false
}

func attributedRows(f *currencyFacts) (n int64) {
	for _, statuses := range f.statuses {
		if s := statuses["attributed"]; s != nil {
			n += s.rows
		}
	}
	return n
}

// usageOf gives the sums of a month without not_usage, which the shares are shares of.
func (f *currencyFacts) usageOf(month string) *sum {
	var usage sum
	for status, s := range f.statuses[month] {
		if status != "not_usage" {
			usage.add(&s.effective, &s.billed, s.rows)
		}
	}
	return &usage
}

func (f *currencyFacts) status(month, status string) *big.Int {
	if s := f.statuses[month][status]; s != nil {
		return &s.effective
	}
	return new(big.Int)
}

// causes lists the statuses of usage that is not attributed; unattributed by its reasons.
func (f *currencyFacts) causes(month string) map[string]*big.Int {
	out := map[string]*big.Int{}
	for status, s := range f.statuses[month] {
		if status != "attributed" && status != "not_usage" && status != "unattributed" {
			out[status] = &s.effective
		}
	}
	for reason, s := range f.reasons[month] {
		out[reason] = &s.effective
	}
	return out
}

// clauses say why usage is not attributed, as the end of a sentence: 28 % ... The keys are statuses and reasons.
var clauses = map[string]string{
	"late":           "carries an id that was registered only after the deployment",
	"unregistered":   "carries an id that is not in the registry",
	"system":         "carries only a tool's own id",
	"preexisting":    "was tagged later than it was created",
	"malformed":      "carries only malformed ids",
	"no_resource_id": "names no resource",
	"no_evidence":    "has no export that says who created it",
	"untagged":       "was created without a tracking id",
	"deleted":        "is dated after its resource was deleted",
	"moved":          "was moved from an unknown place",
	"excluded":       "is of customers who opted out",
}

// meanings explain statuses and reasons, and what can be done about them.
var meanings = map[string][2]string{
	"attributed":     {"a registered tracking id owns it", ""},
	"late":           {"its tracking id was registered only after the deployment", "Correct registered_at in the registry, or set attribution.retroactive."},
	"unregistered":   {"its tracking id is not, or no longer, in the registry", "Add the ids that are yours to the registry."},
	"system":         {"it carries only a tool's own id", "Nothing, unless you use that tool for your own deployments: then set your id in it."},
	"preexisting":    {"the resource was tagged later than it was created", "Nothing: only new deployments count."},
	"malformed":      {"the deployment carried only ids with a wrong form", "Mend the ids in the templates; see Malformed ids."},
	"no_resource_id": {"the charge names no resource", "Nothing: the export does not say what it is for."},
	"no_evidence":    {"no export says who created the resource", "Deliver deployments, operations, activity logs or resource changes of these subscriptions."},
	"untagged":       {"the resource was created without any tracking id", "Nothing, if others created it; else tag the template that did."},
	"deleted":        {"the usage is dated after the resource was deleted", "Nothing, unless a new deployment of it is missing from the exports."},
	"moved":          {"the resource was moved here, from where is not known", "Deliver the activity logs of the time of the move."},
	"excluded":       {"the customer opted out; only the total is shown", "Nothing."},
	"not_usage":      {"purchases, refunds, taxes and credits: no usage", ""},
}

// causeOrder is the order of the coverage table.
var causeOrder = slices.Concat([]string{"late", "unregistered", "system", "preexisting", "malformed"}, reasonOrder, []string{"excluded"})

func (b *builder) currency(f *currencyFacts, id string) (*currencyView, error) {
	v := &currencyView{ID: id, Name: human.Clean(f.name), Tables: map[string]*htmlTable{}, Full: f.duplicated}
	if v.Name == "" {
		v.Name = "no currency"
	}
	v.Lead = b.lead(f, v.Name)
	v.Figures = b.figures(f, v.Name)
	if err := b.timeCharts(f, v); err != nil {
		return nil, err
	}
	if err := b.coverageChart(f, v); err != nil {
		return nil, err
	}
	for name, table := range map[string]func(*currencyFacts) *htmlTable{
		"channels": b.channelTable, "lines": b.lineTable, "mpn": b.mpnTable, "offers": b.offerTable, "customers": b.customerTable,
		"coverage": b.coverageTable, "unattributed": b.unattributedTable, "stakes": b.stakesTable, "restated": b.restatedTable, "overlaps": b.overlapTable,
	} {
		t := table(f)
		t.ID = id + "-" + name
		t.Caption += " (" + v.Name + ")"
		v.Tables[name] = t
	}
	b.moneyNews(f, v.Name)
	return v, nil
}

// ranked is a name with an amount.
type ranked struct {
	name string
	cost *big.Int
}

// rank sorts names by amount, the largest first.
func rank(m map[string]*big.Int) []ranked {
	var out []ranked
	for name, cost := range m {
		out = append(out, ranked{name, cost})
	}
	slices.SortFunc(out, func(a, b ranked) int { return cmp.Or(b.cost.Cmp(a.cost), cmp.Compare(a.name, b.name)) })
	return out
}

func total(list []ranked) *big.Int {
	sum := new(big.Int)
	for _, r := range list {
		sum.Add(sum, r.cost)
	}
	return sum
}

// lead answers in words: which channel leads, by how much, what is not attributed and why.
func (b *builder) lead(f *currencyFacts, currency string) []sentence {
	month := b.view.Month
	channels := rank(f.channels[month])
	sum := total(channels)
	strong := func(text string) phrase { return phrase{Text: text, Strong: true} }
	plain := func(format string, args ...any) phrase { return phrase{Text: fmt.Sprintf(format, args...)} }
	money := func(n *big.Int) phrase {
		return phrase{Text: human.Rounded(decimal(n)) + " " + currency, Title: string(decimal(n))}
	}
	var out []sentence
	switch {
	case len(channels) == 0 || sum.Sign() <= 0:
		out = append(out, sentence{strong("Nothing"), plain(" is attributed in %s.", month)})
		if b.view.Run.OnlyUsage {
			out = []sentence{{strong("Nothing can be attributed"), plain(": there is usage, but no evidence of who created it. Deployments, deployment operations, activity logs or request logs of the subscriptions are needed.")}}
		}
	case len(channels) == 1:
		out = append(out, sentence{plain("All attributed usage in %s, ", month), money(sum), plain(", came through "), strong(channelName(channels[0].name)), plain(".")})
	case channels[0].cost.Cmp(channels[1].cost) == 0:
		out = append(out, sentence{strong(channelName(channels[0].name)), plain(" and "), strong(channelName(channels[1].name)),
			plain(" are level in %s, each with ", month), strong(percent(ratioOf(channels[0].cost, sum))), plain(" of attributed usage.")})
	default:
		ahead := new(big.Int).Sub(channels[0].cost, channels[1].cost)
		out = append(out, sentence{strong(channelName(channels[0].name)), plain(" leads with "), strong(percent(ratioOf(channels[0].cost, sum))),
			plain(" of attributed usage in %s (", month), money(channels[0].cost), plain("), "), strong(points(ratioOf(ahead, sum))),
			plain(" ahead of %s (%s).", channelName(channels[1].name), percent(ratioOf(channels[1].cost, sum)))})
	}
	usage := &f.usageOf(month).effective
	attributed := f.status(month, "attributed")
	missing := new(big.Int).Sub(usage, attributed)
	if usage.Sign() <= 0 {
		return out
	}
	if missing.Sign() == 0 {
		return append(out, sentence{strong("All spend is attributed.")})
	}
	s := sentence{strong(percent(ratioOf(missing, usage))), plain(" of spend is not attributed ("), money(missing), plain(" of "), money(usage), plain(")")}
	causes := rank(f.causes(month))
	for i, cause := range causes[:min(len(causes), 3)] {
		if cause.cost.Sign() <= 0 {
			break
		}
		between := ", "
		if i == 0 {
			between = ": "
		}
		s = append(s, plain("%s", between), strong(percent(ratioOf(cause.cost, usage))), plain(" %s", cmp.Or(clauses[cause.name], "has the status "+cause.name)))
	}
	return append(out, append(s, plain(".")))
}

func channelName(name string) string {
	if name == "" {
		return "no channel"
	}
	return human.Clean(name)
}

// percent is Percent for a page: a blank that does not break, and what is not all never looks like all.
func percent(ratio string) string {
	text := human.Percent(ratio)
	if text == "100.0 %" {
		switch spec.Amount(ratio).Rat().Cmp(big.NewRat(1, 1)) {
		case -1:
			text = ">99.9 %"
		case 1:
			text = ">100.0 %"
		}
	}
	return grouped(text)
}

// grouped writes a percentage with a comma between thousands, and a blank that does not break.
func grouped(text string) string {
	number, ok := strings.CutSuffix(text, " %")
	if !ok {
		return text
	}
	sign := number[:len(number)-len(strings.TrimLeft(number, "<>+-"))]
	whole, frac, _ := strings.Cut(number[len(sign):], ".")
	return sign + human.Group(whole) + "." + frac + "\u00a0%"
}

// points writes a ratio as percentage points.
func points(ratio string) string {
	text := strings.TrimSuffix(human.Percent(ratio), " %")
	if text == "1.0" {
		return "1.0 point"
	}
	return text + " points"
}

// ratioOf gives a part of a whole with up to 18 decimals; empty when the whole is not above zero.
func ratioOf(part, whole *big.Int) string {
	if part == nil || whole == nil || whole.Sign() <= 0 {
		return ""
	}
	return decimals(new(big.Rat).SetFrac(part, whole))
}

// decimals writes a ratio without zeros at its end.
func decimals(r *big.Rat) string {
	return strings.TrimRight(strings.TrimRight(r.FloatString(18), "0"), ".")
}

// growthOf gives (now - before) / before; empty when there is nothing before to compare with.
func growthOf(now, before *big.Int) string {
	if before == nil || before.Sign() <= 0 {
		return ""
	}
	if now == nil {
		now = new(big.Int)
	}
	return ratioOf(new(big.Int).Sub(now, before), before)
}

func (b *builder) figures(f *currencyFacts, currency string) []figureView {
	month, earlier := b.view.Month, b.view.Before
	change := func(v *figureView, now, before *big.Int) {
		if earlier == "" {
			return
		}
		if g := growthOf(now, before); g != "" {
			v.Change = growthText(g) + " since " + earlier
			v.Direction = direction(spec.Amount(g).Sign())
		}
	}
	count := func(name string, of [3]int64, title string) figureView {
		v := figureView{Name: name, Text: human.Thousands(of[b.now]), Title: title}
		if earlier != "" {
			d := of[b.now] - of[b.before]
			v.Direction = direction(int(max(-1, min(1, d))))
			switch {
			case d > 0:
				v.Change = "+" + human.Thousands(d) + " since " + earlier
			case d < 0:
				v.Change = human.Thousands(d) + " since " + earlier
			default:
				v.Change = "as in " + earlier
			}
		}
		return v
	}
	attributed, before := f.status(month, "attributed"), f.status(earlier, "attributed")
	cost := figureView{Name: "Attributed effective cost", Text: human.Rounded(decimal(attributed)) + " " + currency, Title: string(decimal(attributed))}
	change(&cost, attributed, before)
	part := ratioOf(attributed, &f.usageOf(month).effective)
	share := figureView{Name: "Share of all usage", Text: percent(part), Title: part}
	if old := ratioOf(before, &f.usageOf(earlier).effective); earlier != "" && old != "" && part != "" {
		moved := new(big.Rat).Sub(spec.Amount(part).Rat(), spec.Amount(old).Rat())
		share.Direction = direction(moved.Sign())
		share.Change = signed(points(decimals(moved)), moved.Sign()) + " since " + earlier
	}
	customers := [3]int64{}
	for id, c := range f.customers {
		for i := range customers {
			if id != "" && c.cost[i] != nil {
				customers[i]++
			}
		}
	}
	return []figureView{
		cost, share,
		count("Customers", customers, "tenants with attributed usage, and subscriptions whose tenant nobody names"),
		count("Subscriptions", f.subs, "subscriptions with attributed usage"),
		count("Resources", f.resources, "resources with attributed usage, counted for each tracking id"),
		count("Tracking ids live", f.ids, "registered tracking ids with attributed usage in the month"),
	}
}

func direction(sign int) string { return [...]string{"down", "", "up"}[sign+1] }

func signed(text string, sign int) string {
	if sign > 0 {
		return "+" + text
	}
	return text
}

// growthText is a growth for people: what is more than a hundredfold says nothing by its digits.
func growthText(ratio string) string {
	if ratio == "" {
		return "-"
	}
	if r := spec.Amount(ratio).Rat(); r.Cmp(big.NewRat(100, 1)) > 0 {
		return ">\u00a0+10,000\u00a0%"
	}
	return grouped(human.Growth(ratio))
}

// cells

func textCell(s string) htmlCell { return htmlCell{Text: human.Clean(s)} }

func dateCell(s string) htmlCell { return htmlCell{Text: s, Class: "d"} }

func codeCell(s string) htmlCell { return htmlCell{Text: human.Clean(s), Code: s != ""} }

func countCell(n int64) htmlCell {
	return htmlCell{Text: human.Thousands(n), Value: strconv.FormatInt(n, 10)}
}

func amountCell(a spec.Amount) htmlCell {
	return htmlCell{Text: human.Rounded(a), Value: string(a), Title: string(a)}
}

func moneyCell(n *big.Int) htmlCell { return amountCell(decimal(n)) }

func percentCell(ratio string) htmlCell {
	return htmlCell{Text: percent(ratio), Value: ratio, Title: ratio}
}

// growthCell compares an amount with the one before; class says whether it went up or down.
func growthCell(now, before *big.Int) htmlCell {
	if before == nil && now != nil && now.Sign() > 0 {
		return htmlCell{Text: "new", Value: "1e30"}
	}
	g := growthOf(now, before)
	return htmlCell{Text: growthText(g), Value: g, Title: g, Class: direction(spec.Amount(g).Sign())}
}

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
	slices.SortStableFunc(lines, func(x, y ChannelLine) int { return y.EffectiveCost.Rat().Cmp(x.EffectiveCost.Rat()) })
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
	add := func(name string, now, before *sum, share bool) {
		cells := []htmlCell{textCell(name), moneyCell(&now.effective)}
		part := ""
		if share {
			part = ratioOf(&now.effective, &usage.effective)
		}
		cells = append(cells, percentCell(part))
		if earlier != "" {
			cells = append(cells, moneyCell(&before.effective), growthCell(&now.effective, &before.effective))
		}
		t.add(append(cells, countCell(now.rows), textCell(meanings[name][0]), textCell(meanings[name][1]))...)
	}
	pick := func(name string) (now, before *sum) {
		from := f.statuses
		if slices.Contains(reasonOrder, name) {
			from = f.reasons
		}
		return from[month][name], from[earlier][name]
	}
	names := append([]string{"attributed"}, causeOrder...)
	known := append([]string{"unattributed", "not_usage"}, names...)
	for _, m := range []string{month, earlier} {
		for _, from := range []map[string]*sum{f.statuses[m], f.reasons[m]} {
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
			add(name, orZero(now), orZero(before), name != "not_usage")
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

// idTables show the ids of the registry and those that nobody registered.
func (b *builder) idTables() {
	never := 0
	slices.SortStableFunc(b.ids, func(x, y idLine) int { return compareBool(y.first == "", x.first == "") })
	b.view.IDs = htmlTable{
		ID: "ids", Caption: "Registered tracking ids", Empty: "The registry has no ids.",
		Columns: columns("tracking id", "offer", "SKU", "channel", "first seen", "last seen", "#deployments", "#failed", "#requests", "#resources", "#usage rows", "last usage"),
	}
	t := &b.view.IDs
	for _, l := range b.ids {
		seen := dateCell(l.first)
		if l.first == "" {
			never++
			seen = htmlCell{Text: "never seen", Class: "warn"}
		}
		if len(t.Rows) < 5*listRows {
			t.add(codeCell(l.id), textCell(human.OrDash(l.offer)), textCell(human.OrDash(l.sku)), textCell(channelName(l.channel)), seen, dateCell(human.OrDash(l.last)),
				countCell(l.succeeded), countCell(l.failed), countCell(l.requests), countCell(l.resources), countCell(l.rows), dateCell(human.OrDash(l.lastUsage)))
		}
	}
	t.Note = strings.Replace(b.part(len(t.Rows), int64(len(b.ids)), "ids", "tracking_ids"), "largest", "first", 1)
	if never > 0 && !b.view.Run.OnlyUsage {
		t.Note = strings.TrimSpace(fmt.Sprintf("%s of %s never seen: check that the published templates carry them, and that exports of the subscriptions they are used in are delivered. %s",
			human.Thousands(int64(never)), human.Were(int64(len(b.ids)), "registered id was", "registered ids were"), t.Note))
	}

	b.view.Unknown = htmlTable{
		ID: "unknown", Caption: "Ids without a registration and without usage", Empty: "There are none.",
		Columns: columns("tracking id", "kind", "first seen", "last seen", "#requests"),
	}
	for _, u := range b.idle.sorted() {
		b.view.Unknown.add(codeCell(u.TrackingID), textCell(u.Kind), dateCell(u.FirstSeen), dateCell(u.LastSeen), countCell(u.Requests))
	}
	b.view.Unknown.Note = b.part(len(b.view.Unknown.Rows), b.idle.total, "ids", "unregistered")

	b.view.Malformed = htmlTable{
		ID: "malformed", Caption: "Malformed ids", Empty: "No id has a wrong form.",
		Columns: columns("token", "reason", "probably meant", "found in", "last seen", "#sightings"),
	}
	for _, m := range b.malformed.sorted() {
		b.view.Malformed.add(codeCell(m.Token), textCell(m.Reason), codeCell(m.Suggestion), textCell(strings.ReplaceAll(m.Source, "_", " ")), dateCell(m.LastSeen), countCell(m.Sightings))
	}
	b.view.Malformed.Note = b.part(len(b.view.Malformed.Rows), b.malformed.total, "tokens", "malformed")
}

func (b *builder) sourceTable(sources []spec.Source) {
	t := &b.view.Sources
	*t = htmlTable{ID: "sources", Caption: "Sources", Columns: columns("source", "#count", "newest", "note"), Plain: true}
	for _, s := range sources {
		t.add(textCell(s.Name), countCell(s.Count), textCell(human.OrDash(s.Newest)), textCell(s.Note))
	}
}

// timeCharts draw attributed usage by month and by day, a colour for each channel.
func (b *builder) timeCharts(f *currencyFacts, v *currencyView) error {
	names := b.palette(f)
	for _, c := range []struct {
		id, title, label string
		from             map[string]map[string]*big.Int
		draw             func(*htmlChart, []string, []chartSeries) error
	}{
		{"months", "Attributed usage by month and channel", "month", f.channels, (*htmlChart).drawBars},
		{"days", fmt.Sprintf("Attributed usage by day and channel, the last %d days", dailyDays), "day", f.daily, (*htmlChart).drawLines},
	} {
		labels := slices.Sorted(maps.Keys(c.from))
		if c.id == "days" {
			labels = allDays(labels)
		}
		if len(labels) == 0 {
			continue
		}
		chart := &htmlChart{
			ID: v.ID + "-" + c.id, Title: fmt.Sprintf("%s, effective cost in %s", c.title, v.Name),
			Description: fmt.Sprintf("From %s to %s. The numbers are in the table below.", labels[0], labels[len(labels)-1]),
		}
		series := seriesOf(labels, names, c.from)
		if err := c.draw(chart, labels, series); err != nil {
			return fmt.Errorf("draw %s: %w", c.title, err)
		}
		chart.Table = chartTable(chart, c.label, labels, series)
		v.Charts = append(v.Charts, chart)
	}
	return nil
}

// allDays gives every day from the first to the last: a day without usage is shown as one.
func allDays(days []string) (out []string) {
	if len(days) == 0 {
		return nil
	}
	last := days[len(days)-1]
	for day, err := time.Parse(time.DateOnly, days[0]); err == nil; day = day.AddDate(0, 0, 1) {
		text := day.Format(time.DateOnly)
		if text > last || len(out) == dailyDays {
			break
		}
		out = append(out, text)
	}
	return out
}

// colours is how many series have a colour of their own; more are one series, "other".
const colours = 7

// palette gives each channel its class. The same channel has the same colour in every currency, unless there are too many.
func (b *builder) palette(f *currencyFacts) map[string]chartLegend {
	all := map[string]bool{}
	for _, other := range b.currencies {
		for _, month := range other.channels {
			for channel := range month {
				all[channel] = true
			}
		}
	}
	names := slices.Sorted(maps.Keys(all))
	if len(names) > colours {
		sums := map[string]*big.Int{}
		for _, month := range f.channels {
			for channel, cost := range month {
				if sums[channel] == nil {
					sums[channel] = new(big.Int)
				}
				sums[channel].Add(sums[channel], cost)
			}
		}
		names = nil
		for _, r := range rank(sums) {
			names = append(names, r.name)
		}
		names = names[:min(len(names), colours)]
		slices.Sort(names)
	}
	out := map[string]chartLegend{}
	for i, name := range names {
		out[name] = chartLegend{"s" + strconv.Itoa(i), channelName(name)}
	}
	return out
}

// seriesOf arranges amounts by label and name. Names without a colour are added up as "other"; those without any amount are left out.
func seriesOf(labels []string, names map[string]chartLegend, from map[string]map[string]*big.Int) []chartSeries {
	byClass := map[string]*chartSeries{}
	for i, label := range labels {
		for name, cost := range from[label] {
			look, ok := names[name]
			if !ok {
				look = chartLegend{"s" + strconv.Itoa(colours), "other"}
			}
			s := byClass[look.Class]
			if s == nil {
				s = &chartSeries{name: look.Name, class: look.Class, values: make([]*big.Int, len(labels))}
				for j := range s.values {
					s.values[j] = new(big.Int)
				}
				byClass[look.Class] = s
			}
			s.values[i].Add(s.values[i], cost)
		}
	}
	var out []chartSeries
	for _, class := range slices.Sorted(maps.Keys(byClass)) {
		out = append(out, *byClass[class])
	}
	return out
}

// chartTable has the numbers of a chart.
func chartTable(c *htmlChart, label string, labels []string, series []chartSeries) htmlTable {
	t := htmlTable{ID: c.ID + "-numbers", Caption: c.Title, Columns: columns(label), Plain: true}
	for _, s := range series {
		t.Columns = append(t.Columns, htmlColumn{Name: s.name, Number: true})
	}
	for i, l := range labels {
		cells := []htmlCell{textCell(l)}
		for _, s := range series {
			cells = append(cells, moneyCell(s.values[i]))
		}
		t.add(cells...)
	}
	return t
}

// coverageChart draws all usage by month: what is attributed, and what is not for which reason.
func (b *builder) coverageChart(f *currencyFacts, v *currencyView) error {
	labels := slices.Sorted(maps.Keys(f.statuses))
	if len(labels) == 0 {
		return nil
	}
	looks := map[string]chartLegend{}
	for i, name := range append([]string{"attributed"}, causeOrder...) {
		looks[name] = chartLegend{fmt.Sprintf("k%02d", i), name}
	}
	from := map[string]map[string]*big.Int{}
	for _, month := range labels {
		from[month] = f.causes(month)
		from[month]["attributed"] = f.status(month, "attributed")
	}
	series := seriesOf(labels, looks, from)
	chart := &htmlChart{
		ID: v.ID + "-coverage-chart", Title: "All usage by month: attributed, or why not, effective cost in " + v.Name,
		Description: fmt.Sprintf("From %s to %s. The numbers are in the table below.", labels[0], labels[len(labels)-1]),
	}
	if err := chart.drawBars(labels, series); err != nil {
		return fmt.Errorf("draw coverage: %w", err)
	}
	chart.Table = chartTable(chart, "month", labels, series)
	v.Coverage = chart
	return nil
}

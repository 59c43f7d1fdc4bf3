package page

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"time"

	"github.com/pidledger/pidledger/report/changes"
	"github.com/pidledger/pidledger/report/credit"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/lead"
	"github.com/pidledger/pidledger/report/spec"
	"github.com/pidledger/pidledger/report/targets"
)

// pageView is what the template shows.
type pageView struct {
	Run        spec.Run
	Started    string
	Month      string // the month of the figures; empty: no usage
	Before     string // the month that it is compared with; empty: there is none
	Partial    string // why Month is not the newest month, or not complete; empty: it is both
	Indication string // the total of all currencies; empty: none
	Currencies []*currencyView
	News       []newsView
	Aims       htmlTable // targets in currencies without a section
	IDs        htmlTable
	Unknown    htmlTable // ids without a registration and without usage
	Malformed  htmlTable
	Sources    htmlTable
}

// currencyView is the section of one currency.
type currencyView struct {
	ID       string
	Name     string
	Lead     []lead.Sentence
	Total    figureView   // what is attributed
	Figures  []figureView // and what it consists of
	Whole    *coverageView
	Hands    []handView
	Months   *htmlChart // attributed usage
	Weeks    *htmlChart
	Coverage *htmlChart // by month
	Terms    []term     // what the names in the table of coverage mean
	Tables   map[string]*htmlTable
	Restated string // how many restatements and overlaps there are
	Full     bool   // usage is credited to several ids
}

// term is a status or reason, what it means and what can be done about it.
type term struct{ Name, Meaning, Do string }

type figureView struct {
	Name, Text, Title, Change string
}

// newsView is a change worth a look, with the command that explains it.
type newsView struct {
	Kind, Text, Command string
}

// builder makes the view of what was asked.
type builder struct {
	facts
	view    *pageView
	formats []string
	found   []changes.Change
	aims    targets.Found
	earned  credit.Found
	recent  []string            // the months of the sparklines
	usages  map[string]*big.Int // all usage of the month, by currency
}

func newPageView(a *asker, run spec.Run, formats []string, found []changes.Change, aims targets.Found, earned credit.Found) (*pageView, error) {
	b := &builder{formats: formats, found: found, aims: aims, earned: earned, usages: map[string]*big.Int{}, view: &pageView{Run: run, Started: run.Started.UTC().Format("2006-01-02 15:04:05"), News: news(found)}}
	b.coverage = ask[coverageRow](a, "coverage")
	first, firstDay := b.chooseMonths(run.DataThrough)
	b.currencies = ask[currencyRow](a, "currencies", "first", first)
	b.collect(a, run.ID, b.view.Month, b.view.Before, firstDay, b.chooseRecent())
	if a.err != nil {
		return nil, a.err
	}
	b.view.Indication = aims.Indication(b.view.Month)
	for i, row := range b.currencies {
		b.view.Currencies = append(b.view.Currencies, b.currency(b.section(row), "c"+strconv.Itoa(i+1)))
	}
	b.view.Aims = b.otherTargets()
	b.idTables()
	b.sourceTable(run.Sources)
	return b.view, nil
}

// chooseMonths takes the newest complete month: a month that is not over yet would look like a loss beside a whole one. It tells the first month
// that any figure is of, and the Monday that the weekly chart begins with.
func (b *builder) chooseMonths(through string) (first, firstDay string) {
	last, err := time.Parse(time.DateOnly, through)
	if err != nil {
		return "9999", "9999" // no usage
	}
	newest := last.Format("2006-01")
	b.view.Month, b.view.Before = newest, spec.MonthBefore(newest)
	first = spec.MonthBefore(b.view.Before)
	if !spec.IsComplete(newest, through) {
		if b.anyUsage(b.view.Before) {
			b.view.Month, b.view.Before = b.view.Before, first
			b.view.Partial = fmt.Sprintf("%s is not over: its usage reaches to %s. The figures are those of %s, the last whole month; charts and tables by month show both.",
				newest, through, b.view.Month)
		} else {
			b.view.Partial = fmt.Sprintf("%s is not over: its usage reaches to %s.", newest, through)
		}
	}
	if !b.anyUsage(b.view.Before) {
		b.view.Before = ""
	}
	return first, monday(last).AddDate(0, 0, 7*(1-chartWeeks)).Format(time.DateOnly)
}

// monday is the first day of a day's week.
func monday(day time.Time) time.Time { return day.AddDate(0, 0, -(int(day.Weekday())+6)%7) }

// chooseRecent takes the months of the sparklines: those that there is usage of, without gaps, up to the newest. It gives the first.
func (b *builder) chooseRecent() string {
	first, last := "9999", ""
	for _, r := range b.coverage {
		first, last = min(first, r.Month), max(last, r.Month)
	}
	for m := last; m >= first && m != "" && len(b.recent) < sparkLine; m = spec.MonthBefore(m) {
		b.recent = append(b.recent, m)
		if m == first {
			break
		}
	}
	slices.Reverse(b.recent)
	if len(b.recent) == 0 {
		return first
	}
	return b.recent[0]
}

func (b *builder) anyUsage(month string) bool {
	return slices.ContainsFunc(b.coverage, func(r coverageRow) bool { return r.Month == month })
}

// section is what is shown of one currency.
type section struct {
	currencyRow
	name     string                 // for people
	statuses map[string]shares      // by month
	reasons  map[string]shares      // of unattributed usage, by month
	channels []channelRow           // those with usage in the month come first, the largest before all others
	figures  map[string]figuresRow  // by month
	colours  map[string]chartLegend // of the channels
}

// shares are amounts by status or reason.
type shares map[string]share

type share struct {
	cost *big.Int
	rows int64
}

func (b *builder) section(row currencyRow) *section {
	s := &section{currencyRow: row, name: human.Clean(row.Currency), statuses: map[string]shares{}, reasons: map[string]shares{}, figures: map[string]figuresRow{}}
	if s.name == "" {
		s.name = "no currency"
	}
	for _, r := range of(b.coverage, row.Currency) {
		to := s.statuses
		if r.IsReason {
			to = s.reasons
		}
		if to[r.Month] == nil {
			to[r.Month] = shares{}
		}
		to[r.Month][r.Name] = share{r.Cost.BigInt(), r.UsageRows}
	}
	for _, r := range of(b.facts.figures, row.Currency) {
		s.figures[r.Month] = r
	}
	s.channels = of(b.channels, row.Currency)
	b.usages[row.Currency] = s.usage(b.view.Month).cost
	return s
}

// usage adds up a month without not_usage, which the shares are shares of.
func (s *section) usage(month string) share {
	usage := share{cost: new(big.Int)}
	for status, part := range s.statuses[month] {
		if status != "not_usage" {
			usage.cost.Add(usage.cost, part.cost)
			usage.rows += part.rows
		}
	}
	return usage
}

// status is the usage of a month with a status.
func (s *section) status(month, status string) *big.Int { return s.statuses[month].of(status).cost }

// of is zero for a name that does not occur.
func (s shares) of(name string) share {
	if part, ok := s[name]; ok {
		return part
	}
	return share{cost: new(big.Int)}
}

// causes lists the statuses of usage that is not attributed; unattributed by its reasons.
func (s *section) causes(month string) map[string]*big.Int {
	out := map[string]*big.Int{}
	for status, part := range s.statuses[month] {
		if status != "attributed" && status != "not_usage" && status != "unattributed" {
			out[status] = part.cost
		}
	}
	for reason, part := range s.reasons[month] {
		out[reason] = part.cost
	}
	return out
}

func (b *builder) currency(s *section, id string) *currencyView {
	v := &currencyView{ID: id, Name: s.name, Tables: map[string]*htmlTable{}, Full: s.IsDuplicated, Lead: b.lead(s), Whole: b.coverageBar(s), Hands: b.hands(s, id)}
	figures := b.figures(s)
	v.Total, v.Figures = figures[0], figures[1:]
	s.colours = b.palette(of(b.months, s.Currency))
	v.Months, v.Weeks, v.Coverage = b.monthChart(s, id), b.weekChart(s, id), b.coverageChart(s, id)
	for name, table := range map[string]func(*section) *htmlTable{
		"targets": b.targetTable, "credit": b.creditTable, "channels": b.channelTable, "lines": b.lineTable, "mpn": b.mpnTable, "offers": b.offerTable, "customers": b.customerTable,
		"coverage": b.coverageTable, "unattributed": b.unattributedTable, "stakes": b.stakesTable, "restated": b.restatedTable, "overlaps": b.overlapTable,
	} {
		t := table(s)
		t.ID = id + "-" + name
		t.dropEmptyTrend()
		t.Caption += " (" + v.Name + ")"
		v.Tables[name] = t
	}
	v.Restated = human.Plural(int64(len(v.Tables["restated"].Rows)), "restatement") + ", " + human.Plural(int64(len(v.Tables["overlaps"].Rows)), "overlap")
	for _, row := range v.Tables["coverage"].Rows {
		if m := meanings[row[0].Text]; m[0] != "" {
			v.Terms = append(v.Terms, term{row[0].Text, m[0], m[1]})
		}
	}
	return v
}

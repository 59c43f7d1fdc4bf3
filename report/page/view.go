package page

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"time"

	"github.com/pidledger/pidledger/report/changes"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/spec"
	"github.com/pidledger/pidledger/report/summary"
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
	now, before int // places in the window; before may be outside
}

func newPageView(c *pageCollector, run spec.Run, formats []string, found []changes.Change) *pageView {
	c.finish()
	b := &builder{pageCollector: c, formats: formats, view: &pageView{Run: run, Started: run.Started.UTC().Format("2006-01-02 15:04:05")}}
	b.chooseMonths(run.DataThrough)
	most := int64(-1)
	for i, name := range slices.Sorted(maps.Keys(c.currencies)) {
		f := c.currencies[name]
		v := b.currency(f, "c"+strconv.Itoa(i+1))
		b.view.Currencies = append(b.view.Currencies, v)
		if rows := attributedRows(f); rows > most {
			most = rows
			for _, other := range b.view.Currencies {
				other.Default = other == v
			}
		}
	}
	b.view.News = news(found)
	b.idTables()
	b.sourceTable(run.Sources)
	return b.view
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
			n += s.Rows
		}
	}
	return n
}

// usageOf gives the sums of a month without not_usage, which the shares are shares of.
func (f *currencyFacts) usageOf(month string) *summary.Sum {
	var usage summary.Sum
	for status, s := range f.statuses[month] {
		if status != "not_usage" {
			usage.Add(&s.Effective, &s.Billed, s.Rows)
		}
	}
	return &usage
}

func (f *currencyFacts) status(month, status string) *big.Int {
	if s := f.statuses[month][status]; s != nil {
		return &s.Effective
	}
	return new(big.Int)
}

// causes lists the statuses of usage that is not attributed; unattributed by its reasons.
func (f *currencyFacts) causes(month string) map[string]*big.Int {
	out := map[string]*big.Int{}
	for status, s := range f.statuses[month] {
		if status != "attributed" && status != "not_usage" && status != "unattributed" {
			out[status] = &s.Effective
		}
	}
	for reason, s := range f.reasons[month] {
		out[reason] = &s.Effective
	}
	return out
}

func (b *builder) currency(f *currencyFacts, id string) *currencyView {
	v := &currencyView{ID: id, Name: human.Clean(f.name), Tables: map[string]*htmlTable{}, Full: f.duplicated}
	if v.Name == "" {
		v.Name = "no currency"
	}
	v.Lead = b.lead(f, v.Name)
	v.Figures = b.figures(f, v.Name)
	b.timeCharts(f, v)
	b.coverageChart(f, v)
	for name, table := range map[string]func(*currencyFacts) *htmlTable{
		"channels": b.channelTable, "lines": b.lineTable, "mpn": b.mpnTable, "offers": b.offerTable, "customers": b.customerTable,
		"coverage": b.coverageTable, "unattributed": b.unattributedTable, "stakes": b.stakesTable, "restated": b.restatedTable, "overlaps": b.overlapTable,
	} {
		t := table(f)
		t.ID = id + "-" + name
		t.Caption += " (" + v.Name + ")"
		v.Tables[name] = t
	}
	return v
}

// cells

package page

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"time"

	"github.com/pidledger/pidledger/report/lead"
)

// amounts are the parts of a chart, by label and name.
type amounts map[string]map[string]*big.Int

func amountsOf(points []pointRow) amounts {
	out := amounts{}
	for _, p := range points {
		out.add(p.Label, p)
	}
	return out
}

// monthChart draws attributed usage by month, a colour for each channel; nil: there is none.
func (b *builder) monthChart(s *section, id string) *htmlChart {
	from := amountsOf(of(b.months, s.Currency))
	return newChart(id+"-months", "Attributed usage by month and channel", "month", s, slices.Sorted(maps.Keys(from)), from, panelWidths, s.colours)
}

// weekChart draws attributed usage by week: by day a chart has more peaks than answers.
func (b *builder) weekChart(s *section, id string) *htmlChart {
	from, weeks := amounts{}, map[string]bool{}
	for _, p := range of(b.days, s.Currency) {
		day, err := time.Parse(time.DateOnly, p.Label)
		if err != nil {
			continue // the column is a date
		}
		week := monday(day).Format(time.DateOnly)
		weeks[week] = true
		from.add(week, p)
	}
	if last, err := time.Parse(time.DateOnly, b.view.Run.DataThrough); err == nil && len(weeks) > 0 {
		weeks[monday(last).Format(time.DateOnly)] = true // where usage ended before it is seen to
	}
	chart := newChart(id+"-weeks", fmt.Sprintf("Attributed usage by week and channel, the last %d weeks", chartWeeks), "week from", s, allWeeks(slices.Sorted(maps.Keys(weeks))), from, columnWidths, s.colours)
	if chart != nil {
		chart.Description = "A week is named by its Monday; usage reaches to " + b.view.Run.DataThrough + ". " + chart.Description
	}
	return chart
}

func (a amounts) add(label string, p pointRow) {
	if a[label] == nil {
		a[label] = map[string]*big.Int{}
	}
	if a[label][p.Name] == nil {
		a[label][p.Name] = new(big.Int)
	}
	a[label][p.Name].Add(a[label][p.Name], p.Cost.BigInt())
}

// newChart draws amounts by label; nil when there are none.
func newChart(id, title, label string, s *section, labels []string, from amounts, widths []drawing, looks map[string]chartLegend) *htmlChart {
	if len(labels) == 0 {
		return nil
	}
	chart := &htmlChart{
		ID: id, Title: fmt.Sprintf("%s, effective cost in %s", title, s.name),
		Description: fmt.Sprintf("From %s to %s. The numbers are in the table below.", labels[0], labels[len(labels)-1]),
	}
	series := seriesOf(labels, looks, from)
	chart.draw(widths, labels, series)
	chart.Table = chartTable(chart, label, labels, series)
	return chart
}

// allWeeks gives every week from the first to the last: a week without usage is shown as one.
func allWeeks(weeks []string) (out []string) {
	if len(weeks) == 0 {
		return nil
	}
	last := weeks[len(weeks)-1]
	for week, err := time.Parse(time.DateOnly, weeks[0]); err == nil; week = week.AddDate(0, 0, 7) {
		text := week.Format(time.DateOnly)
		if text > last || len(out) == chartWeeks {
			break
		}
		out = append(out, text)
	}
	return out
}

// colours is how many series have a colour of their own; more are one series, "other".
const colours = 7

// palette gives each channel its class. The same channel has the same colour in every currency, unless there are too many: then the largest of
// these months have one.
func (b *builder) palette(months []pointRow) map[string]chartLegend {
	all, sums := map[string]*big.Int{}, map[string]*big.Int{}
	for _, p := range b.months {
		all[p.Name] = nil
	}
	for _, p := range months {
		if sums[p.Name] == nil {
			sums[p.Name] = new(big.Int)
		}
		sums[p.Name].Add(sums[p.Name], p.Cost.BigInt())
	}
	names := slices.Sorted(maps.Keys(all))
	if len(names) > colours {
		names = nil
		for _, r := range lead.Rank(sums) {
			names = append(names, r.Name)
		}
		names = names[:min(len(names), colours)]
		slices.Sort(names)
	}
	out := map[string]chartLegend{}
	for i, name := range names {
		out[name] = chartLegend{"s" + strconv.Itoa(i), lead.ChannelName(name)}
	}
	return out
}

// seriesOf arranges amounts by label and name. Names without a colour are added up as "other"; those without any amount are left out.
func seriesOf(labels []string, names map[string]chartLegend, from amounts) []chartSeries {
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
	t := htmlTable{ID: c.ID + "-numbers", Caption: c.Title, Columns: columns(label), Plain: true, Long: len(series) > 1}
	sums := sumsOf(series, len(labels))
	isSum := len(series) > 1 && !c.beside
	if isSum {
		t.Columns = append(t.Columns, htmlColumn{Name: "total", Number: true})
	}
	for _, s := range series {
		t.Columns = append(t.Columns, htmlColumn{Name: s.name, Number: true})
	}
	for i, l := range labels {
		cells := []htmlCell{textCell(l)}
		if isSum {
			cells = append(cells, moneyCell(sums[i]))
		}
		for _, s := range series {
			cells = append(cells, moneyCell(s.values[i]))
		}
		t.add(cells...)
	}
	return t
}

// causeClass is the colour of a status or reason; what has none looks like what is excluded.
func causeClass(name string) string {
	i := slices.Index(append([]string{"attributed"}, causeOrder...), name)
	if i < 0 {
		return "k11"
	}
	return fmt.Sprintf("k%02d", i)
}

// coverageChart draws all usage by month: what is attributed, and what is not for which reason.
func (b *builder) coverageChart(s *section, id string) *htmlChart {
	labels := slices.Sorted(maps.Keys(s.statuses))
	looks := map[string]chartLegend{}
	for _, name := range append([]string{"attributed"}, causeOrder...) {
		looks[name] = chartLegend{causeClass(name), name}
	}
	from := amounts{}
	for _, month := range labels {
		from[month] = s.causes(month)
		from[month]["attributed"] = s.status(month, "attributed")
	}
	return newChart(id+"-coverage-chart", "All usage by month: attributed, or why not", "month", s, labels, from, columnWidths, looks)
}

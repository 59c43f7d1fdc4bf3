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
		if out[p.Label] == nil {
			out[p.Label] = map[string]*big.Int{}
		}
		out[p.Label][p.Channel] = p.Cost.BigInt()
	}
	return out
}

// timeCharts draw attributed usage by month and by day, a colour for each channel.
func (b *builder) timeCharts(s *section, v *currencyView) {
	months := of(b.months, s.Currency)
	names := b.palette(months)
	for _, c := range []struct {
		id, title, label string
		points           []pointRow
		draw             func(*htmlChart, []string, []chartSeries)
	}{
		{"months", "Attributed usage by month and channel", "month", months, (*htmlChart).drawBars},
		{"days", fmt.Sprintf("Attributed usage by day and channel, the last %d days", dailyDays), "day", of(b.days, s.Currency), (*htmlChart).drawLines},
	} {
		from := amountsOf(c.points)
		labels := slices.Sorted(maps.Keys(from))
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
		series := seriesOf(labels, names, from)
		c.draw(chart, labels, series)
		chart.Table = chartTable(chart, c.label, labels, series)
		v.Charts = append(v.Charts, chart)
	}
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

// palette gives each channel its class. The same channel has the same colour in every currency, unless there are too many: then the largest of
// these months have one.
func (b *builder) palette(months []pointRow) map[string]chartLegend {
	all, sums := map[string]*big.Int{}, map[string]*big.Int{}
	for _, p := range b.months {
		all[p.Channel] = nil
	}
	for _, p := range months {
		if sums[p.Channel] == nil {
			sums[p.Channel] = new(big.Int)
		}
		sums[p.Channel].Add(sums[p.Channel], p.Cost.BigInt())
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
func (b *builder) coverageChart(s *section, v *currencyView) {
	labels := slices.Sorted(maps.Keys(s.statuses))
	if len(labels) == 0 {
		return
	}
	looks := map[string]chartLegend{}
	for i, name := range append([]string{"attributed"}, causeOrder...) {
		looks[name] = chartLegend{fmt.Sprintf("k%02d", i), name}
	}
	from := amounts{}
	for _, month := range labels {
		from[month] = s.causes(month)
		from[month]["attributed"] = s.status(month, "attributed")
	}
	series := seriesOf(labels, looks, from)
	chart := &htmlChart{
		ID: v.ID + "-coverage-chart", Title: "All usage by month: attributed, or why not, effective cost in " + v.Name,
		Description: fmt.Sprintf("From %s to %s. The numbers are in the table below.", labels[0], labels[len(labels)-1]),
	}
	chart.drawBars(labels, series)
	chart.Table = chartTable(chart, "month", labels, series)
	v.Coverage = chart
}

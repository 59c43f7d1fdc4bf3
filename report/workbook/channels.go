package workbook

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"

	"github.com/xuri/excelize/v2"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/adhoc"
	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/lead"
	"github.com/pidledger/pidledger/report/spec"
)

const firstSheet = "Channels by month"

// The place of a currency's block on the first sheet.
const (
	chartRows   = 21 // that the chart takes, and a free one
	chartMonths = 24 // the newest; more columns than that say nothing
)

type monthRow struct {
	Currency, Label, Name string
	Cost                  columnar.Dec
}

// block is a currency: its channels by month.
type block struct {
	currency string
	channels []string               // the largest of all months first
	months   []string               // the newest first
	cost     map[[2]string]*big.Int // by month and channel
	channel  map[string]*big.Int    // sums
	month    map[string]*big.Int
}

// channelMonths writes the first sheet: for each currency what each channel brought by month, and a chart of it.
func (d *workbook) channelMonths(ctx context.Context, r *adhoc.Reader) error {
	rows, err := adhoc.Ask[monthRow](ctx, r, queries.Text("page/channels.sql"), nil)
	if err != nil {
		return fmt.Errorf("ask the snapshot for channels by month: %w", err)
	}
	if err := errors.Join(d.file.SetSheetName(d.file.GetSheetName(0), firstSheet), d.sheet(firstSheet, false),
		d.file.SetColWidth(firstSheet, "A", "A", 14), d.file.SetColWidth(firstSheet, "B", "Z", 18)); err != nil {
		return err
	}
	if len(rows) == 0 {
		return d.file.SetCellStr(firstSheet, "A1", "Nothing is attributed yet.")
	}
	at := 1
	colours := channelColours(rows)
	for _, b := range blocks(rows) {
		if at > 1 { // a currency is a page of its own
			if err := d.file.InsertPageBreak(firstSheet, "A"+strconv.Itoa(at)); err != nil {
				return err
			}
		}
		if at, err = d.block(b, at, colours); err != nil {
			return err
		}
	}
	return nil
}

// palette has the colours of the page.
var palette = []string{"0969DA", "BC4C00", "1A7F37", "8250DF", "BF3989", "0E7F86", "7D6608", "6E7781"}

// channelColours gives a channel the same colour in the charts of all currencies.
func channelColours(rows []monthRow) map[string]string {
	colours := map[string]string{}
	for _, row := range rows {
		colours[row.Name] = ""
	}
	for i, name := range slices.Sorted(maps.Keys(colours)) {
		colours[name] = palette[i%len(palette)]
	}
	return colours
}

// blocks gathers the rows, which come by currency and month.
func blocks(rows []monthRow) (out []*block) {
	for _, row := range rows {
		if len(out) == 0 || out[len(out)-1].currency != row.Currency {
			out = append(out, &block{currency: row.Currency, cost: map[[2]string]*big.Int{}, channel: map[string]*big.Int{}, month: map[string]*big.Int{}})
		}
		b, cost := out[len(out)-1], row.Cost.BigInt()
		if b.month[row.Label] == nil {
			b.months, b.month[row.Label] = append(b.months, row.Label), new(big.Int)
		}
		if b.channel[row.Name] == nil {
			b.channel[row.Name] = new(big.Int)
		}
		b.month[row.Label].Add(b.month[row.Label], cost)
		b.channel[row.Name].Add(b.channel[row.Name], cost)
		b.cost[[2]string{row.Label, row.Name}] = cost
	}
	for _, b := range out {
		slices.Reverse(b.months)
		for _, part := range lead.Rank(b.channel) {
			b.channels = append(b.channels, part.Name)
		}
	}
	return out
}

// number is the nearest number to an amount x 10^18; nil, an empty cell, for none.
func number(n *big.Int) any {
	if n == nil {
		return nil
	}
	f, _ := spec.AmountOf(n).Rat().Float64()
	return f
}

// block writes a currency from a row on, and tells the row after it.
func (d *workbook) block(b *block, at int, colours map[string]string) (int, error) {
	name := human.Clean(b.currency)
	if name == "" {
		name = "no currency"
	}
	var all error
	set := func(column, row int, value any, style int) {
		cell, err := excelize.CoordinatesToCellName(column, row)
		all = errors.Join(all, err, d.file.SetCellValue(firstSheet, cell, value))
		if style != 0 {
			all = errors.Join(all, d.file.SetCellStyle(firstSheet, cell, cell, style))
		}
	}
	set(1, at, name+": attributed effective cost by month and channel", d.strong)
	head := at + 1
	set(1, head, "Month", d.header)
	for i, c := range b.channels {
		set(i+2, head, lead.ChannelName(c), d.right)
	}
	set(len(b.channels)+2, head, "Total", d.right)
	for i, m := range b.months {
		row := head + 1 + i
		set(1, row, m, 0)
		for j, c := range b.channels {
			set(j+2, row, number(b.cost[[2]string{m, c}]), d.styles[columnar.Decimal])
		}
		set(len(b.channels)+2, row, number(b.month[m]), d.money)
	}
	end := head + len(b.months)
	all = errors.Join(all, d.chart(b, name, head, end+2, colours))
	return end + 2 + chartRows, all
}

// chart draws the newest months of a block below it, the oldest at the left as people read time, and the amounts there, too.
func (d *workbook) chart(b *block, name string, head, at int, colours map[string]string) error {
	last := head + min(len(b.months), chartMonths)
	ref := func(column int) string {
		letter, _ := excelize.ColumnNumberToName(column) // columns begin with 1
		return fmt.Sprintf("'%s'!$%s$%d:$%s$%d", firstSheet, letter, head+1, letter, last)
	}
	var series []excelize.ChartSeries
	for i, channel := range b.channels {
		letter, err := excelize.ColumnNumberToName(i + 2)
		if err != nil {
			return err
		}
		series = append(series, excelize.ChartSeries{Name: fmt.Sprintf("'%s'!$%s$%d", firstSheet, letter, head), Categories: ref(1), Values: ref(i + 2),
			Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colours[channel]}}})
	}
	gapWidth, varied, dark := uint(60), false, excelize.Font{Size: 9, Color: "404040"}
	return d.file.AddChart(firstSheet, "A"+strconv.Itoa(at), &excelize.Chart{
		Type: excelize.ColStacked, Series: series, GapWidth: &gapWidth, VaryColors: &varied, // else a single channel has a colour for each month
		Title:     excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: "Attributed usage by channel, " + name}}},
		Legend:    excelize.ChartLegend{Position: "right"},
		Dimension: excelize.ChartDimension{Width: 760, Height: 320},
		XAxis:     excelize.ChartAxis{ReverseOrder: true, Font: dark},
		YAxis:     excelize.ChartAxis{Font: dark, MajorGridLines: true, TickLabelPosition: excelize.ChartTickLabelHigh, NumFmt: excelize.ChartNumFmt{CustomNumFmt: "#,##0"}},
	})
}

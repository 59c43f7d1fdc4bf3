package compare

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/page"
)

// about holds for all figures of the page.
const about = "A customer is a tenant; where no export and no customers file names it, the subscription. Amounts are effective cost, rounded to two decimals; the exact value " +
	"shows when the pointer rests on it. Amounts of two currencies are never added, and deployments have no currency. (n): number of customers. Small screens leave columns out."

// pageTables are the tables of a currency, by the columns of Figures.
var pageTables = []struct {
	caption string
	columns []string
	small   []string // stay on small screens; none: the first two that there are
}{
	{"Money", []string{"compared_with", "effective_cost", "share", "cost_before", "growth", "change"}, []string{"effective_cost", "growth"}},
	{"What the change consists of", []string{"change_new", "change_lost", "change_grown", "change_shrunk"}, nil},
	{"Customers", []string{"customers", "new_customers", "retention", "cost_per_customer"}, []string{"customers", "cost_per_customer"}},
}

// WriteHTML writes a page that needs nothing else, in the look of report.html. Texts from files are escaped. version is that of pidledger.
func (c *Comparison) WriteHTML(w io.Writer, version string) error {
	d := page.Document{Title: c.Title, RunID: c.RunID, DataThrough: c.DataThrough, Version: version, Notes: c.Notes, About: about}
	currencies := 0
	for i, b := range c.Blocks() {
		s := page.Section{ID: "s" + strconv.Itoa(i+1), Title: b.Title, Lead: b.Lead, Currency: b.currency}
		if b.currency == "" {
			s.Tables = append(s.Tables, c.table(&b, "Deployments", []string{"deployments", "success_rate"}, nil))
			d.Sections = append(d.Sections, s)
			continue
		}
		currencies++
		s.Chart = c.chart(&b)
		for _, t := range pageTables {
			if table := c.table(&b, t.caption, t.columns, t.small); len(table.Columns) > 1 {
				table.Caption += " (" + b.Title + ")"
				s.Tables = append(s.Tables, table)
			}
		}
		d.Sections = append(d.Sections, s)
	}
	d.Switch = currencies > 1 && !c.Offers
	for _, f := range Figures {
		d.Terms = append(d.Terms, page.Term{Name: f.Column, Meaning: f.Meaning})
	}
	return d.Write(w)
}

// most is how many items a chart shows.
const most = 8

// chart draws the month of the items beside the one before; of many items the largest.
func (c *Comparison) chart(b *Block) *page.Chart {
	chart := &page.Chart{Title: "Effective cost in " + b.Title, Label: c.itemName()}
	now, before := page.Series{Name: "effective cost"}, page.Series{}
	for i, l := range b.lines {
		if i == b.total {
			continue
		}
		if c.By != "month" && i == most {
			chart.Title += ", the largest"
			break
		}
		chart.Labels = append(chart.Labels, b.Items[i])
		now.Values, before.Values = append(now.Values, l.units("effective_cost")), append(before.Values, l.units("cost_before"))
		if c.By != "month" {
			now.Name, before.Name = l.text("month"), human.Clean(l("compared_with"))
		}
	}
	chart.Series = []page.Series{now}
	if before.Name != "" {
		chart.Series = append(chart.Series, before)
	}
	return chart
}

// itemName says what the items are.
func (c *Comparison) itemName() string {
	if c.By == "mpn_id" {
		return "MPN ID"
	}
	return c.By
}

// table has a line for each item. Columns that no item has a figure for are left out.
func (c *Comparison) table(b *Block, caption string, names, small []string) page.Table {
	t := page.Table{Caption: caption, Columns: []string{c.itemName()}}
	rows := make([][]page.Cell, len(b.lines))
	for i := range b.lines {
		rows[i] = []page.Cell{{Text: b.Items[i]}}
	}
	for _, f := range Figures {
		if !slices.Contains(names, f.Column) || f.Column == "compared_with" && c.By != "month" {
			continue
		}
		var column []page.Cell
		for _, l := range b.lines {
			cell := page.Cell{Text: f.show(l, f.Column), Exact: l(f.Column), Signed: f.Column == "growth" || f.Column == "change"}
			if f.Column == "compared_with" {
				cell.Exact = ""
			}
			column = append(column, cell)
		}
		if !slices.ContainsFunc(column, func(cell page.Cell) bool { return cell.Text != "-" }) {
			continue
		}
		name := strings.TrimSpace(f.Label)
		if f.Column != "compared_with" {
			name = "#" + name
		}
		if f.Column != "compared_with" && (len(small) > 0 && !slices.Contains(small, f.Column) || len(small) == 0 && len(t.Columns) > 2) {
			name = "~" + name
		}
		t.Columns = append(t.Columns, name)
		for i := range rows {
			rows[i] = append(rows[i], column[i])
		}
	}
	for i, row := range rows {
		if i == b.total {
			if slices.ContainsFunc(row[1:], func(cell page.Cell) bool { return cell.Text != "-" }) {
				t.Total = row
			}
		} else {
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}

package page

import (
	"fmt"
	"io"
	"math/big"
	"strconv"

	"github.com/pidledger/pidledger/report/spec"
)

// Document is a page in the look of report.html that shows something else: charts and tables in sections. It needs no network either.
type Document struct {
	Title       string
	RunID       string // of the run that published what is shown
	DataThrough string // YYYY-MM-DD; empty: there is no usage
	Version     string // of pidledger
	Notes       []string
	Sections    []Section
	Terms       []Term
	About       string // what holds for all figures
	Switch      bool   // sections with a currency are shown one at a time
}

// Term is a word and what it means.
type Term struct{ Name, Meaning string }

// Section is a part of a Document.
type Section struct {
	ID       string // of letters, digits and hyphens
	Title    string
	Currency string // empty: none
	Lead     string // the answer in a sentence
	Chart    *Chart // nil: none
	Tables   []Table

	Drawn *htmlChart
	Shown []*htmlTable
}

// Chart has a group of bars for each label, a bar for each series.
type Chart struct {
	Title, Label string // Label says what the labels are, over the table of the numbers
	Labels       []string
	Series       []Series
}

// Series is one colour of bars.
type Series struct {
	Name   string
	Values []spec.Amount // one for each label; empty: none
}

// Table is a table that can be sorted.
type Table struct {
	Caption string
	Columns []string // "name", "#name" for numbers; "~" before it when small screens leave the column out
	Rows    [][]Cell
	Total   []Cell // nil: none
}

// Cell is one cell of a Table.
type Cell struct {
	Text   string
	Exact  string // a number that Text is rounded from; sorted by
	Signed bool   // the sign of Exact is shown by colour
}

// Write writes the page. Texts are escaped.
func (d *Document) Write(w io.Writer) error {
	for i := range d.Sections {
		s := &d.Sections[i]
		if s.Chart != nil {
			s.Drawn = s.Chart.draw(s.ID + "-chart")
		}
		for n, t := range s.Tables {
			s.Shown = append(s.Shown, t.view(s.ID+"-table"+strconv.Itoa(n+1)))
		}
	}
	return documentTemplate.Execute(w, d)
}

func (c *Chart) draw(id string) *htmlChart {
	chart := &htmlChart{ID: id, Title: c.Title, Description: fmt.Sprintf("A group of bars for each of %d; the numbers are in the table below.", len(c.Labels))}
	var series []chartSeries
	for i, s := range c.Series {
		one := chartSeries{name: s.Name, class: "s" + strconv.Itoa(i%(colours+1))}
		for _, v := range s.Values {
			one.values = append(one.values, unitsOf(v))
		}
		series = append(series, one)
	}
	chart.beside = true
	chart.draw(columnWidths, c.Labels, series)
	chart.Table = chartTable(chart, c.Label, c.Labels, series)
	return chart
}

// unitsOf reads an amount x 10^18; an empty one is zero.
func unitsOf(a spec.Amount) *big.Int {
	r := new(big.Rat).Mul(a.Rat(), new(big.Rat).SetInt(scale18))
	return new(big.Int).Quo(r.Num(), r.Denom())
}

func (t *Table) view(id string) *htmlTable {
	v := &htmlTable{ID: id, Caption: t.Caption, Columns: columns(t.Columns...)}
	for _, row := range t.Rows {
		v.add(cells(row)...)
	}
	v.Total = cells(t.Total)
	return v
}

func cells(row []Cell) (out []htmlCell) {
	for _, c := range row {
		cell := htmlCell{Text: c.Text, Value: c.Exact, Title: c.Exact}
		if c.Signed && c.Exact != "" {
			cell.Class = direction(spec.Amount(c.Exact).Sign())
		}
		out = append(out, cell)
	}
	return out
}

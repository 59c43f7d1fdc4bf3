// Package compare shows what stands side by side: channels, offers, MPN IDs or months of one snapshot, and what two snapshots say differently.
package compare

import (
	_ "embed"
	"html/template"
	"io"
	"slices"
	"unicode/utf8"

	"github.com/pidledger/pidledger/queries/adhoc"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/spec"
	"github.com/pidledger/pidledger/report/write"
)

// Comparison is the answer of `pidledger compare`: the rows of queries/compare/lines.sql.
type Comparison struct {
	Title  string // what is compared, for a person
	Notes  []string
	By     string // the column of the report channels or summary whose values are compared: channel, offer, mpn_id or month
	Offers bool   // one line for each offer
	fields []adhoc.Field
	lines  [][]adhoc.Cell
}

// Figure is one column of a comparison that holds a figure.
type Figure struct {
	Column  string
	Label   string // in tables for people; empty: shown beside another
	Meaning string
	show    func(*compareLine, string) string
}

// Figures are the figures of a comparison, in the order of the columns. What they mean is told in the help and in report/README.md.
var Figures = []Figure{
	{"compared_with", "compared with", "the month before; of several months that are named, the one named before; empty: the snapshot has none", (*compareLine).text},
	{"effective_cost", "effective cost", "attributed effective cost of the month", (*compareLine).amount},
	{"share", "share", "part of what the filters leave in that month and currency (with --per-offer: and offer); of months: in all months", (*compareLine).ratio},
	{"cost_before", "before", "effective cost of the month that it is compared with", (*compareLine).amount},
	{"growth", "growth", "change / cost_before; empty where that is zero", (*compareLine).growth},
	{"change", "change", "effective_cost less cost_before; the four parts add up to it exactly", (*compareLine).signed},
	{"change_new", "  new", "part of the change: customers without usage in the month compared with", part("new_count")},
	{"change_lost", "  lost", "part of the change: customers without usage in the month", part("lost_count")},
	{"change_grown", "  grown", "part of the change: customers of both months who cost more", part("grown_count")},
	{"change_shrunk", "  shrunk", "part of the change: customers of both months who cost less", part("shrunk_count")},
	{"new_count", "", "how many customers change_new is about", nil},
	{"lost_count", "", "how many customers change_lost is about", nil},
	{"grown_count", "", "how many customers change_grown is about", nil},
	{"shrunk_count", "", "how many customers change_shrunk is about", nil},
	{"customers", "customers", "customers with attributed usage in the month, whatever it cost", (*compareLine).count},
	{"new_customers", "  first month", "those of them who were on that line in no earlier month of the snapshot; in its first month all are", (*compareLine).count},
	{"retention", "retention", "of the customers whose first month was the month before, the part with usage in this month; empty: there were none", (*compareLine).ratio},
	{"cost_per_customer", "cost per customer", "effective_cost / customers", (*compareLine).amount},
	{"deployments", "deployments", "requests begun in the month that carried an id of the line, are deployments, and have no failed deployment", (*compareLine).count},
	{"success_rate", "success rate", "deployments / all deployments, those that failed too; empty: there were none", (*compareLine).ratio},
}

// NewComparison reads the rows.
func NewComparison(by string, offers bool, r *adhoc.Result) (*Comparison, error) {
	c := &Comparison{By: by, Offers: offers, fields: r.Fields()}
	for r.Next() {
		c.lines = append(c.lines, slices.Clone(r.Cells()))
	}
	return c, r.Err()
}

// Empty tells whether there is nothing to compare.
func (c *Comparison) Empty() bool { return len(c.lines) == 0 }

// Write writes the rows in one of the formats of results.
func (c *Comparison) Write(format string, w io.Writer) error {
	var fields []adhoc.Field
	var at []int
	for i, f := range c.fields {
		switch {
		case f.Name == "item" && c.By == "month", f.Name == "per_offer" && !c.Offers:
			continue
		case f.Name == "item":
			f.Name = c.By
		case f.Name == "per_offer":
			f.Name = "offer"
		}
		fields, at = append(fields, f), append(at, i)
	}
	out, err := write.NewResult(format, w, fields, write.ResultOptions{})
	if err != nil {
		return err
	}
	cells := make([]adhoc.Cell, len(at))
	for _, line := range c.lines {
		for i, n := range at {
			cells[i] = line[n]
		}
		if err := out.Row(cells); err != nil {
			return err
		}
	}
	return out.Close()
}

// compareLine reads one row by the names of its columns.
type compareLine struct {
	fields []adhoc.Field
	cells  []adhoc.Cell
}

// raw gives a cell as it stands in CSV; empty: NULL. A column that is not there is a fault of the program.
func (l *compareLine) raw(column string) string {
	i := slices.IndexFunc(l.fields, func(f adhoc.Field) bool { return f.Name == column })
	if i < 0 {
		panic("the result has no column " + column)
	}
	if l.cells[i].Null {
		return ""
	}
	return string(write.AppendCell(nil, &l.fields[i], &l.cells[i]))
}

func (l *compareLine) text(column string) string   { return human.OrDash(human.Clean(l.raw(column))) }
func (l *compareLine) amount(column string) string { return human.Rounded(spec.Amount(l.raw(column))) }
func (l *compareLine) ratio(column string) string  { return human.Percent(l.raw(column)) }
func (l *compareLine) growth(column string) string { return human.Growth(l.raw(column)) }
func (l *compareLine) count(column string) string  { return human.Group(l.raw(column)) }

// signed is an amount with its sign.
func (l *compareLine) signed(column string) string { return human.Signed(spec.Amount(l.raw(column))) }

// part shows an amount with the number of customers that it is about.
func part(count string) func(*compareLine, string) string {
	return func(l *compareLine, column string) string {
		n := l.raw(count)
		if n == "" || n == "0" {
			return "-"
		}
		return l.signed(column) + " (" + human.Group(n) + ")"
	}
}

// Block is what can be compared side by side: the lines of one currency, and of one offer when offers are told apart.
type Block struct {
	Title string
	Items []string // the heads of the columns
	Rows  []Row
}

// Row is one figure of all items.
type Row struct {
	Label string
	Cells []string
}

// Blocks arranges the figures for a person: amounts rounded, a column for each item. A figure that no item has is left out.
func (c *Comparison) Blocks() []Block {
	var blocks []Block
	var lines []compareLine
	flush := func() {
		if len(lines) > 0 {
			blocks = append(blocks, c.block(lines))
		}
		lines = nil
	}
	for _, cells := range c.lines {
		l := compareLine{c.fields, cells}
		if len(lines) > 0 && (l.raw("currency") != lines[0].raw("currency") || l.raw("per_offer") != lines[0].raw("per_offer")) {
			flush()
		}
		lines = append(lines, l)
	}
	flush()
	return blocks
}

func (c *Comparison) block(lines []compareLine) Block {
	b := Block{Title: human.Clean(lines[0].raw("currency"))}
	used := b.Title != ""
	if !used {
		b.Title = "No usage in this selection"
	}
	if c.Offers {
		b.Title += ", " + human.OrDash(human.Clean(lines[0].raw("per_offer")))
	}
	for _, l := range lines {
		b.Items = append(b.Items, l.text("item"))
	}
	for _, f := range Figures {
		if f.show == nil || f.Column == "compared_with" && c.By != "month" || !used && f.Column != "deployments" && f.Column != "success_rate" {
			continue
		}
		row := Row{Label: f.Label}
		some := false
		for i := range lines {
			cell := f.show(&lines[i], f.Column)
			some = some || cell != "-"
			row.Cells = append(row.Cells, cell)
		}
		if some {
			b.Rows = append(b.Rows, row)
		}
	}
	return b
}

// WriteText writes the blocks, side by side as far as the width allows; what is more goes below. Width 0 is that of a common terminal.
func (c *Comparison) WriteText(w io.Writer, width int, color bool) error {
	if width <= 0 {
		width = 100
	}
	p := human.NewPrinter(w, color)
	p.Line(human.Bold, c.Title)
	for _, n := range c.Notes {
		p.Line(human.Yellow, n)
	}
	for _, b := range c.Blocks() {
		p.Section(b.Title)
		for begin := 0; begin < len(b.Items); {
			if begin > 0 {
				p.Line(human.Plain, "")
			}
			begin = b.columns(p, begin, width)
		}
	}
	return p.Err()
}

// columns writes the items from the one at begin on, as many as fit but at least one, and returns the next.
func (b *Block) columns(p *human.Printer, begin, width int) int {
	used := 2
	for _, r := range b.Rows {
		used = max(used, 2+utf8.RuneCountInString(r.Label))
	}
	end := begin
	for ; end < len(b.Items); end++ {
		column := utf8.RuneCountInString(b.Items[end])
		for _, r := range b.Rows {
			column = max(column, utf8.RuneCountInString(r.Cells[end]))
		}
		if used += 2 + column; used > width && end > begin {
			break
		}
	}
	t := &human.Table{Right: map[int]bool{}}
	for i := begin; i < end; i++ {
		t.Right[i-begin+1] = true
	}
	t.Row(human.Bold, append([]string{""}, b.Items[begin:end]...)...)
	for _, r := range b.Rows {
		t.Row(human.Plain, append([]string{r.Label}, r.Cells[begin:end]...)...)
	}
	p.Table(t)
	return end
}

//go:embed compare.html
var comparePage string

var compareTemplate = template.Must(template.New("compare").Parse(comparePage))

// WriteHTML writes a page that needs nothing else. Texts from files are escaped.
func (c *Comparison) WriteHTML(w io.Writer) error {
	return compareTemplate.Execute(w, struct {
		*Comparison
		Figures []Figure
	}{c, Figures})
}

// Package compare shows what stands side by side: channels, offers, MPN IDs or months of one snapshot, and what two snapshots say differently.
package compare

import (
	"cmp"
	"io"
	"math/big"
	"slices"
	"unicode/utf8"

	"github.com/pidledger/pidledger/queries/adhoc"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/lead"
	"github.com/pidledger/pidledger/report/spec"
	"github.com/pidledger/pidledger/report/write"
)

// Comparison is the answer of `pidledger compare`: the rows of queries/compare/lines.sql.
type Comparison struct {
	Title  string // what is compared, for a person
	Notes  []string
	By     string // the column of the report channels or summary whose values are compared: channel, offer, mpn_id or month
	Offers bool   // one line for each offer

	RunID       string // of the run that published the snapshot
	DataThrough string // YYYY-MM-DD; empty: there is no usage

	fields []adhoc.Field
	lines  [][]adhoc.Cell
}

// Figure is one column of a comparison that holds a figure.
type Figure struct {
	Column  string
	Label   string // in tables for people; empty: shown beside another
	Meaning string
	show    func(reader, string) string
	add     bool // whether the total is the sum of the lines
}

// Figures are the figures of a comparison, in the order of the columns. What they mean is told in the help and in report/README.md.
var Figures = []Figure{
	{"compared_with", "compared with", "the month before; of several months that are named, the one named before; empty: the snapshot has none", reader.text, false},
	{"effective_cost", "effective cost", "attributed effective cost of the month", reader.amount, true},
	{"share", "share", "part of what the filters leave in that month and currency (with --per-offer: and offer); of months: in all months", reader.share, true},
	{"cost_before", "before", "effective cost of the month that it is compared with", reader.amount, true},
	{"growth", "growth", "change / cost_before; empty where that is zero", reader.growth, false},
	{"change", "change", "effective_cost less cost_before; the four parts add up to it exactly", reader.signed, true},
	{"change_new", "  new", "part of the change: customers without usage in the month compared with", part("new_count"), true},
	{"change_lost", "  lost", "part of the change: customers without usage in the month", part("lost_count"), true},
	{"change_grown", "  grown", "part of the change: customers of both months who cost more", part("grown_count"), true},
	{"change_shrunk", "  shrunk", "part of the change: customers of both months who cost less", part("shrunk_count"), true},
	{"new_count", "", "how many customers change_new is about", nil, false},
	{"lost_count", "", "how many customers change_lost is about", nil, false},
	{"grown_count", "", "how many customers change_grown is about", nil, false},
	{"shrunk_count", "", "how many customers change_shrunk is about", nil, false},
	{"customers", "customers", "customers with attributed usage in the month, whatever it cost", reader.count, false},
	{"new_customers", "  first month", "those of them who were on that line in no earlier month of the snapshot; in its first month all are", reader.count, false},
	{"retention", "retention", "of the customers whose first month was the month before, the part with usage in this month; empty: there were none", reader.ratio, false},
	{"cost_per_customer", "cost per customer", "effective_cost / customers", reader.amount, false},
	{"deployments", "deployments", "requests begun in the month that carried an id of the line, are deployments, and have no failed deployment", reader.count, false},
	{"success_rate", "success rate", "deployments / all deployments, those that failed too; empty: there were none", reader.ratio, false},
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

// reader gives a cell of a line as it stands in CSV, by the name of its column; empty: NULL.
type reader func(column string) string

// readerOf reads one row. A column that is not there is a fault of the program.
func readerOf(fields []adhoc.Field, cells []adhoc.Cell) reader {
	return func(column string) string {
		i := slices.IndexFunc(fields, func(f adhoc.Field) bool { return f.Name == column })
		if i < 0 {
			panic("the result has no column " + column)
		}
		if cells[i].Null {
			return ""
		}
		return string(write.AppendCell(nil, &fields[i], &cells[i]))
	}
}

func (r reader) text(column string) string   { return human.OrDash(human.Clean(r(column))) }
func (r reader) amount(column string) string { return human.Rounded(r.units(column)) }
func (r reader) ratio(column string) string  { return human.Percent(r(column)) }

// share is a ratio of six places: what rounds to nothing of something is not nothing.
func (r reader) share(column string) string {
	ratio := r(column)
	if ratio != "" && spec.Amount(ratio).Sign() == 0 && r.units("effective_cost").Sign() > 0 {
		ratio = "0.0000001"
	}
	return human.Percent(ratio)
}

func (r reader) growth(column string) string { return human.Growth(r(column)) }
func (r reader) count(column string) string  { return human.OrDash(human.Group(r(column))) }

func (r reader) units(column string) spec.Amount { return spec.Amount(r(column)) }

// signed is an amount with its sign.
func (r reader) signed(column string) string { return human.Signed(r.units(column)) }

// part shows an amount with the number of customers that it is about, where that is known.
func part(count string) func(reader, string) string {
	return func(r reader, column string) string {
		switch n := r(count); {
		case n == "0", n == "" && r.units(column).Sign() == 0:
			return "-"
		case n == "":
			return r.signed(column)
		default:
			return r.signed(column) + " (" + human.Group(n) + ")"
		}
	}
}

// total reads the sum of lines. What cannot be added up is not known: a customer may be in several.
func total(lines []reader) reader {
	sums := map[string]string{}
	for _, f := range Figures {
		if !f.add {
			continue
		}
		sum, known := new(big.Rat), false
		for _, l := range lines {
			known = known || l(f.Column) != ""
			sum.Add(sum, l.units(f.Column).Rat())
		}
		if known {
			sums[f.Column] = lead.Decimals(sum)
		}
		if known && f.Column == "share" {
			sums[f.Column] = sum.FloatString(4) // the parts are rounded to six places
		}
	}
	if before := spec.Amount(sums["cost_before"]).Rat(); before.Sign() > 0 {
		sums["growth"] = lead.Decimals(new(big.Rat).Quo(spec.Amount(sums["change"]).Rat(), before))
	}
	return func(column string) string { return sums[column] }
}

// Block is what can be compared side by side: the lines of one currency, and of one offer when offers are told apart, or the deployments, which
// have no currency.
type Block struct {
	Title string
	Lead  string   // what leads, and by how much; empty: nothing does
	Items []string // the heads of the columns
	Rows  []Row

	currency string   // empty: none
	lines    []reader // one for each item
	total    int      // the item that is the sum of the others; -1: none
}

// Row is one figure of all items.
type Row struct {
	Label string
	Cells []string
}

// Legend explains what the figures of a comparison do not tell by themselves.
const Legend = "(n): number of customers. grown, shrunk: customers of both months; new, lost: of one of them. first month: customers with usage on that line for the " +
	"first time. retention: of those of the month before, how many stayed. pidledger compare --help explains every figure."

// Blocks arranges the figures for a person: amounts rounded, a column for each item, what brings most first. A figure that no item has is left out.
func (c *Comparison) Blocks() []Block {
	var blocks []Block
	var lines, all []reader
	flush := func() {
		if len(lines) > 0 && lines[0]("currency") != "" {
			blocks = append(blocks, c.block(lines))
		}
		lines = nil
	}
	for _, cells := range c.lines {
		l := readerOf(c.fields, cells)
		if len(lines) > 0 && (l("currency") != lines[0]("currency") || l("per_offer") != lines[0]("per_offer")) {
			flush()
		}
		lines, all = append(lines, l), append(all, l)
	}
	flush()
	if b := c.deployments(all); len(b.Rows) > 0 {
		blocks = append(blocks, b)
	}
	return blocks
}

// hasNoCurrency tells whether a figure is the same in all currencies.
func hasNoCurrency(f Figure) bool { return f.Column == "deployments" || f.Column == "success_rate" }

func (c *Comparison) block(lines []reader) Block {
	b := Block{Title: human.Clean(lines[0]("currency")), total: -1}
	b.currency = b.Title
	if c.Offers {
		b.Title += ", " + human.OrDash(human.Clean(lines[0]("per_offer")))
	}
	if c.By != "month" {
		slices.SortStableFunc(lines, func(a, b reader) int { return b.units("effective_cost").Rat().Cmp(a.units("effective_cost").Rat()) })
		b.Lead = leads(lines)
	}
	for _, l := range lines {
		b.Items = append(b.Items, l.text("item"))
	}
	if c.By != "month" && len(lines) > 1 {
		b.total = len(lines)
		b.Items, lines = append(b.Items, "total"), append(lines, total(lines))
	}
	b.lines = lines
	for _, f := range Figures {
		if f.show != nil && !hasNoCurrency(f) && (f.Column != "compared_with" || c.By == "month") {
			b.add(f, lines)
		}
	}
	return b
}

// add adds a figure that some line has.
func (b *Block) add(f Figure, lines []reader) {
	row := Row{Label: f.Label}
	some := false
	for _, l := range lines {
		cell := f.show(l, f.Column)
		some = some || cell != "-"
		row.Cells = append(row.Cells, cell)
	}
	if some {
		b.Rows = append(b.Rows, row)
	}
}

// leads says which line leads, and by how much; empty when none does by as much as is shown.
func leads(lines []reader) string {
	if len(lines) < 2 {
		return ""
	}
	first, second := lines[0].units("effective_cost").Rat(), lines[1].units("effective_cost").Rat()
	ahead := new(big.Rat).Sub(first, second)
	if first.Sign() <= 0 || ahead.Cmp(big.NewRat(1, 100)) < 0 {
		return ""
	}
	text := lines[0].text("item") + " leads by " + human.Rounded(spec.Amount(lead.Decimals(ahead))) + " " + human.Clean(lines[0]("currency"))
	if a, b := lines[0]("share"), lines[1]("share"); a != "" && b != "" {
		text += ", " + lead.Points(lead.Decimals(new(big.Rat).Sub(spec.Amount(a).Rat(), spec.Amount(b).Rat())))
	}
	return text + " ahead of " + lines[1].text("item") + "."
}

// deployments shows once what has no currency.
func (c *Comparison) deployments(lines []reader) Block {
	b := Block{Title: "Deployments, which have no currency", total: -1}
	if !slices.ContainsFunc(lines, func(l reader) bool { return l("currency") != "" }) {
		b.Title = "No usage in this selection"
	}
	seen := map[string]bool{}
	lines = slices.DeleteFunc(lines, func(l reader) bool {
		key := l("item") + "\n" + l("per_offer")
		idle := seen[key] || l("deployments") == "0" && l("success_rate") == "" && l("currency") != ""
		seen[key] = true
		return idle
	})
	slices.SortStableFunc(lines, func(a, b reader) int { return b.units("deployments").Rat().Cmp(a.units("deployments").Rat()) })
	if c.By == "month" {
		slices.SortStableFunc(lines, func(a, b reader) int { return cmp.Compare(a("item"), b("item")) })
	}
	for _, l := range lines {
		item := l.text("item")
		if c.Offers {
			item += ", " + l.text("per_offer")
		}
		b.Items = append(b.Items, item)
	}
	b.lines = lines
	for _, f := range Figures {
		if f.show != nil && hasNoCurrency(f) {
			b.add(f, lines)
		}
	}
	return b
}

// WriteText writes the blocks, side by side as far as the width allows; what is more goes below. Width 0 is that of people's lines.
func (c *Comparison) WriteText(w io.Writer, width int, color bool) error {
	if width <= 0 {
		width = human.Width
	}
	p := human.NewPrinter(w, color)
	p.Text(human.Bold, 0, c.Title)
	for _, n := range c.Notes {
		p.Text(human.Yellow, 0, n)
	}
	for _, b := range c.Blocks() {
		p.Section(b.Title)
		if b.Lead != "" {
			p.Text(human.Plain, 2, b.Lead)
		}
		for begin := 0; begin < len(b.Items); {
			if begin > 0 {
				p.Line(human.Plain, "")
			}
			begin = b.columns(p, begin, width)
		}
	}
	if !c.Empty() {
		p.Line(human.Plain, "")
		p.Text(human.Dim, 0, Legend)
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
		if cells := r.Cells[begin:end]; slices.ContainsFunc(cells, func(c string) bool { return c != "-" }) {
			t.Row(human.Plain, append([]string{r.Label}, cells...)...)
		}
	}
	p.Table(t)
	return end
}

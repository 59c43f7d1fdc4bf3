package page

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/pidledger/pidledger/report/human"
)

// scale18 is the unit that amounts are counted in.
var scale18 = new(big.Int).Exp(big.NewInt(10), big.NewInt(18), nil)

// htmlChart is a chart, drawn once for each width, and the table with its numbers. Everything in it is shown by the template as text and
// attributes, so no value of the data can become markup.
type htmlChart struct {
	ID          string
	Title       string
	Description string // what to see in it, for those who cannot
	Drawings    []*drawing
	Legend      []chartLegend
	Table       htmlTable

	beside bool // the bars of a label stand side by side: they are no parts of a sum
}

// drawing is a chart at one width. Its text has the size that it is read in, so a telephone needs a drawing of its own.
type drawing struct {
	Class         string // the style sheet shows one of a chart's drawings
	Width, Height int
	Shapes        []chartShape
	Columns       []chartColumn

	beside bool // as in the chart; names stand below
}

// chartShape is one element of the drawing. Class says what it is; the style sheet knows its colours in light, dark and on paper.
type chartShape struct {
	Path   string // the outline, or the line; empty: a text
	Fill   bool   // the outline is filled
	Width  int    // of a line
	Text   string
	X, Y   string // of a text
	Anchor string // what of the text is at X: its middle or end
	Class  string
}

// chartColumn is the place of one label of the chart, from top to bottom: the pointer and the keyboard find its numbers there.
type chartColumn struct {
	Path, Text string
}

type chartLegend struct{ Class, Name string }

// chartSeries is one colour of bars.
type chartSeries struct {
	name   string
	class  string
	values []*big.Int // amounts x 10^18, one for each label
}

// All lengths of a drawing are tenths of its unit, which is a pixel when the page is as wide as the drawing.
const (
	tenth       = 10
	chartHeight = 230

	plotTop    = 22 * tenth // room for the total of the highest bar
	plotBottom = (chartHeight - 28) * tenth
	letter     = 7 * tenth // a generous width of a letter
	gap        = 8 * tenth // between a label and what is beside it
	baseline   = 4 * tenth // from the middle of a label to the line it stands on
	widestBar  = 72 * tenth
)

// The widths of a chart in the page's column, and of one in a panel, on large and small screens.
var (
	columnWidths = []drawing{{Class: "wide", Width: 1100}, {Class: "middle", Width: 700}, {Class: "narrow", Width: 340}}
	panelWidths  = []drawing{{Class: "roomy", Width: 540}, {Class: "narrow", Width: 340}}
)

// draw draws the chart for each of the widths.
func (c *htmlChart) draw(widths []drawing, labels []string, series []chartSeries) {
	for _, s := range series {
		c.Legend = append(c.Legend, chartLegend{s.class, s.name})
	}
	for _, d := range widths {
		d.beside = c.beside
		d.bars(labels, series)
		c.Drawings = append(c.Drawings, &d)
	}
}

// axis is the scale of the amounts. It holds zero.
type axis struct {
	step     *big.Int // between two lines of the grid, x 10^18: 1, 2 or 5 times a power of ten
	from, to int64    // steps from zero
}

// axisSteps is how many steps an axis has at most, one more when it passes zero.
const axisSteps = 5

// newAxis gives the axis that holds the amounts from low to high and zero.
func newAxis(low, high *big.Int) axis {
	span := new(big.Int).Sub(high, low)
	if span.Sign() == 0 {
		return axis{step: scale18, to: 1}
	}
	power, ten := big.NewInt(1), big.NewInt(10)
	for step := new(big.Int); ; power.Mul(power, ten) {
		for _, times := range []int64{1, 2, 5} {
			step.Mul(power, big.NewInt(times))
			if new(big.Int).Mul(step, big.NewInt(axisSteps)).Cmp(span) < 0 {
				continue
			}
			from := new(big.Int).Div(low, step) // rounds down
			to := new(big.Int).Neg(new(big.Int).Div(new(big.Int).Neg(high), step))
			return axis{step, from.Int64(), to.Int64()}
		}
	}
}

// at gives the height of an amount. The only rounding of a drawing is here: what is stacked is added up before, so that a stack ends where its
// sum belongs, however many parts it has.
func (a axis) at(n *big.Int) int {
	span := new(big.Int).Mul(a.step, big.NewInt(a.to-a.from))
	above := new(big.Int).Sub(n, new(big.Int).Mul(a.step, big.NewInt(a.from)))
	return plotBottom - rounded(above, span, plotBottom-plotTop)
}

// rounded gives part / whole x times as the nearest whole number.
func rounded(part, whole *big.Int, times int64) int {
	n := new(big.Int).Mul(part, big.NewInt(2*times))
	return int(n.Add(n, whole).Div(n, new(big.Int).Lsh(whole, 1)).Int64())
}

// label writes the amount at a line of the grid.
func (a axis) label(line int64) string {
	return shortAmount(new(big.Int).Mul(a.step, big.NewInt(line)))
}

// shortAmount writes an amount x 10^18 for an axis: 1.5k, 20M.
func shortAmount(n *big.Int) string {
	f, unit := scaled(n)
	return strconv.FormatFloat(f, 'g', 3, 64) + unit
}

// threeDigits writes an amount x 10^18 for a bar, each with as many digits as the others: 1.50k, 20.0M.
func threeDigits(n *big.Int) string {
	f, unit := scaled(n)
	if size := math.Abs(f); size < 0.995 || size >= 999.5 {
		return shortAmount(n)
	}
	digits := 2
	for limit := 9.995; digits > 0 && math.Abs(f) >= limit; limit *= 10 {
		digits--
	}
	return strconv.FormatFloat(f, 'f', digits, 64) + unit
}

// scaled gives an amount x 10^18 in the unit that leaves at most three digits before the point.
func scaled(n *big.Int) (f float64, unit string) {
	f, _ = new(big.Rat).SetFrac(n, scale18).Float64()
	for _, u := range []string{"k", "M", "G", "T"} {
		if math.Abs(f) < 999.5 {
			break
		}
		f, unit = f/1000, u
	}
	return f, unit
}

// bars draws one bar for each label: stacked, with its total, when no amount is below zero, for such a stack would not show the sum; else one
// bar for each series side by side.
func (d *drawing) bars(labels []string, series []chartSeries) {
	low, high := extremes(series)
	stacked := low.Sign() == 0 && (!d.beside || len(series) == 1)
	sums := sumsOf(series, len(labels))
	if stacked {
		_, high = extremes([]chartSeries{{values: sums}})
	}
	a := newAxis(low, high)
	left, right := d.frame(a), (d.Width-10)*tenth
	zero := a.at(new(big.Int))
	border := func(i int) int { return left + (right-left)*i/len(labels) }
	edge := func(i, of, parts int) int { // of the parts of a label, which share the middle of its column
		wide := min((border(i+1)-border(i))*3/5, widestBar)
		return (border(i)+border(i+1)-wide)/2 + wide*of/parts
	}
	var totals []barTotal
	for i, label := range labels {
		sum, below := new(big.Int), zero
		for j, s := range series {
			x0, x1 := edge(i, 0, 1), edge(i, 1, 1)
			if stacked {
				sum.Add(sum, s.values[i])
			} else {
				sum, below = s.values[i], zero
				x0, x1 = edge(i, j, len(series)), edge(i, j+1, len(series))
			}
			y := a.at(sum)
			if y != below {
				d.Shapes = append(d.Shapes, chartShape{Fill: true, Class: s.class, Path: fmt.Sprintf("M%s %sH%sV%sH%sZ", dot(x0), dot(below), dot(x1), dot(y), dot(x0))})
			}
			below = y
			if !stacked {
				totals = append(totals, barTotal{s.values[i], (x0 + x1) / 2, zero - y, y})
			}
		}
		if stacked {
			totals = append(totals, barTotal{sums[i], (border(i) + border(i+1)) / 2, zero - below, below})
		}
		d.Columns = append(d.Columns, chartColumn{
			Path: fmt.Sprintf("M%s 0H%sV%sH%sZ", dot(border(i)), dot(border(i+1)), dot(chartHeight*tenth), dot(border(i))), Text: d.columnText(label, i, sums[i], series),
		})
	}
	d.totals(totals)
	d.labels(labels, func(i int) int { return (border(i) + border(i+1)) / 2 })
}

// barTotal is the amount to be written on a bar.
type barTotal struct {
	amount       *big.Int
	x, height, y int // of the middle and the top of the bar
}

// totals writes amounts on the bars that can be seen: where there is no room for all, on the largest.
func (d *drawing) totals(all []barTotal) {
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return all[b].amount.Cmp(all[a].amount) })
	shown := make([]bool, len(all))
	half := func(i int) int { return len(threeDigits(all[i].amount)) * letter / 2 }
	x := func(i int) int { return min(max(all[i].x, half(i)), d.Width*tenth-half(i)) } // the outermost stay inside
	for _, i := range order {
		shown[i] = all[i].height >= tenth
		for j := range all {
			if j != i && shown[j] && max(x(i), x(j))-min(x(i), x(j)) < half(i)+half(j) {
				shown[i] = false
			}
		}
	}
	for i, t := range all {
		if shown[i] {
			d.Shapes = append(d.Shapes, chartShape{Text: threeDigits(t.amount), X: dot(x(i)), Y: dot(t.y - 5*tenth), Anchor: "middle", Class: "total"})
		}
	}
}

// columnText says the numbers of a label, with their sum where they are parts of one.
func (d *drawing) columnText(label string, i int, sum *big.Int, series []chartSeries) string {
	text := label + ": " + human.Rounded(decimal(sum))
	var parts []string
	for _, s := range series {
		if s.values[i].Sign() != 0 {
			parts = append(parts, s.name+" "+human.Rounded(decimal(s.values[i])))
		}
	}
	switch {
	case d.beside && len(series) > 1 && len(parts) > 0:
		return label + ": " + strings.Join(parts, ", ")
	case len(parts) > 0:
		text += " (" + strings.Join(parts, ", ") + ")"
	}
	return text
}

// sumsOf adds up the series of each label.
func sumsOf(series []chartSeries, labels int) []*big.Int {
	sums := make([]*big.Int, labels)
	for i := range sums {
		sums[i] = new(big.Int)
		for _, s := range series {
			sums[i].Add(sums[i], s.values[i])
		}
	}
	return sums
}

// extremes gives the smallest and the largest amount, zero among them.
func extremes(series []chartSeries) (low, high *big.Int) {
	low, high = new(big.Int), new(big.Int)
	for _, s := range series {
		for _, n := range s.values {
			if n.Cmp(low) < 0 {
				low = n
			}
			if n.Cmp(high) > 0 {
				high = n
			}
		}
	}
	return low, high
}

// frame draws the grid, and tells where the plot begins.
func (d *drawing) frame(a axis) (left int) {
	d.Height = chartHeight
	for line := a.from; line <= a.to; line++ {
		left = max(left, len(a.label(line))*letter+gap)
	}
	for line := a.from; line <= a.to; line++ {
		y, class := a.at(new(big.Int).Mul(a.step, big.NewInt(line))), "grid"
		if line == 0 {
			class = "axis"
		}
		d.Shapes = append(d.Shapes, chartShape{Path: fmt.Sprintf("M%s %sH%d", dot(left), dot(y), d.Width-10), Width: 1, Class: class},
			chartShape{Text: a.label(line), X: dot(left - gap), Y: dot(y + baseline), Anchor: "end", Class: "label"})
	}
	return left
}

// labels writes the labels below the plot: the last, and of the others as many as fit, at even distances from it. The outermost stay inside of
// the drawing. Names, of which none can be left out, stand in two lines where one has no room for all.
func (d *drawing) labels(labels []string, x func(int) int) {
	last, every, width := len(labels)-1, 1, 0
	for _, l := range labels {
		width = max(width, len(l)*letter)
	}
	at := func(i int) int { return min(max(x(i), width/2), d.Width*tenth-width/2) }
	for every < last && (at(last)-at(last-every) < width+gap || at(last%every+every)-at(last%every) < width+gap) {
		every++
	}
	lines := 1
	if d.beside && every > 1 {
		every, lines = 1, 2
		d.Height += 14
	}
	for i := last % every; i <= last; i += every {
		y := plotBottom + 20*tenth + i%lines*14*tenth
		d.Shapes = append(d.Shapes, chartShape{Text: labels[i], X: dot(at(i)), Y: dot(y), Anchor: "middle", Class: "label"})
	}
}

// dot writes a length.
func dot(tenths int) string { return strconv.FormatFloat(float64(tenths)/tenth, 'f', -1, 64) }

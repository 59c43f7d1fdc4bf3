package page

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// scale18 is the unit that amounts are counted in.
var scale18 = new(big.Int).Exp(big.NewInt(10), big.NewInt(18), nil)

// htmlChart is a drawing and the table with its numbers. Everything in it is shown by the template as text and attributes, so no
// value of the data can become markup.
type htmlChart struct {
	ID            string
	Title         string
	Description   string // what to see in it, for those who cannot
	Width, Height int
	Shapes        []chartShape
	Legend        []chartLegend
	Table         htmlTable
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

type chartLegend struct{ Class, Name string }

// chartSeries is one line, or one colour of bars.
type chartSeries struct {
	name   string
	class  string
	values []*big.Int // amounts x 10^18, one for each label
}

// All lengths of a drawing are tenths of its unit, which is a pixel when the page is as wide as the drawing.
const (
	tenth       = 10
	chartWidth  = 860
	chartHeight = 300

	plotTop    = 10 * tenth
	plotBottom = (chartHeight - 28) * tenth
	plotRight  = (chartWidth - 10) * tenth
	letter     = 7 * tenth // a generous width of a letter
	gap        = 8 * tenth // between a label and what is beside it
	baseline   = 4 * tenth // from the middle of a label to the line it stands on
)

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
	above.Mul(above, big.NewInt(2*(plotBottom-plotTop))).Add(above, span)
	return plotBottom - int(above.Div(above, span.Lsh(span, 1)).Int64())
}

// label writes the amount at a line of the grid.
func (a axis) label(line int64) string {
	f, _ := new(big.Rat).SetFrac(new(big.Int).Mul(a.step, big.NewInt(line)), scale18).Float64()
	return shortNumber(f)
}

// shortNumber writes a number of an axis: 1.5k, 20M.
func shortNumber(f float64) string {
	unit := ""
	for _, u := range []string{"k", "M", "G", "T"} {
		if math.Abs(f) < 1000 {
			break
		}
		f, unit = f/1000, u
	}
	return strconv.FormatFloat(f, 'g', 3, 64) + unit
}

// drawBars draws one bar for each label: stacked when no amount is below zero, for such a stack would not show the sum, else one bar
// for each series side by side.
func (c *htmlChart) drawBars(labels []string, series []chartSeries) {
	low, high := extremes(series)
	stacked := low.Sign() == 0
	sums := make([]*big.Int, len(labels))
	for i := range sums {
		sums[i] = new(big.Int)
		for _, s := range series {
			sums[i].Add(sums[i], s.values[i])
		}
	}
	if stacked {
		_, high = extremes([]chartSeries{{values: sums}})
	}
	a := newAxis(low, high)
	left := c.frame(a, series)
	zero := a.at(new(big.Int))
	edge := func(i, of, parts int) int { // of the parts of a label, which share its middle three fifths
		return left + (plotRight-left)*(i*5*parts+parts+3*of)/(len(labels)*5*parts)
	}
	for i := range labels {
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
				c.Shapes = append(c.Shapes, chartShape{Fill: true, Class: s.class, Path: fmt.Sprintf("M%s %sH%sV%sH%sZ", dot(x0), dot(below), dot(x1), dot(y), dot(x0))})
			}
			below = y
		}
	}
	c.labels(labels, func(i int) int { return (edge(i, 0, 1) + edge(i, 1, 1)) / 2 })
}

// drawLines draws one line for each series, from the first label at the left to the last at the right.
func (c *htmlChart) drawLines(labels []string, series []chartSeries) {
	a := newAxis(extremes(series))
	left := c.frame(a, series)
	x := func(i int) int { return left + (plotRight-left)*i/max(len(labels)-1, 1) }
	for _, s := range series {
		var path strings.Builder
		for i, n := range s.values {
			fmt.Fprintf(&path, "%c%s %s", "LM"[max(0, 1-i)], dot(x(i)), dot(a.at(n)))
		}
		if len(labels) == 1 {
			path.WriteString("h8") // a line needs two ends
		}
		c.Shapes = append(c.Shapes, chartShape{Path: path.String(), Width: 2, Class: s.class})
	}
	c.labels(labels, x)
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

// frame draws the grid and the legend, and tells where the plot begins.
func (c *htmlChart) frame(a axis, series []chartSeries) (left int) {
	c.Width, c.Height = chartWidth, chartHeight
	for _, s := range series {
		c.Legend = append(c.Legend, chartLegend{s.class, s.name})
	}
	for line := a.from; line <= a.to; line++ {
		left = max(left, len(a.label(line))*letter+gap)
	}
	for line := a.from; line <= a.to; line++ {
		y, class := a.at(new(big.Int).Mul(a.step, big.NewInt(line))), "grid"
		if line == 0 {
			class = "axis"
		}
		c.Shapes = append(c.Shapes, chartShape{Path: fmt.Sprintf("M%s %sH%s", dot(left), dot(y), dot(plotRight)), Width: 1, Class: class},
			chartShape{Text: a.label(line), X: dot(left - gap), Y: dot(y + baseline), Anchor: "end", Class: "label"})
	}
	return left
}

// labels writes the labels below the plot: the last, and of the others as many as fit, at even distances from it. The outermost stay inside of
// the drawing.
func (c *htmlChart) labels(labels []string, x func(int) int) {
	last, every, width := len(labels)-1, 1, 0
	for _, l := range labels {
		width = max(width, len(l)*letter)
	}
	at := func(i int) int { return min(max(x(i), width/2), chartWidth*tenth-width/2) }
	for every < last && (at(last)-at(last-every) < width+gap || at(last%every+every)-at(last%every) < width+gap) {
		every++
	}
	for i := last % every; i <= last; i += every {
		c.Shapes = append(c.Shapes, chartShape{Text: labels[i], X: dot(at(i)), Y: dot(plotBottom + 20*tenth), Anchor: "middle", Class: "label"})
	}
}

// dot writes a length.
func dot(tenths int) string { return strconv.FormatFloat(float64(tenths)/tenth, 'f', -1, 64) }

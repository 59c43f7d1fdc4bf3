package page

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-analyze/charts"
)

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
	Path      string // the outline; empty: a text
	Text      string
	X, Y      string
	Class     string
	Fill      bool // a filled outline, else a line
	Width     string
	Transform string
}

type chartLegend struct{ Class, Name string }

// chartSeries is one line, or one colour of bars.
type chartSeries struct {
	name   string
	class  string
	values []*big.Int // amounts x 10^18, one for each label
}

// The library draws with colours that stand for classes: red is the number of a class, the others say that it is one of ours.
const (
	markGreen, markBlue = 77, 201
	axisColor           = 100
	gridColor           = 101
	textColor           = 102
)

func classColor(n uint8) charts.Color {
	return charts.Color{R: n, G: markGreen, B: markBlue, A: 255}
}

var classOfColor = regexp.MustCompile(`^rgba?\((\d+),77,201[,)]`)

const (
	chartWidth  = 860
	chartHeight = 300
)

// theme gives the series the colours that stand for 0, 1, 2, ...
func theme(series int) charts.ColorPalette {
	colors := make([]charts.Color, series)
	for i := range colors {
		colors[i] = classColor(uint8(i))
	}
	return charts.MakeTheme(charts.ThemeOption{
		AxisStrokeColor: classColor(axisColor), AxisSplitLineColor: classColor(gridColor), TextColor: classColor(textColor),
		BackgroundColor: charts.ColorTransparent, SeriesColors: colors,
	})
}

// chartValue gives an amount to the drawing, which needs no more digits than the screen has dots.
func chartValue(n *big.Int) float64 {
	f, _ := new(big.Rat).SetFrac(n, scale18).Float64()
	return f
}

func chartData(series []chartSeries) (data [][]float64) {
	for _, s := range series {
		line := make([]float64, len(s.values))
		for i, v := range s.values {
			line[i] = chartValue(v)
		}
		data = append(data, line)
	}
	return data
}

func painter() *charts.Painter {
	return charts.NewPainter(charts.PainterOptions{OutputFormat: charts.ChartOutputSVG, Width: chartWidth, Height: chartHeight})
}

// drawBars draws one bar for each label: stacked when no value is below zero, for such a stack would not show the sum, else one bar
// for each series side by side.
func (c *htmlChart) drawBars(labels []string, series []chartSeries) error {
	low, _ := extremes(series)
	stack := low >= 0
	data := chartData(series)
	axis := valueAxis(series)
	if stack {
		sums := make([]*big.Int, len(labels))
		for i := range sums {
			sums[i] = new(big.Int)
			for _, s := range series {
				sums[i].Add(sums[i], s.values[i])
			}
		}
		axis = valueAxis([]chartSeries{{values: sums}})
	}
	p := painter()
	opt := charts.NewBarChartOptionWithData(data)
	opt.Theme = theme(len(series))
	opt.Padding = charts.NewBoxEqual(8)
	opt.CategoryAxis.Labels = labels
	opt.CategoryAxis.LabelFontStyle = charts.NewFontStyleWithSize(9)
	opt.Legend.Show = charts.Ptr(false)
	opt.StackSeries = charts.Ptr(stack)
	opt.BarSize = 0.6
	opt.ValueAxis = []charts.ValueAxisOption{axis}
	if err := p.BarChart(opt); err != nil {
		return err
	}
	return c.take(p, series)
}

// extremes gives the smallest and the largest value, zero among them.
func extremes(series []chartSeries) (low, high float64) {
	for _, s := range series {
		for _, v := range s.values {
			low, high = min(low, chartValue(v)), max(high, chartValue(v))
		}
	}
	return low, high
}

// valueAxis gives an axis that begins or passes at zero, in steps of 1, 2 or 5 times a power of ten.
func valueAxis(series []chartSeries) charts.ValueAxisOption {
	low, high := extremes(series)
	const steps = 5
	step := math.Pow(10, math.Floor(math.Log10(max(high-low, 1e-9)/steps)))
	for _, times := range []float64{1, 2, 5, 10} {
		if times*step*steps >= high-low {
			step *= times
			break
		}
	}
	from, to := math.Floor(low/step), math.Ceil(high/step)
	if to == from {
		to++
	}
	return charts.ValueAxisOption{
		Min: charts.Ptr(from * step), Max: charts.Ptr(to * step), LabelCount: int(to-from) + 1, RangeValuePaddingScale: charts.Ptr(0.0),
		PreferNiceIntervals: charts.Ptr(false), LabelFontStyle: charts.NewFontStyleWithSize(9),
		// The library may set the axis off by a part of a dot, which no label should show.
		ValueFormatter: func(f float64) string { return shortNumber(math.Round(f/step) * step) },
	}
}

// drawLines draws one line for each series.
func (c *htmlChart) drawLines(labels []string, series []chartSeries) error {
	p := painter()
	opt := charts.NewLineChartOptionWithData(chartData(series))
	opt.Theme = theme(len(series))
	opt.Padding = charts.NewBoxEqual(8)
	opt.XAxis.Labels = labels
	opt.XAxis.LabelCount = 8
	opt.XAxis.BoundaryGap = charts.Ptr(false)
	opt.XAxis.LabelFontStyle = charts.NewFontStyleWithSize(9)
	opt.Legend.Show = charts.Ptr(false)
	opt.Symbol.Shape = charts.SymbolNone
	opt.LineStrokeWidth = 2
	opt.YAxis = []charts.YAxisOption{valueAxis(series)}
	if err := p.LineChart(opt); err != nil {
		return err
	}
	return c.take(p, series)
}

// shortNumber writes a number of an axis: 1.5k, 20M.
func shortNumber(f float64) string {
	if f == 0 {
		return "0" // not -0
	}
	unit := ""
	for _, u := range []string{"k", "M", "G", "T"} {
		if math.Abs(f) < 1000 {
			break
		}
		f, unit = f/1000, u
	}
	return strconv.FormatFloat(f, 'g', 3, 64) + unit
}

// take reads what the library drew and turns colours into classes.
func (c *htmlChart) take(p *charts.Painter, series []chartSeries) error {
	drawn, err := p.Bytes()
	if err != nil {
		return err
	}
	c.Width, c.Height = chartWidth, chartHeight
	for _, s := range series {
		c.Legend = append(c.Legend, chartLegend{s.class, s.name})
	}
	d := xml.NewDecoder(bytes.NewReader(drawn))
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			c.Shapes = withoutCollisions(c.Shapes)
			return nil
		}
		if err != nil {
			return err
		}
		e, ok := t.(xml.StartElement)
		if !ok || e.Name.Local == "svg" {
			continue
		}
		var text string
		if e.Name.Local == "text" {
			if err := d.DecodeElement(&text, &e); err != nil {
				return err
			}
		}
		if s, ok := shapeOf(e, text, series); ok {
			c.Shapes = append(c.Shapes, s)
		}
	}
}

// shapeOf reads one element; false when it has none of our colours: a background, an empty text.
func shapeOf(e xml.StartElement, text string, series []chartSeries) (s chartShape, ok bool) {
	attr := map[string]string{}
	for _, a := range e.Attr {
		attr[a.Name.Local] = a.Value
	}
	style := map[string]string{}
	for rule := range strings.SplitSeq(attr["style"], ";") {
		name, value, _ := strings.Cut(rule, ":")
		style[name] = value
	}
	class := func(color string) string {
		m := classOfColor.FindStringSubmatch(color)
		if m == nil {
			return ""
		}
		switch n, _ := strconv.Atoi(m[1]); {
		case n == axisColor:
			return "axis"
		case n == gridColor:
			return "grid"
		case n == textColor:
			return "label"
		case n < len(series):
			return series[n].class
		}
		return ""
	}
	switch e.Name.Local {
	case "text":
		s = chartShape{Text: text, X: attr["x"], Y: attr["y"], Class: class(style["fill"]), Transform: attr["transform"]}
		return s, text != "" && s.Class != ""
	case "path":
		if s.Class = class(style["fill"]); s.Class != "" {
			s.Fill = true
		} else {
			s.Class, s.Width = class(style["stroke"]), style["stroke-width"]
		}
		s.Path = strings.ReplaceAll(attr["d"], "\n", " ")
	case "circle":
		// A day between two without usage has no line; the library marks it with a dot.
		if s.Class = class(style["stroke"]); s.Class == "" {
			s.Class = class(style["fill"])
		}
		s.Fill = true
		r, _ := strconv.ParseFloat(attr["r"], 64)
		x, _ := strconv.ParseFloat(attr["cx"], 64)
		y, _ := strconv.ParseFloat(attr["cy"], 64)
		s.Path = fmt.Sprintf("M %g %g a %g %g 0 1 0 %g 0 a %g %g 0 1 0 %g 0 Z", x-r, y, r, r, 2*r, r, r, -2*r)
	}
	return s, s.Path != "" && s.Class != ""
}

// withoutCollisions drops labels of an axis that the next one would cover: the library always shows the last.
func withoutCollisions(shapes []chartShape) []chartShape {
	const letter = 8 // a generous width
	var out []chartShape
	for i, s := range shapes {
		if s.Text != "" && i+1 < len(shapes) && shapes[i+1].Text != "" && shapes[i+1].Y == s.Y {
			x, _ := strconv.Atoi(s.X)
			next, _ := strconv.Atoi(shapes[i+1].X)
			if next-x < letter*len(s.Text) {
				continue
			}
		}
		out = append(out, s)
	}
	return out
}

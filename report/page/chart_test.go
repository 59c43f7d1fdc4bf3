package page

import (
	"bytes"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/pidledger/pidledger/report/reporttest"
	"github.com/pidledger/pidledger/report/spec"
)

func seriesFrom(amounts ...[]string) (out []chartSeries) {
	for i, texts := range amounts {
		s := chartSeries{name: fmt.Sprintf("series %d", i), class: fmt.Sprintf("s%d", i)}
		for _, text := range texts {
			r := spec.Amount(text).Rat()
			s.values = append(s.values, r.Mul(r, new(big.Rat).SetInt(scale18)).Num())
		}
		out = append(out, s)
	}
	return out
}

func TestChartsGolden(t *testing.T) {
	weeks := make([]string, 13)
	wave, flat := make([]string, 13), make([]string, 13)
	for i := range weeks {
		weeks[i], wave[i], flat[i] = fmt.Sprintf("2026-%02d-%02d", 1+i/4, 1+i%4*7), fmt.Sprint(i%7*100), "12.5"
	}
	months := []string{"2026-03", "2026-04", "2026-05"}
	var b bytes.Buffer
	for _, c := range []struct {
		name   string
		labels []string
		series []chartSeries
	}{
		{"stacked bars", months, seriesFrom([]string{"100", "0", "0.01"}, []string{"250.5", "33.333333333333333333", "0"}, []string{"1", "66.666666666666666667", "0.02"})},
		{"bars side by side, for one is below zero", months, seriesFrom([]string{"100", "-20", "0"}, []string{"50", "50", "7"})},
		{"one bar of almost nothing", months[:1], seriesFrom([]string{"0.000000000000000001"})},
		{"nothing", months[:1], seriesFrom([]string{"0"})},
		{"so much that the axis needs large numbers", months[:1], seriesFrom([]string{"98765432109876543210.5"})},
		{"weeks", weeks, seriesFrom(wave, flat)},
	} {
		chart := &htmlChart{ID: "c1", Title: c.name, Description: "What it shows."}
		chart.draw(panelWidths, c.labels, c.series)
		if err := pageTemplate.ExecuteTemplate(&b, "chart", chart); err != nil {
			t.Fatal(err)
		}
	}
	reporttest.Golden(t, "charts.txt", b.Bytes())
}

// A stack ends where its sum belongs, and each part where the sum so far does, however small the parts are.
func TestStacksAreExact(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		labels, series := make([]string, 1+random.IntN(40)), make([]chartSeries, 1+random.IntN(12))
		top := big.NewInt(1 + random.Int64N(1<<40))
		for j := range series {
			for range labels {
				series[j].values = append(series[j].values, new(big.Int).Mul(top, big.NewInt(random.Int64N(4)/2*random.Int64N(1<<20))))
			}
		}
		sums := make([]*big.Int, len(labels))
		for i := range sums {
			sums[i] = new(big.Int)
			for _, s := range series {
				sums[i].Add(sums[i], s.values[i])
			}
		}
		a := newAxis(extremes([]chartSeries{{values: sums}}))
		d := drawing{Width: 340}
		d.bars(labels, series)
		var bars []chartShape
		for _, s := range d.Shapes {
			if s.Fill {
				bars = append(bars, s)
			}
		}
		for i := range labels {
			sum, below := new(big.Int), a.at(new(big.Int))
			for _, s := range series {
				sum.Add(sum, s.values[i])
				if a.at(sum) == below {
					continue
				}
				var x0, y0, x1, y1 float64
				if _, err := fmt.Sscanf(bars[0].Path, "M%f %fH%fV%fH", &x0, &y0, &x1, &y1); err != nil {
					t.Fatalf("%s: %v", bars[0].Path, err)
				}
				exact, _ := new(big.Rat).SetFrac(sum, new(big.Int).Mul(a.step, big.NewInt(a.to))).Float64()
				if off := float64(plotBottom)/tenth - exact*(plotBottom-plotTop)/tenth - y1; y0 != float64(below)/tenth || off > 0.0501 || off < -0.0501 {
					t.Fatalf("a part from %v to %v: the sum below ends at %v, and this one is off by %v", y0, y1, float64(below)/tenth, off)
				}
				below, bars = a.at(sum), bars[1:]
			}
		}
		if len(bars) > 0 {
			t.Fatalf("%d bars too many", len(bars))
		}
	}
}

// The axis holds all amounts and zero, in round steps.
func TestAxis(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 1000 {
		s := chartSeries{}
		for range 1 + random.IntN(4) {
			n := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(random.IntN(38))), nil)
			s.values = append(s.values, n.Mul(n, big.NewInt(int64(random.IntN(200)-50))))
		}
		low, high := extremes([]chartSeries{s})
		a := newAxis(low, high)
		if top, bottom := a.at(high), a.at(low); top < plotTop || bottom > plotBottom || a.from > 0 || a.to < 0 || a.to-a.from < 1 || a.to-a.from > axisSteps+1 {
			t.Fatalf("amounts %v to %v: axis %+v, drawn from %d to %d", low, high, a, top, bottom)
		}
	}
}

// Labels and totals do not run into each other, nor out of the drawing, and the last label is always there.
func TestLabelsFit(t *testing.T) {
	for _, d := range slices.Concat(columnWidths, panelWidths) {
		for _, n := range []int{1, 2, 3, 12, 13, 36, 60, 92} {
			labels := make([]string, n)
			values := make([]*big.Int, n)
			for i := range labels {
				labels[i], values[i] = fmt.Sprintf("2026-01-%02d", i), new(big.Int).Mul(scale18, big.NewInt(int64(i*12345)))
			}
			d := d
			d.bars(labels, []chartSeries{{values: values}})
			end, last := map[string]float64{}, ""
			for _, s := range d.Shapes {
				if s.Text == "" || s.Anchor == "end" {
					continue // a line, or an amount of the axis
				}
				var x float64
				if _, err := fmt.Sscan(s.X, &x); err != nil {
					t.Fatal(err)
				}
				half := float64(len(s.Text)) * letter / tenth / 2
				if x-half < end[s.Class] || x+half > float64(d.Width) {
					t.Errorf("%d labels in %d: %s from %v to %v, the one before ends at %v", n, d.Width, s.Text, x-half, x+half, end[s.Class])
				}
				if end[s.Class] = x + half; s.Class == "label" {
					last = s.Text
				}
			}
			if last != labels[n-1] {
				t.Errorf("%d labels in %d: the last is %q", n, d.Width, last)
			}
			if len(d.Columns) != n {
				t.Errorf("%d labels in %d: %d columns", n, d.Width, len(d.Columns))
			}
		}
	}
}

// The parts of the coverage bar lie side by side and end where the bar does, however many and small they are.
func TestCoverageBarIsExact(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for range 300 {
		s := &section{statuses: map[string]shares{"2026-04": {}}}
		for _, name := range append([]string{"attributed"}, causeOrder...) {
			if random.IntN(3) > 0 {
				s.statuses["2026-04"][name] = share{cost: big.NewInt(random.Int64N(1<<uint(1+random.IntN(50))) - 20)}
			}
		}
		b := &builder{view: &pageView{Month: "2026-04"}}
		v := b.coverageBar(s)
		if v == nil {
			continue
		}
		end := 0
		for _, p := range v.Parts {
			if p.Width < 0 || p.Width > 0 && p.From != end {
				t.Fatalf("%s from %d, %d wide, after one that ends at %d", p.Name, p.From, p.Width, end)
			}
			end += p.Width
		}
		if end != wholeBar {
			t.Fatalf("the bar ends at %d", end)
		}
	}
}

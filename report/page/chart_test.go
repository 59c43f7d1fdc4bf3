package page

import (
	"bytes"
	"fmt"
	"math/big"
	"math/rand/v2"
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
	days := make([]string, 92)
	wave, flat := make([]string, 92), make([]string, 92)
	for i := range days {
		days[i], wave[i], flat[i] = fmt.Sprintf("2026-%02d-%02d", 1+i/31, 1+i%31), fmt.Sprint(i%7*100), "12.5"
	}
	months := []string{"2026-03", "2026-04", "2026-05"}
	var b bytes.Buffer
	for _, c := range []struct {
		name   string
		draw   func(*htmlChart, []string, []chartSeries)
		labels []string
		series []chartSeries
	}{
		{"stacked bars", (*htmlChart).drawBars, months, seriesFrom([]string{"100", "0", "0.01"}, []string{"250.5", "33.333333333333333333", "0"}, []string{"1", "66.666666666666666667", "0.02"})},
		{"bars side by side, for one is below zero", (*htmlChart).drawBars, months, seriesFrom([]string{"100", "-20", "0"}, []string{"50", "50", "7"})},
		{"one bar of almost nothing", (*htmlChart).drawBars, months[:1], seriesFrom([]string{"0.000000000000000001"})},
		{"nothing", (*htmlChart).drawBars, months[:1], seriesFrom([]string{"0"})},
		{"so much that the axis needs large numbers", (*htmlChart).drawBars, months[:1], seriesFrom([]string{"98765432109876543210.5"})},
		{"lines", (*htmlChart).drawLines, days, seriesFrom(wave, flat)},
		{"one day", (*htmlChart).drawLines, days[:1], seriesFrom([]string{"5"})},
	} {
		chart := &htmlChart{ID: "c1", Title: c.name, Description: "What it shows."}
		c.draw(chart, c.labels, c.series)
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
		chart := new(htmlChart)
		chart.drawBars(labels, series)
		var bars []chartShape
		for _, s := range chart.Shapes {
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

// Labels do not run into each other, nor out of the drawing, and the last one is always there.
func TestLabelsFit(t *testing.T) {
	for _, n := range []int{1, 2, 3, 12, 13, 36, 60, 92} {
		labels := make([]string, n)
		values := make([]*big.Int, n)
		for i := range labels {
			labels[i], values[i] = fmt.Sprintf("2026-01-%02d", i), big.NewInt(int64(i))
		}
		for _, draw := range []func(*htmlChart, []string, []chartSeries){(*htmlChart).drawBars, (*htmlChart).drawLines} {
			chart := new(htmlChart)
			draw(chart, labels, []chartSeries{{values: values}})
			end, last := 0.0, ""
			for _, s := range chart.Shapes {
				if s.Text == "" || s.Anchor == "end" {
					continue // a line, or an amount
				}
				var x float64
				if _, err := fmt.Sscan(s.X, &x); err != nil {
					t.Fatal(err)
				}
				half := float64(len(s.Text)) * letter / tenth / 2
				if x-half < end || x+half > chartWidth {
					t.Errorf("%d labels: %s from %v to %v, the one before ends at %v", n, s.Text, x-half, x+half, end)
				}
				end, last = x+half, s.Text
			}
			if last != labels[n-1] {
				t.Errorf("%d labels: the last is %q", n, last)
			}
		}
	}
}

package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// tables renders the results: time and ratios, processor time and memory, and how the time grows with the data.
func tables(results []result) string {
	var b strings.Builder
	b.WriteString("| data | usage | activity | files | run / floor | run / straight | run / newest | run / polars | same coverage |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, r := range results {
		a := r.amounts
		fmt.Fprintf(&b, "| %s | %s rows, %s | %s records, %s | %d | %s | %s | %s | %s | %s |\n", r.name(),
			count(a.UsageRows), gigabytes(a.UsageBytes), count(a.Activities), gigabytes(a.ActivityBytes), a.Files,
			r.ratio(full, floor), r.ratio(full, straight), r.ratio(full, newest), r.ratio(full, polars), orDash(r.agree))
	}
	b.WriteString("\n| data | | " + strings.Join(candidates, " | ") + " |\n|---|---|" + strings.Repeat("---|", len(candidates)) + "\n")
	for _, r := range results {
		row := func(what string, figure func(name string) string) {
			fmt.Fprintf(&b, "| %s | %s |", r.name(), what)
			for _, name := range candidates {
				b.WriteString(figure(name))
			}
			b.WriteString("\n")
		}
		row("wall time", func(name string) string { return " " + r.seconds(name) + " |" })
		row("processor time", func(name string) string {
			m, ok := median(r.samples[name])
			return cell(ok, "%.1f s", m.cpu.Seconds())
		})
		row("peak memory", func(name string) string {
			m, ok := median(r.samples[name])
			return cell(ok && m.peak > 0, "%.0f MB", float64(m.peak)/1e6)
		})
	}
	results = slices.DeleteFunc(slices.Clone(results), func(r result) bool { return r.evidence })
	if len(results) < 2 {
		return b.String()
	}
	b.WriteString("\n| growth of time with data (1: in proportion) | floor | straight | run |\n|---|---|---|---|\n| slope |")
	for _, name := range []string{floor, straight, full} {
		var scales, times []float64
		for _, r := range results {
			if m, ok := median(r.samples[name]); ok {
				scales = append(scales, r.scale)
				times = append(times, m.wall.Seconds())
			}
		}
		s, ok := slope(scales, times)
		b.WriteString(cell(ok, "%.2f", s))
	}
	b.WriteString("\n")
	return b.String()
}

// slope fits log time to log scale by least squares: 1 means twice the time for twice the data. It needs two scales.
func slope(scales, times []float64) (float64, bool) {
	var n, sx, sy, sxx, sxy float64
	for i := range scales {
		if scales[i] <= 0 || times[i] <= 0 {
			return 0, false
		}
		x, y := math.Log(scales[i]), math.Log(times[i])
		n++
		sx, sy, sxx, sxy = sx+x, sy+y, sxx+x*x, sxy+x*y
	}
	d := n*sxx - sx*sx
	if n < 2 || d < 1e-9 {
		return 0, false
	}
	return (n*sxy - sx*sy) / d, true
}

func (r result) seconds(name string) string {
	if r.failed[name] {
		return "fails"
	}
	m, ok := median(r.samples[name])
	if !ok {
		return "-"
	}
	return fmt.Sprintf("%.1f s", m.wall.Seconds())
}

func (r result) ratio(name, to string) string {
	a, ok := median(r.samples[name])
	b, known := median(r.samples[to])
	if !ok || !known || b.wall <= 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", a.wall.Seconds()/b.wall.Seconds())
}

func cell(known bool, format string, v float64) string {
	if !known {
		return " - |"
	}
	return " " + fmt.Sprintf(format, v) + " |"
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func count(n int64) string {
	if n >= 1_000_000 {
		return fmt.Sprintf("%.3g M", float64(n)/1e6)
	}
	return fmt.Sprint(n)
}

func gigabytes(n int64) string { return fmt.Sprintf("%.2f GB", float64(n)/1e9) }

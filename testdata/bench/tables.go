package main

import (
	"fmt"
	"math"
	"strings"
)

// tables renders the results: time and ratios, processor time and memory, and how the time grows with the data.
func tables(results []result) string {
	var b strings.Builder
	b.WriteString("| data | usage | activity | files | floor | straight | run | run / straight | run / floor | run again | same coverage |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, r := range results {
		a := r.amounts
		fmt.Fprintf(&b, "| %gx | %s rows, %s | %s records, %s | %d | %s | %s | %s | %s | %s | %s | %s |\n", r.scale,
			count(a.UsageRows), gigabytes(a.UsageBytes), count(a.Activities), gigabytes(a.ActivityBytes), a.Files,
			r.seconds(floor), r.seconds(straight), r.seconds(full), r.ratio(full, straight), r.ratio(full, floor), r.seconds(again), orDash(r.agree))
	}
	b.WriteString("\n| data | processor time: floor | straight | run | run again | peak memory: floor | straight | run | run again |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|---|\n")
	for _, r := range results {
		fmt.Fprintf(&b, "| %gx |", r.scale)
		for _, name := range []string{floor, straight, full, again} {
			m, ok := median(r.samples[name])
			b.WriteString(cell(ok, "%.1f s", m.cpu.Seconds()))
		}
		for _, name := range []string{floor, straight, full, again} {
			m, ok := median(r.samples[name])
			b.WriteString(cell(ok && m.peak > 0, "%.0f MB", float64(m.peak)/1e6))
		}
		b.WriteString("\n")
	}
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

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// Memory: the same first run under the least limit that the program accepts and under the limit of the other measurements. The peak of the
// process should stay under limits.memory + 300 MB (SPEC 9) although the input is many times larger.

// leastMemory is the least limits.memory, in bytes.
const leastMemory = 1_000_000_000

// tight is what was measured under two limits.
type tight struct {
	input        int64 // bytes of the files read
	roomy        int64 // bytes; the other limit
	least, usual sample
}

// measureTight measures first runs on data of one scale.
func measureTight(ctx context.Context, o options, scale float64) (t tight, err error) {
	text := strconv.FormatFloat(scale, 'g', -1, 64)
	dir := filepath.Join(o.data, "scale-"+text)
	if err := generate(ctx, dir, "--scale", text); err != nil {
		return t, err
	}
	if t.input, err = bytesBelow(filepath.Join(dir, "exports")); err != nil {
		return t, err
	}
	t.roomy = o.memory
	if t.usual, err = measureFirst(ctx, o, dir); err != nil {
		return t, err
	}
	o.memory = leastMemory
	t.least, err = measureFirst(ctx, o, dir)
	return t, err
}

// measureFirst measures a run on an empty ledger: of several the median, with the highest of their peaks.
func measureFirst(ctx context.Context, o options, dir string) (sample, error) {
	var samples []sample
	for i := range o.runs {
		if err := removeAll(dir, "ledger", "reports"); err != nil {
			return sample{}, err
		}
		s, err := measure(ctx, o, dir, o.bin, []string{"run", "--config", "pidledger.yaml", "--quiet"})
		if err != nil {
			return sample{}, fmt.Errorf("limit %s: %w", gigabytes(o.memory), err)
		}
		fmt.Fprintf(os.Stderr, "bench: limit %s, round %d, %7.2f s, peak %5.0f MB\n", gigabytes(o.memory), i+1, s.wall.Seconds(), float64(s.peak)/1e6)
		samples = append(samples, s)
	}
	m, _ := median(samples)
	return m, nil
}

// tightTable renders what was measured under two limits.
func tightTable(t tight) string {
	out := "| limits.memory | input | input / limit | run | peak memory | above the limit |\n|---|---|---|---|---|---|\n"
	for _, row := range []struct {
		limit int64
		s     sample
	}{{leastMemory, t.least}, {t.roomy, t.usual}} {
		out += fmt.Sprintf("| %s | %s | %.1f | %.1f s | %.0f MB | %d MB |\n", gigabytes(row.limit), gigabytes(t.input), float64(t.input)/float64(row.limit),
			row.s.wall.Seconds(), float64(row.s.peak)/1e6, max(0, row.s.peak-row.limit)/1_000_000)
	}
	return out
}

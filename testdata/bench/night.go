package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// One night on a ledger with a past: the month-to-date export again, and a day's activity logs. The same night comes to ledgers with more and
// more months of history; what it takes should follow the new files.

// nightWindows are the lengths of the history, in windows of two months.
var nightWindows = []int{1, 3, 6}

// night is what was measured on one length of history.
type night struct {
	months  int
	history int64 // bytes of the files read before
	files   int   // of the night
	bytes   int64
	first   sample // the run that read the history
	samples []sample
	nothing sample // a run with nothing new after that
}

// measureNights makes the history of each length and measures the night on copies of its ledger.
func measureNights(ctx context.Context, o options, scale float64) ([]night, error) {
	base := filepath.Join(o.data, "nights-"+strconv.FormatFloat(scale, 'g', -1, 64))
	for w := range slices.Max(nightWindows) {
		dir := filepath.Join(base, "window-"+strconv.Itoa(w))
		if err := generate(ctx, dir, "--scale", strconv.FormatFloat(scale, 'g', -1, 64), "--window", strconv.Itoa(w)); err != nil {
			return nil, err
		}
	}
	var out []night
	for _, windows := range nightWindows {
		n, err := measureNight(ctx, o, base, windows)
		if err != nil {
			return nil, fmt.Errorf("a night after %d months: %w", 2*windows, err)
		}
		out = append(out, n)
	}
	return out, nil
}

func measureNight(ctx context.Context, o options, base string, windows int) (n night, err error) {
	n.months = 2 * windows
	dir := filepath.Join(base, "ledger-"+strconv.Itoa(windows))
	if err := os.RemoveAll(dir); err != nil {
		return n, err
	}
	config := "registry: ../window-0/registry.csv\nexclusions: ../window-0/exclusions.csv\nreport: {dir: reports, formats: [csv, parquet]}\nsources:\n  - path: today\n"
	for w := 1; w < windows; w++ {
		config += fmt.Sprintf("  - path: ../window-%d/exports\n", w)
		size, err := bytesBelow(filepath.Join(base, fmt.Sprintf("window-%d", w), "exports"))
		if err != nil {
			return n, err
		}
		n.history += size
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return n, err
	}
	if err := os.WriteFile(filepath.Join(dir, "pidledger.yaml"), []byte(config), 0o600); err != nil {
		return n, err
	}
	held, err := linkHistory(filepath.Join(base, "window-0", "exports"), filepath.Join(dir, "today"))
	if err != nil {
		return n, err
	}
	size, err := bytesBelow(filepath.Join(dir, "today"))
	if err != nil {
		return n, err
	}
	n.history += size
	run := func() (sample, error) {
		return measure(ctx, o, dir, o.bin, []string{"run", "--config", "pidledger.yaml", "--quiet"})
	}
	if n.first, err = run(); err != nil {
		return n, err
	}
	if err := os.Rename(filepath.Join(dir, "ledger"), filepath.Join(dir, "before")); err != nil {
		return n, err
	}
	for from, to := range held {
		if err := link(from, to); err != nil {
			return n, err
		}
	}
	if n.files, err = deliverAgain(filepath.Join(dir, "today")); err != nil {
		return n, err
	}
	n.files += len(held)
	if n.bytes, err = bytesBelow(filepath.Join(dir, "today")); err != nil {
		return n, err
	}
	n.bytes -= size
	for range o.runs {
		if err := removeAll(dir, "ledger", "reports"); err != nil {
			return n, err
		}
		if err := os.CopyFS(filepath.Join(dir, "ledger"), os.DirFS(filepath.Join(dir, "before"))); err != nil {
			return n, err
		}
		s, err := run()
		if err != nil {
			return n, err
		}
		fmt.Fprintf(os.Stderr, "bench: a night after %d months, %7.2f s, %7.2f s of processor, peak %5.0f MB\n", n.months, s.wall.Seconds(), s.cpu.Seconds(), float64(s.peak)/1e6)
		n.samples = append(n.samples, s)
	}
	n.nothing, err = run()
	return n, err
}

// linkHistory links all files but the activity logs of the last day, and says where those go.
func linkHistory(from, to string) (held map[string]string, err error) {
	dayOf := regexp.MustCompile(`y=\d{4}/m=\d\d/d=\d\d`)
	var files []string
	last := ""
	err = filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, path)
			last = max(last, dayOf.FindString(filepath.ToSlash(path)))
		}
		return err
	})
	held = map[string]string{}
	for _, path := range files {
		rel, relErr := filepath.Rel(from, path)
		if err = cmp.Or(err, relErr); err != nil {
			return nil, err
		}
		if dayOf.FindString(filepath.ToSlash(path)) == last {
			held[path] = filepath.Join(to, rel)
		} else if err := link(path, filepath.Join(to, rel)); err != nil {
			return nil, err
		}
	}
	return held, err
}

// deliverAgain copies the newest run of the export, as the next night brings it: the same month under another run id, submitted later.
func deliverAgain(exports string) (files int, err error) {
	manifests, err := filepath.Glob(filepath.Join(exports, "cost", "*", "*", "*", "manifest.json"))
	if err != nil || len(manifests) == 0 {
		return 0, errors.Join(err, fmt.Errorf("no export run in %s", exports))
	}
	run := filepath.Dir(slices.Max(manifests))
	old, fresh := filepath.Base(run), "0d0a1e5c-7b1f-4d57-9a52-3f0e6c5b8a41"
	entries, err := os.ReadDir(run)
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		to := filepath.Join(filepath.Dir(run), fresh, e.Name())
		if e.Name() != "manifest.json" {
			if err := link(filepath.Join(run, e.Name()), to); err != nil {
				return 0, err
			}
			continue
		}
		data, err := os.ReadFile(filepath.Join(run, e.Name()))
		if err != nil {
			return 0, err
		}
		data = bytes.ReplaceAll(data, []byte(old), []byte(fresh))
		data = regexp.MustCompile(`"submittedTime": "\d{4}`).ReplaceAll(data, []byte(`"submittedTime": "2027`))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return 0, err
		}
		if err := os.WriteFile(to, data, 0o600); err != nil {
			return 0, err
		}
	}
	return len(entries), nil
}

func link(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.Link(from, to)
}

func bytesBelow(dir string) (n int64, err error) {
	return n, filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			n += info.Size()
		}
		return err
	})
}

// nightTable renders what was measured of nights.
func nightTable(nights []night) string {
	var b strings.Builder
	b.WriteString("| a night after | history | new files | run | processor time | peak memory | to the shortest | with nothing new | the first run |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, n := range nights {
		m, _ := median(n.samples)
		shortest, _ := median(nights[0].samples)
		fmt.Fprintf(&b, "| %d months | %s | %d, %s | %.1f s | %.1f s | %.0f MB | %.2f | %.1f s | %.1f s |\n", n.months, gigabytes(n.history), n.files, gigabytes(n.bytes),
			m.wall.Seconds(), m.cpu.Seconds(), float64(m.peak)/1e6, m.wall.Seconds()/shortest.wall.Seconds(), n.nothing.wall.Seconds(), n.first.wall.Seconds())
	}
	return b.String()
}

package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The candidates, in the order in which they take turns. again is the second run, with nothing new.
const (
	floor    = "floor"
	straight = "straight"
	newest   = "newest"
	polars   = "polars"
	full     = "run"
	again    = "again"
)

var candidates = []string{floor, straight, newest, polars, full, again}

// folders are where they write, in the data folder.
var folders = map[string]string{straight: straightFolder, newest: "straight-newest", polars: "straight-polars", full: "reports"}

const straightFolder = "straight"

// sample is what one process used.
type sample struct {
	wall, cpu time.Duration
	peak      int64 // bytes of memory
}

// result is all that was measured on one world.
type result struct {
	scale    float64
	evidence bool // a fifth of the usage, with the same evidence
	amounts  amounts
	samples  map[string][]sample
	failed   map[string]bool // yardsticks that do not come to an end on so much data
	agree    string          // whether run and the scripts came to the same result: yes, no or empty
}

// amounts is what the generator's marker says about its data.
type amounts struct {
	UsageRows     int64 `json:"usage_rows"`
	UsageBytes    int64 `json:"usage_bytes"`
	Activities    int64 `json:"activities"`
	ActivityBytes int64 `json:"activity_bytes"`
	Files         int64 `json:"files"`
}

func (r *result) name() string {
	if r.evidence {
		return fmt.Sprintf("%gx evidence", r.scale)
	}
	return fmt.Sprintf("%gx", r.scale)
}

// measure measures all candidates in turn.
func (r *result) measure(ctx context.Context, o options, dir, usage string) error {
	if err := generate(ctx, dir, "--scale", strconv.FormatFloat(r.scale, 'g', -1, 64), "--usage", usage); err != nil {
		return err
	}
	marker, err := os.ReadFile(filepath.Join(dir, "generated.json"))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(marker, &r.amounts); err != nil {
		return fmt.Errorf("read the marker in %s: %w", dir, err)
	}
	if err := readOnce(ctx, filepath.Join(dir, "exports")); err != nil {
		return err
	}
	for i := range o.runs {
		for _, name := range candidates {
			program, args, err := command(o, name)
			if err != nil {
				return err
			}
			if r.failed[name] || program == "" {
				continue
			}
			if err := r.clear(dir, name); err != nil {
				return err
			}
			s, err := measure(ctx, o, dir, program, args)
			if err != nil && program != o.bin && ctx.Err() == nil { // the script is out of memory, say: ours is measured all the same
				fmt.Fprintf(os.Stderr, "bench: %s, round %d, %-8s fails: %v\n", r.name(), i+1, name, err)
				r.failed[name] = true
				delete(r.samples, name)
				continue
			}
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			fmt.Fprintf(os.Stderr, "bench: %s, round %d, %-8s %7.2f s, %7.2f s of processor, peak %5.0f MB\n",
				r.name(), i+1, name, s.wall.Seconds(), s.cpu.Seconds(), float64(s.peak)/1e6)
			r.samples[name] = append(r.samples[name], s)
		}
	}
	return r.compare(dir)
}

// command says how a candidate is started in the data folder; program is empty when it cannot be.
func command(o options, name string) (program string, args []string, err error) {
	switch name {
	case full, again:
		return o.bin, []string{"run", "--config", "pidledger.yaml", "--quiet"}, nil
	case newest:
		text := strings.ReplaceAll(straightText, "'"+straightFolder+"/", "'"+folders[newest]+"/")
		return o.python, []string{"-c", newestText, strconv.FormatInt(o.memory, 10), strconv.Itoa(o.threads), text}, nil
	case polars:
		return o.python, []string{"-c", polarsText}, nil
	}
	program, err = os.Executable()
	return program, []string{"--sql", name, "--memory", strconv.FormatFloat(float64(o.memory)/1e9, 'g', -1, 64), "--threads", strconv.Itoa(o.threads)}, err
}

// clear takes away what a candidate wrote before.
func (r *result) clear(dir, name string) error {
	switch name {
	case full:
		return removeAll(dir, "ledger", folders[full])
	case straight, newest, polars:
		if err := removeAll(dir, folders[name]); err != nil {
			return err
		}
		return os.MkdirAll(filepath.Join(dir, folders[name]), 0o755)
	}
	return nil
}

// compare holds the coverage of each script against ours.
func (r *result) compare(dir string) error {
	if len(r.samples[full]) == 0 {
		return nil
	}
	for _, name := range []string{straight, newest, polars} {
		if len(r.samples[name]) == 0 {
			continue
		}
		same, err := compare(filepath.Join(dir, folders[name], "coverage.csv"), filepath.Join(dir, folders[full], "coverage.csv"))
		if err != nil {
			return err
		}
		if r.agree != "no" {
			r.agree = same
		}
	}
	return nil
}

// generate makes data in a folder, unless it is there.
func generate(ctx context.Context, dir string, args ...string) error {
	gen := exec.CommandContext(ctx, "go", append([]string{"run", "./testdata/gen", "--out", dir}, args...)...)
	gen.Stderr = os.Stderr
	if err := gen.Run(); err != nil {
		return fmt.Errorf("generate (start in the repository's folder): %w", err)
	}
	return nil
}

// measure runs one process in the data folder. What it says is shown only when it fails.
func measure(ctx context.Context, o options, dir, program string, args []string) (sample, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), fmt.Sprintf("PIDLEDGER_LIMITS_MEMORY=%dMB", o.memory/1_000_000), fmt.Sprintf("PIDLEDGER_LIMITS_THREADS=%d", o.threads))
	var said tail
	cmd.Stdout, cmd.Stderr = &said, &said
	start := time.Now()
	err := cmd.Run()
	s := sample{wall: time.Since(start)}
	if err != nil {
		return s, fmt.Errorf("%w\n%s", err, said.last)
	}
	s.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	s.peak = peakMemory(cmd.ProcessState)
	return s, nil
}

// tail keeps the end of what a process says.
type tail struct{ last []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.last = append(t.last, p...)
	if n := len(t.last) - 4096; n > 0 {
		t.last = slices.Delete(t.last, 0, n)
	}
	return len(p), nil
}

func removeAll(dir string, names ...string) error {
	for _, n := range names {
		if err := os.RemoveAll(filepath.Join(dir, n)); err != nil {
			return err
		}
	}
	return nil
}

// readOnce reads every file once, so that the first measurement does not pay for a cold disk alone.
func readOnce(ctx context.Context, dir string) error {
	buffer := make([]byte, 1<<20)
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err := errors.Join(err, ctx.Err()); err != nil || d.IsDir() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		for err == nil {
			_, err = f.Read(buffer)
		}
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return errors.Join(err, f.Close())
	})
}

// median returns the middle sample by time; of an even number the slower of the two in the middle. Its memory is the highest of all.
func median(samples []sample) (sample, bool) {
	if len(samples) == 0 {
		return sample{}, false
	}
	sorted := slices.SortedFunc(slices.Values(samples), func(a, b sample) int { return cmp.Compare(a.wall, b.wall) })
	m := sorted[len(sorted)/2]
	for _, s := range samples {
		m.peak = max(m.peak, s.peak)
	}
	return m, true
}

// compare tells whether two coverage reports say the same, whatever the number of zeros at the end of their decimals.
func compare(a, b string) (string, error) {
	x, err := os.ReadFile(a)
	if err != nil {
		return "", err
	}
	y, err := os.ReadFile(b)
	if err != nil {
		return "", err
	}
	p, q := plainLines(x), plainLines(y)
	if slices.EqualFunc(p, q, bytes.Equal) {
		return "yes", nil
	}
	fmt.Fprintf(os.Stderr, "bench: %s and %s differ:\n%s\nand\n%s\n", a, b, bytes.Join(p, []byte("\n")), bytes.Join(q, []byte("\n")))
	return "no", nil
}

// plainLines returns the lines of a CSV, cells with a decimal point without zeros at the end.
func plainLines(data []byte) [][]byte {
	var lines [][]byte
	for _, line := range bytes.Split(bytes.TrimSpace(data), []byte("\n")) {
		cells := bytes.Split(bytes.TrimRight(line, "\r"), []byte(","))
		for i, c := range cells {
			if bytes.IndexByte(c, '.') >= 0 {
				cells[i] = bytes.TrimRight(bytes.TrimRight(c, "0"), ".")
			}
		}
		lines = append(lines, bytes.Join(cells, []byte(",")))
	}
	return lines
}

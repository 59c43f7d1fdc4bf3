// Command fuzzing runs the fuzz targets of the module: all, those that match, or those whose turn it is.
//
//	go run ./testdata/fuzzing --match FuzzFind --time 20s
//	go run ./testdata/fuzzing --turns 6 --time 5s       # six of them, others every day
//	go run ./testdata/fuzzing --time 10m --keep         # all, for a night; the corpus grows
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

type target struct{ folder, name string }

func main() {
	match := flag.String("match", "", "only targets that match this regular expression")
	turns := flag.Int("turns", 0, "only so many of them, by turns; 0: all")
	turn := flag.Int("turn", time.Now().UTC().YearDay(), "whose turn it is")
	length := flag.Duration("time", 20*time.Second, "how long each target runs")
	grow := flag.Bool("keep", false, "keep what reached new code in testdata/fuzz beside the target")
	flag.Parse()
	if err := run(*match, *turns, *turn, *length, *grow); err != nil {
		fmt.Fprintln(os.Stderr, "fuzzing:", err)
		os.Exit(1)
	}
}

func run(match string, turns, turn int, length time.Duration, grow bool) error {
	all, err := targets(match)
	if err != nil {
		return err
	}
	chosen := all
	if turns > 0 && turns < len(all) {
		chosen = nil
		for i := range turns {
			chosen = append(chosen, all[(turn*turns+i)%len(all)])
		}
		fmt.Printf("turn %d: %d of %d targets; the same again with TURN=%d\n", turn, len(chosen), len(all), turn)
	}
	var failed []string
	for _, t := range chosen {
		fmt.Printf("%s %s\n", t.folder, t.name)
		if err := fuzz(t, length); err != nil {
			failed = append(failed, t.folder+" "+t.name)
			continue
		}
		if grow {
			if err := keep(t); err != nil {
				return fmt.Errorf("%s %s: %w", t.folder, t.name, err)
			}
		}
	}
	if len(failed) > 0 {
		return fmt.Errorf("failed: %s; the inputs are in testdata/fuzz beside the targets: fix the cause and commit them", strings.Join(failed, ", "))
	}
	return nil
}

// late is all that a target says that was stopped by Go's own race at the end of -fuzztime, up to Go 1.26 (https://go.dev/issue/75804): the
// time is over, and no input failed.
var late = regexp.MustCompile(`(?m)^--- FAIL: \w+ \([0-9.]+s\)\n    context deadline exceeded\nFAIL$`)

// fuzz runs a target. One that Go stopped late runs again, twice at most: an input that makes it hang would do so each time.
func fuzz(t target, length time.Duration) error {
	var err error
	for range 3 {
		var said bytes.Buffer
		c := exec.Command("go", "test", "-run", "^$", "-fuzz", "^"+t.name+"$", "-fuzztime", length.String(), "-fuzzminimizetime", "1s", "./"+t.folder)
		c.Stdout = io.MultiWriter(os.Stdout, &said)
		c.Stderr = os.Stderr
		if err = c.Run(); err == nil || !late.Match(said.Bytes()) {
			return err
		}
		fmt.Println("fuzzing: no input failed, Go stopped the target too late: again")
	}
	return err
}

var declared = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(\w+ \*testing\.F\)`)

// targets lists the fuzz targets below the current folder, by folder and name.
func targets(match string) (out []target, err error) {
	want, err := regexp.Compile(match)
	if err != nil {
		return nil, err
	}
	err = filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range declared.FindAllSubmatch(text, -1) {
			if want.Match(m[1]) {
				out = append(out, target{filepath.ToSlash(filepath.Dir(path)), string(m[1])})
			}
		}
		return err
	})
	slices.SortFunc(out, func(a, b target) int {
		return cmp.Or(strings.Compare(a.folder, b.folder), strings.Compare(a.name, b.name))
	})
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("no target matches %q", match)
	}
	return out, err
}

// longest is the size of an input, in bytes, above which it is not kept.
const longest = 2000

// keep copies from the cache of the go command into the corpus what covers code that the corpus does not.
func keep(t target) error {
	cache, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		return err
	}
	module, err := exec.Command("go", "list", "./"+t.folder).Output()
	if err != nil {
		return err
	}
	from := filepath.Join(strings.TrimSpace(string(cache)), "fuzz", strings.TrimSpace(string(module)), t.name)
	entries, err := os.ReadDir(from)
	if err != nil {
		return nil // nothing new was ever found
	}
	dir, err := os.MkdirTemp("", "pidledger-fuzzing-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // it is temporary anyhow
	program := filepath.Join(dir, "test")
	if out, err := exec.Command("go", "test", "-c", "-cover", "-o", program, "./"+t.folder).CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	profile := filepath.Join(dir, "profile")
	covered := map[string]bool{}
	// cover runs inputs and tells whether they reached anything that none before did.
	cover := func(pattern string) (more bool, err error) {
		c := exec.Command(program, "-test.run", pattern, "-test.coverprofile", profile)
		c.Dir = t.folder
		if out, err := c.CombinedOutput(); err != nil {
			return false, fmt.Errorf("%w\n%s", err, out)
		}
		f, err := os.Open(profile)
		if err != nil {
			return false, err
		}
		defer f.Close()
		scan := bufio.NewScanner(f)
		for scan.Scan() {
			if block, hit := strings.CutSuffix(scan.Text(), " 1"); hit && !covered[block] {
				covered[block], more = true, true
			}
		}
		return more, scan.Err()
	}
	if _, err := cover("^" + t.name + "$"); err != nil {
		return err
	}
	corpus := filepath.Join(t.folder, "testdata", "fuzz", t.name)
	if err := os.MkdirAll(corpus, 0o755); err != nil {
		return err
	}
	kept := 0
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(from, e.Name()))
		if err != nil {
			return err
		}
		if len(text) > longest {
			continue
		}
		path := filepath.Join(corpus, e.Name())
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return err
		}
		more, err := cover("^" + t.name + "$/^" + e.Name() + "$")
		if err != nil {
			return err
		}
		if more {
			kept++
		} else if err := os.Remove(path); err != nil {
			return err
		}
	}
	fmt.Printf("%d of %d inputs are new in the corpus\n", kept, len(entries))
	if kept == 0 {
		_ = os.Remove(corpus) // fails when it holds others
	}
	return nil
}

// Package faults counts what the fault tests did, so that one table can say it: testdata/README.md has the promises.
package faults

import (
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/pidledger/pidledger/queries/facts"
)

// File is the environment variable that names the file to which the counts are appended, one line of CSV per fault, stage and test.
const File = "PIDLEDGER_FAULTS"

//go:embed tests.csv
var list string

// Listed is a line of tests.csv: a fault, and a test that holds what is promised about it.
type Listed struct{ Fault, Package, Test string }

// Tests lists the fault tests in the order of the table.
func Tests() []Listed {
	var out []Listed
	for _, r := range facts.Rows("tests.csv", list) {
		out = append(out, Listed{r[0], r[1], r[2]})
	}
	return out
}

// Line is what happened at one stage.
type Line struct {
	Test, Fault, Stage string
	Tried, Held        int
	Found              string // what was found afterwards, with counts; empty: what is promised
}

// Tally counts for one test. It is safe for parallel subtests.
type Tally struct {
	fault  string
	mu     sync.Mutex
	order  []string
	stages map[string]*stage
}

type stage struct {
	tried, held int
	found       map[string]int
}

// Count begins the tally of a test, which is written when the test ends, passed or not. The test must be listed for the fault in tests.csv.
func Count(t testing.TB, fault string) *Tally {
	t.Helper()
	if !slices.ContainsFunc(Tests(), func(l Listed) bool { return l.Fault == fault && l.Test == t.Name() }) {
		t.Fatalf("testdata/faults/tests.csv does not list %s for %q", t.Name(), fault)
	}
	c := &Tally{fault: fault, stages: map[string]*stage{}}
	t.Cleanup(func() {
		for _, l := range c.lines(t.Name()) {
			t.Logf("%s, %s: %d of %d held; %s", l.Fault, l.Stage, l.Held, l.Tried, l.Found)
			if err := l.add(os.Getenv(File)); err != nil {
				t.Error(err)
			}
		}
	})
	return c
}

// Try says that the fault is about to happen at a stage. It has not held before Held says so.
func (c *Tally) Try(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at(name).tried++
}

// Hold says that what is promised held, and what of the possible was found.
func (c *Tally) Hold(name, found string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.at(name)
	s.held++
	if found != "" {
		s.found[found]++
	}
}

// Check counts one try of which the outcome is known.
func (c *Tally) Check(name string, held bool, found string) {
	c.Try(name)
	if held {
		c.Hold(name, found)
	}
}

// Watch counts one try at a stage that holds when the test, mostly a subtest of its own, passes.
func (c *Tally) Watch(t testing.TB, name string) {
	t.Helper()
	t.Cleanup(func() {
		if !t.Skipped() {
			c.Check(name, !t.Failed(), "")
		}
	})
}

func (c *Tally) at(name string) *stage {
	s := c.stages[name]
	if s == nil {
		s = &stage{found: map[string]int{}}
		c.stages[name] = s
		c.order = append(c.order, name)
	}
	return s
}

func (c *Tally) lines(test string) (out []Line) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, name := range c.order {
		s := c.stages[name]
		var found []string
		for _, f := range slices.Sorted(maps.Keys(s.found)) {
			found = append(found, fmt.Sprintf("%s: %d", f, s.found[f]))
		}
		out = append(out, Line{test, c.fault, name, s.tried, s.held, strings.Join(found, ", ")})
	}
	return out
}

// add appends the line to a file; without a name there is none.
func (l Line) add(path string) error {
	if path == "" {
		return nil
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	w := csv.NewWriter(f)
	err = w.Write([]string{l.Test, l.Fault, l.Stage, strconv.Itoa(l.Tried), strconv.Itoa(l.Held), l.Found})
	w.Flush()
	return errors.Join(err, w.Error(), f.Close())
}

// Read reads what tests appended to a file.
func Read(path string) ([]Line, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, err
	}
	var out []Line
	for _, r := range records {
		tried, err := strconv.Atoi(r[3])
		if err != nil {
			return nil, err
		}
		held, err := strconv.Atoi(r[4])
		if err != nil {
			return nil, err
		}
		out = append(out, Line{r[0], r[1], r[2], tried, held, r[5]})
	}
	return out, nil
}

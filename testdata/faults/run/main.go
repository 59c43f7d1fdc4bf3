// Command run runs the tests that testdata/faults/tests.csv lists and prints what they did as a table of fault and stage.
//
//	go run ./testdata/faults/run --kills 1000
//	go run ./testdata/faults/run --table counts.csv   # what tests appended to the file that PIDLEDGER_FAULTS named
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/pidledger/pidledger/testdata/faults"
)

func main() {
	kills := flag.Int("kills", 1000, "how often to kill; the tests that need minutes are run with at least 1")
	only := flag.String("fault", "", "only the tests of this fault")
	counts := flag.String("table", "", "run nothing and print the table of the counts in this file")
	flag.Parse()
	tests := faults.Tests()
	if *only != "" {
		tests = slices.DeleteFunc(tests, func(t faults.Listed) bool { return t.Fault != *only })
	}
	ok := true
	var err error
	switch {
	case len(tests) == 0:
		err = fmt.Errorf("no test is listed for %q", *only)
	case *counts != "":
		_, err = table(os.Stdout, tests, *counts)
	default:
		ok, err = run(os.Stdout, tests, *kills)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "faults:", err)
	}
	if err != nil || !ok {
		os.Exit(1)
	}
}

// run tells whether every test passed and every listed one counted something.
func run(out io.Writer, tests []faults.Listed, kills int) (ok bool, err error) {
	var packages []string
	names := map[string][]string{}
	for _, t := range tests {
		if names[t.Package] == nil {
			packages = append(packages, t.Package)
		}
		if !slices.Contains(names[t.Package], t.Test) {
			names[t.Package] = append(names[t.Package], t.Test)
		}
	}
	dir, err := os.MkdirTemp("", "pidledger-faults-*")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // it is temporary anyhow
	counts := filepath.Join(dir, "counts.csv")
	ok = true
	for _, p := range packages {
		c := exec.Command("go", "test", "-count", "1", "-timeout", "8h", "-run", "^("+strings.Join(names[p], "|")+")$", "./"+p)
		c.Env = append(os.Environ(), faults.File+"="+counts, "PIDLEDGER_KILLS="+strconv.Itoa(kills))
		c.Stdout, c.Stderr = os.Stderr, os.Stderr
		if err := c.Run(); err != nil {
			fmt.Fprintf(os.Stderr, "faults: %s: %v\n", p, err)
			ok = false
		}
	}
	all, err := table(out, tests, counts)
	return ok && all, err
}

// table prints the counts of a file, and tells whether every test has some and everything held.
func table(out io.Writer, tests []faults.Listed, counts string) (ok bool, err error) {
	lines, err := faults.Read(counts)
	if err != nil {
		return false, err
	}
	ok = true
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "fault\tstage\ttried\theld\tfound")
	var printed []string
	for _, t := range tests {
		if !slices.ContainsFunc(lines, func(l faults.Line) bool { return l.Test == t.Test && l.Fault == t.Fault }) {
			fmt.Fprintf(w, "%s\t%s was not run\t0\t0\t\n", t.Fault, t.Test)
			ok = false
		}
		if slices.Contains(printed, t.Fault) {
			continue
		}
		printed = append(printed, t.Fault)
		stages, tried, held := 0, 0, 0
		for _, l := range lines {
			if l.Fault == t.Fault {
				fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%s\n", l.Fault, l.Stage, l.Tried, l.Held, l.Found)
				stages, tried, held = stages+1, tried+l.Tried, held+l.Held
			}
		}
		if stages > 1 {
			fmt.Fprintf(w, "%s\tTOTAL\t%d\t%d\t\n", t.Fault, tried, held)
		}
		ok = ok && tried == held
	}
	return ok, w.Flush()
}

package cmd

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// onePartition are the tables with a window over all rows at once; queries/chain has the same list, with what bounds them.
var onePartition = []string{"contested_deployments"}

// comparePlans has Spark explain every statement of a script that has run, as it would be for many rows, and finds plans that no cluster makes faster.
func comparePlans(t *testing.T, command []string, script string) (plans int) {
	t.Helper()
	text, err := os.ReadFile(script)
	if err != nil {
		t.Fatal(err)
	}
	var names, asked []string
	name := ""
	for _, s := range strings.Split(strings.TrimSuffix(strings.TrimSpace(string(text)), ";"), ";\n") {
		for line := range strings.Lines(s) {
			if about, is := strings.CutPrefix(line, "-- "); is {
				name = strings.TrimSpace(about)
			}
		}
		if name == "settings for few rows" { // of one task each: the plans that count are those of many rows
			continue
		}
		s = strings.ReplaceAll(s, "/*+ coalesce(1) */ ", "")
		if at := strings.Index(s, "insert overwrite"); at >= 0 {
			names = append(names, name)
			_, query, _ := strings.Cut(s[at:], "\n") // of a statement that writes, Spark explains no more than what it reads, not how
			s = "explain " + query
		}
		asked = append(asked, s)
	}
	file := script + ".explain"
	if err := os.WriteFile(file, []byte(strings.Join(asked, ";\n")+";\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), command[0], append(slices.Clone(command[1:]), file)...)
	run.Dir = t.TempDir()
	var errs strings.Builder
	run.Stderr = &errs
	out, err := run.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, tail(errs.String(), 4000))
	}
	blocks := strings.Split(string(out), "== Physical Plan ==\n")[1:]
	if len(blocks) != len(names) {
		t.Fatalf("%d plans for %d statements", len(blocks), len(names))
	}
	found := map[string]bool{}
	for i, b := range blocks {
		for _, f := range slowPlan(b) {
			found[names[i]] = true
			if !slices.Contains(onePartition, names[i]) || !strings.HasPrefix(f, "Window") {
				t.Errorf("%s: %s", names[i], f)
			}
		}
	}
	for _, name := range onePartition {
		if !found[name] {
			t.Errorf("%s has no window over all rows at once: the list is out of date, or plans are read wrongly", name)
		}
	}
	return len(blocks)
}

// slowPlan lists the operators of a plan that compare all with all, where both sides grow with the input, and windows over all rows at once.
func slowPlan(plan string) (out []string) {
	lines := strings.Split(plan, "\n")
	depth := func(at int) int { return len(lines[at]) - len(operatorOf(lines[at])) }
	below := func(at int) (children []int) { // the lines of its inputs
		for i := at + 1; i < len(lines) && depth(i) > depth(at); i++ {
			if depth(i) == depth(at)+3 {
				children = append(children, i)
			}
		}
		return children
	}
	through := func(at int, passed ...string) string { // the first operator from a line on that changes how many rows there are, or where
		for slices.ContainsFunc(passed, func(p string) bool { return strings.HasPrefix(operatorOf(lines[at]), p) }) {
			next := below(at)
			if len(next) == 0 {
				break
			}
			at = next[0]
		}
		return operatorOf(lines[at])
	}
	for i, line := range lines {
		switch is := operatorOf(line); {
		case strings.HasPrefix(is, "CartesianProduct"):
			out = append(out, is)
		case strings.HasPrefix(is, "BroadcastNestedLoopJoin"):
			isBounded := slices.ContainsFunc(below(i), func(child int) bool { // rows of the program, or one row
				from := through(child, "BroadcastExchange", "Project", "Filter")
				return strings.HasPrefix(from, "LocalTableScan") || strings.HasPrefix(from, "HashAggregate(keys=[],") || strings.HasPrefix(from, "Scan OneRowRelation")
			})
			if !isBounded {
				out = append(out, is)
			}
		case strings.HasPrefix(is, "Window ["):
			if strings.HasPrefix(through(i, "Window", "Sort", "Project"), "Exchange SinglePartition") {
				out = append(out, is)
			}
		}
	}
	return out
}

// operatorOf is a line of a plan without what draws the tree.
func operatorOf(line string) string { return strings.TrimLeft(line, " :+-*") }

func TestSlowPlan(t *testing.T) {
	for _, c := range []struct{ plan, want string }{
		{"+- CartesianProduct\n   :- FileScan a\n   +- FileScan b", "CartesianProduct"},
		{"+- BroadcastNestedLoopJoin BuildRight, Cross\n   :- FileScan a\n   +- BroadcastExchange x\n      +- Project [p]\n         +- LocalTableScan [p]", ""},
		{"+- BroadcastNestedLoopJoin BuildRight, LeftOuter\n   :- LocalScan\n   :  +- LocalTableScan [p]\n   +- BroadcastExchange x\n      +- Filter f\n         +- FileScan b", "BroadcastNestedLoopJoin BuildRight, LeftOuter"},
		{"+- BroadcastNestedLoopJoin BuildLeft, Cross\n   :- BroadcastExchange x\n   :  +- HashAggregate(keys=[], functions=[max(a)])\n   :     +- Exchange SinglePartition\n   +- FileScan b", ""},
		{"+- BroadcastNestedLoopJoin BuildLeft, Cross\n   :- BroadcastExchange x\n   :  +- HashAggregate(keys=[k], functions=[max(a)])\n   :     +- Exchange SinglePartition\n   +- FileScan b", "BroadcastNestedLoopJoin BuildLeft, Cross"},
		{"Project\n+- Window [row_number()]\n   +- Sort [a], false, 0\n      +- Exchange SinglePartition, ENSURE_REQUIREMENTS\n         +- FileScan a", "Window [row_number()]"},
		{"Project\n+- Window [row_number()]\n   +- Sort [a], false, 0\n      +- Exchange hashpartitioning(a)\n         +- FileScan a", ""},
	} {
		if got := strings.Join(slowPlan(c.plan), "; "); got != c.want {
			t.Errorf("%q of\n%s", got, c.plan)
		}
	}
}

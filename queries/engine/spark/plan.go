package spark

import "regexp"

// reads finds the tables that a SELECT reads, each as often as it reads it.
var reads = regexp.MustCompile(`\b(?:from|join)\s+([a-z_][a-z0-9_]*)`)

// plan tells which of the tables that were asked for are written to files: those whose rows are wanted more than once. Every statement that writes
// costs Spark a second or more of scheduling, however little it writes; and a view that is read twice is computed twice. A view passes on how often it is
// read itself. Tables that are wanted afterwards are written in any case.
func plan(asked []request, wantedLater map[string]bool) (keep []bool) {
	keep = make([]bool, len(asked))
	wanted := make([]int, len(asked)) // how often the rows of a request are computed if it is not written
	latest := map[string]int{}
	sources := make([][]int, len(asked)) // the requests that a request reads
	for i, r := range asked {
		if r.kind != made {
			for _, m := range reads.FindAllStringSubmatch(withoutComments(r.text), -1) {
				if at, known := latest[m[1]]; known {
					sources[i] = append(sources[i], at)
				}
			}
		}
		if r.kind == made || r.kind == viewed || r.kind == tabled {
			latest[r.table] = i
		}
	}
	for i := len(asked) - 1; i >= 0; i-- {
		keep[i] = asked[i].kind == tabled && (wanted[i] > 1 || wantedLater[asked[i].table])
		times := wanted[i]
		if keep[i] || asked[i].kind == written || asked[i].kind == checked {
			times = 1
		}
		for _, at := range sources[i] {
			wanted[at] += times
		}
	}
	return keep
}

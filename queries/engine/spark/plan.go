package spark

import "regexp"

// reads finds the tables that a SELECT reads, each as often as it reads it.
var reads = regexp.MustCompile(`\b(?:from|join)\s+([a-z_][a-z0-9_]*)`)

// sources are, of each request, those that it reads, each as often as it reads it. A table that is made of files reads the request that writes them.
func sources(asked []request) [][]int {
	out := make([][]int, len(asked))
	latest, folders := map[string]int{}, map[string]int{}
	for i, r := range asked {
		switch r.kind {
		case valued:
		case found:
			if at, is := folders[r.folder]; is {
				out[i] = append(out[i], at)
			}
		default:
			for _, m := range reads.FindAllStringSubmatch(withoutComments(r.text), -1) {
				if at, known := latest[m[1]]; known {
					out[i] = append(out[i], at)
				}
			}
		}
		switch r.kind {
		case found, valued, viewed, tabled:
			latest[r.table] = i
		case written:
			folders[r.folder] = i
		}
	}
	return out
}

// plan tells which of the tables that were asked for are written to files: those whose rows are wanted more than once. Every statement that writes
// costs Spark a second or more of scheduling, however little it writes; and a view that is read twice is computed twice. A view passes on how often it is
// read itself. Tables that are wanted afterwards are written in any case.
func plan(asked []request, sources [][]int, wantedLater map[string]bool) (keep []bool) {
	keep = make([]bool, len(asked))
	wanted := make([]int, len(asked)) // how often the rows of a request are computed if it is not written
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

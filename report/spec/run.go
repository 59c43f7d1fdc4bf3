package spec

import "time"

// Run is what the manifest and the summary say about the run.
type Run struct {
	ID          string // becomes part of a folder name
	Started     time.Time
	Version     string   // of the program
	DataThrough string   // last usage date that counts, YYYY-MM-DD; empty: no usage
	OnlyUsage   bool     // nothing was ever delivered that could carry a tracking id: nothing can be attributed
	Sources     []Source // what html says about freshness; empty: nothing
}

// Source is how fresh one kind of input is. It names no customer: exports of one that opted out count, too.
type Source struct {
	Name   string
	Count  int64  // exports or records
	Newest string // UTC; empty: not known
	Note   string // what is missing or overdue
}

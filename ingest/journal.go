package ingest

import (
	"fmt"
	"slices"
	"sync"

	"github.com/pidledger/pidledger/ingest/discover"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/ingest/read"
)

// journal is what a run says of the files that it met. It is safe for concurrent use.
type journal struct {
	gone ledger.ForgottenIDs // who must not be named

	mu      sync.Mutex // guards the rest
	records map[string]*ledger.FileRecord
	touched map[string]bool // names of records that this run writes to the ledger
	rejects []ledger.RejectRecord
	notes   []string
	noted   map[string]bool // the same
	checks  []error         // failed checks (exit code 4)
}

func newJournal() *journal {
	return &journal{records: map[string]*ledger.FileRecord{}, touched: map[string]bool{}, noted: map[string]bool{}}
}

// rowsRead is how many rows the run has read so far.
func (j *journal) rowsRead() (rows int64) {
	for name := range j.touched {
		rows += j.records[name].Rows
	}
	return rows
}

// record returns the record of a file, to be changed by the one goroutine that works on the file.
func (j *journal) record(f discover.File) *ledger.FileRecord {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.touched[f.Name] = true
	r := j.records[f.Name]
	if r == nil {
		r = &ledger.FileRecord{Path: f.Name, Size: f.Size}
		j.records[f.Name] = r
	}
	return r
}

// stands keeps the record that an earlier run wrote.
func (j *journal) stands(name string, r ledger.FileRecord) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.records[name] = &r
}

// drop takes back what was said of a file: it is read again, or is not there any longer.
func (j *journal) drop(name string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	delete(j.records, name)
	delete(j.touched, name)
	j.rejects = slices.DeleteFunc(j.rejects, func(r ledger.RejectRecord) bool { return r.Path == name })
}

func (j *journal) hasFailed(name string) bool {
	r := j.records[name]
	return r != nil && r.Status == ledger.StatusFailed
}

// keepRejects remembers the rejects of a file.
func (j *journal) keepRejects(f discover.File, o *read.Outcome) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.rejects = slices.DeleteFunc(j.rejects, func(r ledger.RejectRecord) bool { return r.Path == f.Name })
	for _, r := range o.Rejects {
		j.rejects = append(j.rejects, ledger.RejectRecord{Path: f.Name, Record: r.Record, Line: r.Line, Column: r.Column, Value: j.gone.Neutral(r.Value), Reason: j.gone.Neutral(r.Reason)})
	}
}

// note remembers something that a person should know, once.
func (j *journal) note(format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	n := fmt.Sprintf(format, args...)
	if !j.noted[n] {
		j.noted[n] = true
		j.notes = append(j.notes, n)
	}
}

// add adds what another journal says.
func (j *journal) add(rejects []ledger.RejectRecord, notes []string) {
	j.mu.Lock()
	j.rejects = append(j.rejects, rejects...)
	j.mu.Unlock()
	for _, n := range notes {
		j.note("%s", n)
	}
}

func (j *journal) check(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.checks = append(j.checks, err)
}

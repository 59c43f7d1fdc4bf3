package ingest

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/queries/chain"
)

// Result is what one ingest run did.
type Result struct {
	RunID          string
	Started        time.Time
	Files          []ledger.FileRecord
	Counts         map[string]int64      // files by status
	Rows           int64                 // rows read in this run
	Rejected       int64                 // of them rejected
	Rejects        []ledger.RejectRecord // the first 20 of each reason
	RejectedBefore []ledger.FileRecord   // files read in earlier runs that count and of which rows were rejected, most rejected rows first
	Notes          []string
	Unplaced       []string // files with deployments of a subscription that nothing tells (see place)
	NewIDs         []string // tracking ids that no earlier run had seen
}

// Partial tells whether some input was rejected or could not be read: the run is done, but a person should look (exit code 3).
func (r *Result) Partial() bool {
	return r.Rejected > 0 || r.Counts[ledger.StatusFailed] > 0 || r.Counts[ledger.StatusUnknown] > 0
}

// result sums up the run.
func (s *session) result() *Result {
	r := &Result{RunID: s.runID, Started: s.started, Counts: map[string]int64{}, Notes: s.log.notes}
	for _, u := range s.unplaced {
		r.Unplaced = append(r.Unplaced, u.name)
	}
	for _, f := range s.input.files {
		rec := s.log.records[f.Name]
		if rec == nil {
			k := s.input.known[f.Name].record
			rec = &k
		}
		shown := *rec
		if !s.log.touched[f.Name] && rec.Status != ledger.StatusFailed && rec.Status != ledger.StatusUnknown && rec.Status != ledger.StatusWaiting && rec.Status != ledger.StatusForgotten {
			shown.Status = ledger.StatusUnchanged
		}
		r.Files = append(r.Files, shown)
		r.Counts[shown.Status]++
		if s.log.touched[f.Name] {
			r.Rows += rec.Rows
			r.Rejected += rec.Rejected
		}
	}
	r.RejectedBefore = s.rejectedBefore()
	slices.SortFunc(s.log.rejects, func(a, b ledger.RejectRecord) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), cmp.Compare(a.Record, b.Record))
	})
	perReason := map[string]int{}
	for _, x := range s.log.rejects {
		key := x.Column + "|" + strings.SplitN(x.Reason, `"`, 2)[0]
		if perReason[key]++; perReason[key] <= 20 {
			r.Rejects = append(r.Rejects, x)
		}
	}
	return r
}

// rejectedBefore lists the files of earlier runs that count, also those that are no longer in the sources, with rows that could not be used: these
// are missing in every report for as long.
func (s *session) rejectedBefore() (out []ledger.FileRecord) {
	for name, k := range s.input.known {
		rec := &k.record
		if r := s.log.records[name]; r != nil {
			rec = r
		}
		if !s.log.touched[name] && rec.Status == ledger.StatusLoaded && rec.Rejected > 0 {
			out = append(out, *rec)
		}
	}
	slices.SortFunc(out, func(a, b ledger.FileRecord) int {
		return cmp.Or(cmp.Compare(b.Rejected, a.Rejected), strings.Compare(a.Path, b.Path))
	})
	return out
}

// hide takes from what a run read what names customers who opted out.
func (r *Result) hide(ctx context.Context, l *ledger.Ledger) error {
	if n, err := l.DB.Count(ctx, "select count(*) from exclusions"); err != nil || n == 0 {
		return err
	}
	if err := l.Usage.CountDays(ctx); err != nil { // else the attribution does: whose usage the new files hold
		return err
	}
	h, err := ledger.FindHidden(ctx, l.DB)
	if err != nil || h == nil {
		return err
	}
	for i := range r.Files {
		h.File(&r.Files[i])
	}
	for i := range r.RejectedBefore {
		h.File(&r.RejectedBefore[i])
	}
	for i := range r.Rejects {
		h.Reject(&r.Rejects[i])
	}
	for _, list := range [][]string{r.Notes, r.Unplaced} {
		for i, text := range list {
			if h.Names(text) {
				list[i] = chain.HiddenText
			}
		}
	}
	return nil
}

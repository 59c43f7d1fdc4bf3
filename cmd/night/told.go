package night

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/ingest/judge"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/summary"
)

// sum builds the summary of the night.
func (n *Night) sum() *summary.Summary {
	var s *summary.Summary
	if n.Published != nil {
		s = n.Published.Summary
		n.logPublished()
		n.checked = errors.Join(n.checked, judge.CheckLostDays(s.LostDays))
	} else {
		s = &summary.Summary{RunID: n.Read.RunID, Version: n.Version, Started: n.Read.Started.UTC()}
	}
	if n.Read != nil {
		addRead(s, n.Read)
	}
	if n.checked != nil && n.Published != nil {
		s.Notes = append(s.Notes, n.checked.Error())
	}
	return s
}

// doubt is what a person should know although the night succeeded; nil if all is well.
func (n *Night) doubt() error {
	if n.checked != nil || n.Read == nil {
		return n.checked
	}
	return partial(n.Read)
}

// addRead adds what was read to the summary.
func addRead(s *summary.Summary, res *ingest.Result) {
	in := &summary.Inputs{Rows: res.Rows, Rejected: res.Rejected, Unplaced: res.Unplaced}
	for _, status := range ledger.Statuses {
		if n := res.Counts[status]; n > 0 {
			in.Files = append(in.Files, summary.Count{Status: status, Files: n})
		}
	}
	rejected := map[string]int64{}
	for _, f := range res.Files {
		rejected[f.Path] += f.Rejected // several files have no name if a customer opted out
		if f.Status == ledger.StatusFailed || f.Status == ledger.StatusUnknown {
			in.Problems = append(in.Problems, summary.Problem{Path: f.Path, Status: f.Status, Reason: f.Reason})
		}
	}
	// The first reject in each file and column shows what is wrong; a thousand more add nothing.
	seen := map[[2]string]bool{}
	for _, r := range res.Rejects {
		place := [2]string{r.Path, r.Column}
		if seen[place] {
			continue
		}
		seen[place] = true
		in.Rejects = append(in.Rejects, summary.Reject{
			Path: r.Path, Record: r.Record, Line: r.Line, Column: r.Column, Value: r.Value, Reason: r.Reason, FileRows: rejected[r.Path],
		})
	}
	for _, f := range res.RejectedBefore {
		in.Before = append(in.Before, summary.RejectedFile{Path: f.Path, Rejected: f.Rejected})
	}
	s.Inputs = in
	s.NewIDs = res.NewIDs
	s.Notes = append(s.Notes, res.Notes...)
}

// partial is the error of a run that succeeded, but not with all of the input; nil if all was used.
func partial(res *ingest.Result) error {
	if !res.Partial() {
		return nil
	}
	return &exit.PartialError{
		Msg: fmt.Sprintf("done, but some of the input could not be used (files: %s, rejected rows: %s)",
			human.Thousands(res.Counts[ledger.StatusFailed]+res.Counts[ledger.StatusUnknown]), human.Thousands(res.Rejected)),
		Hint: "pidledger files",
	}
}

// logRead writes an event for every file that a person should know about and for every failed check.
func (n *Night) logRead() {
	l, res := n.Events, n.Read
	for _, f := range res.Files {
		level, event := slog.LevelWarn, ""
		switch {
		case f.Status == ledger.StatusFailed || f.Status == ledger.StatusUnknown:
			event = "file could not be used"
		case f.Status == ledger.StatusWaiting:
			level, event = slog.LevelInfo, "file waits"
		case f.Rejected > 0 && f.Status == ledger.StatusLoaded:
			event = "rows rejected"
		default:
			continue
		}
		l.Event(level, event, "path", f.Path, "status", f.Status, "format", f.Format, "reason", f.Reason,
			"bytes", f.Size, "rows", f.Rows, "rejected", f.Rejected)
	}
	for _, r := range res.Rejects {
		l.Event(slog.LevelDebug, "row rejected", "path", r.Path, "record", r.Record, "line", r.Line, "column", r.Column, "value", r.Value, "reason", r.Reason)
	}
	for _, n := range res.Notes {
		l.Event(slog.LevelWarn, "note", "text", n)
	}
	l.FailedChecks(n.checked)
	files := []any{}
	for _, status := range ledger.Statuses {
		if n := res.Counts[status]; n > 0 {
			files = append(files, slog.Int64(status, n))
		}
	}
	l.Total(slog.Group("files", files...), "rows", res.Rows, "rejected", res.Rejected)
}

// logPublished adds what was written to the totals of the run.
func (n *Night) logPublished() {
	l, s := n.Events, n.Published.Summary
	for _, n := range s.Notes {
		l.Event(slog.LevelInfo, "note", "text", n)
	}
	if s.Unchanged {
		l.Event(slog.LevelInfo, "note", "text", "nothing new: the reports of run "+s.LastRun+" stand")
	}
	l.Total("data_through", s.DataThrough)
	if f := s.Reports; f != nil {
		l.Total(slog.Group("reports", "dir", f.Dir, "reports", f.Reports, "rows", f.Rows, "files", f.Files, "bytes", f.Bytes))
	}
}

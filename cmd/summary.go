package cmd

import (
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/terminal"
	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/summary"
)

// addIngest puts into the summary what was read.
func addIngest(s *summary.Summary, res *ingest.Result) {
	in := &summary.Inputs{Rows: res.Rows, Rejected: res.Rejected, Unplaced: res.Unplaced}
	for _, status := range ledger.Statuses {
		if n := res.Counts[status]; n > 0 {
			in.Files = append(in.Files, summary.Count{Status: status, Files: n})
		}
	}
	rejected := map[string]int64{}
	for _, f := range res.Files {
		rejected[f.Path] += f.Rejected // several are not named when a customer opted out
		if f.Status == ledger.StatusFailed || f.Status == ledger.StatusUnknown {
			in.Problems = append(in.Problems, summary.Problem{Path: f.Path, Status: f.Status, Reason: f.Reason})
		}
	}
	// The first place in each file and column says what is wrong; a thousand more say nothing new.
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

// finish completes the summary and writes it to standard output. The work is done by then: a reader that is gone neither makes the run look
// killed nor changes its exit code.
func (p *program) finish(s *summary.Summary, c config.Config, took time.Duration, asJSON bool) error {
	s.Advise(p.commands(c))
	s.Finish(took)
	defer terminal.OutlivePipes()()
	var err error
	if asJSON {
		err = s.WriteJSON(p.Out)
	} else {
		err = s.WriteText(p.Out, p.Color(p.Out))
	}
	if errors.Is(err, syscall.EPIPE) {
		return nil
	}
	return err
}

// partial is the error of a run that did its work, but not on all of the input; nil when there is none.
func partial(res *ingest.Result, again summary.Commands) error {
	if !res.Partial() {
		return nil
	}
	flags := ""
	if again.Flags != "" {
		flags = " " + again.Flags
	}
	return &exit.PartialError{
		Msg: fmt.Sprintf("done, but some of the input could not be used (files: %s, rejected rows: %s)",
			human.Thousands(res.Counts[ledger.StatusFailed]+res.Counts[ledger.StatusUnknown]), human.Thousands(res.Rejected)),
		Hint: "pidledger files" + flags,
	}
}

package cmd

import (
	"errors"
	"syscall"

	"github.com/pidledger/pidledger/cmd/terminal"
	"github.com/pidledger/pidledger/report/summary"
)

// showSummary writes a summary to standard output. The work is done by then: a reader that is gone neither makes the run look killed nor
// changes its exit code.
func (p *program) showSummary(s *summary.Summary, asJSON, details bool) error {
	defer terminal.OutlivePipes()()
	var err error
	if asJSON {
		err = s.WriteJSON(p.Out)
	} else {
		err = s.WriteText(p.Out, p.Color(p.Out), details)
	}
	if errors.Is(err, syscall.EPIPE) {
		return nil
	}
	return err
}

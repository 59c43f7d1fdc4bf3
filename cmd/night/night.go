// Package night is the nightly job: one list of steps, from the files in the sources to what a person is told.
package night

import (
	"context"
	"errors"

	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/ingest/discover"
	"github.com/pidledger/pidledger/ingest/judge"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/report"
	"github.com/pidledger/pidledger/report/spec"
	"github.com/pidledger/pidledger/report/summary"
)

// Night is one run of the job. It keeps the ledger locked from its first step until End.
type Night struct {
	Options

	// Read is what was read: set by the reading part.
	Read *ingest.Result
	// Published is what was published, or what stands: set by the reporting part.
	Published *report.Published

	ledger    *ledger.Ledger
	blobs     *discover.Blobs // nil: no source is in Blob Storage
	ingest    *ingest.Work
	stands    bool   // the reports that are there need not be written again
	last      string // run whose reports were published before; empty: none
	state     string // a digest of everything the reports are made from
	run       spec.Run
	judge     *judge.Judge
	judgement *judge.Judgement
	checked   error    // checks that failed and did not stop the night
	onSpark   *onSpark // nil: the night judges on this machine
}

// New prepares a night.
func New(o Options) *Night { return &Night{Options: o} }

// Run does the steps of a part and returns its summary, or nil if a step failed. An error beside a summary is what a person should still know:
// *ledger.CheckError for a check that failed, *exit.PartialError for input that could not be used.
func (n *Night) Run(ctx context.Context, part Part, steps []Step) (*summary.Summary, error) {
	began := n.Now()
	for _, s := range steps {
		if s.Part&part == 0 || s.Anew && n.stands {
			continue
		}
		if s.Name != "" {
			n.Progress.Stage(s.Name, s.Items)
		}
		if err := s.Do(n, ctx); err != nil {
			err = ledger.NameDamage(n.Config.Ledger, err)
			n.Events.FailedChecks(err)
			return nil, errors.Join(err, n.checked)
		}
	}
	s := n.sum()
	s.Advise(n.Again)
	s.Finish(n.Now().Sub(began))
	return s, n.doubt()
}

// End records how the night ended, as one of the results of package ledger, and unlocks the ledger.
func (n *Night) End(result string) error {
	if n == nil || n.ledger == nil {
		return nil
	}
	err := errors.Join(n.ledger.End(context.Background(), result), n.ledger.Close(), n.blobs.Close())
	n.ledger = nil
	return err
}

// Package published is the commands that ask the published snapshot: query, sql, compare, diff, explain and verify. They never see the
// ledger: a run does not block them, and they block none.
package published

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/night"
	"github.com/pidledger/pidledger/report/explain"
)

// App answers explain and verify.
type App interface {
	// Explain tells of one thing what the published snapshot knows. Errors: *explain.ManyError, *explain.NothingError, *explain.DayError.
	Explain(ctx context.Context, call night.Options, q explain.Question) (*explain.Answer, error)
	// Verify lists what a tracking id deployed. Errors: *explain.VerifyError when it deployed nothing.
	Verify(ctx context.Context, call night.Options, c explain.Check) (*explain.Verification, error)
}

// Commands are the commands of this package.
func Commands(p *cli.Program, app App) []*cobra.Command {
	return []*cobra.Command{
		newExplainCommand(p, app), newVerifyCommand(p, app), newQueryCommand(p), newSQLCommand(p), newCompareCommand(p), newDiffCommand(p),
	}
}

// Snapshot is the App on the snapshot that the reports point to.
type Snapshot struct{}

// openExplainer opens the snapshot of the reports to explain what is in it.
func openExplainer(ctx context.Context, call night.Options) (*explain.Explainer, error) {
	return explain.Open(ctx, call.Config.Report.Dir, call.Config.ReaderOptions())
}

func (Snapshot) Explain(ctx context.Context, call night.Options, q explain.Question) (_ *explain.Answer, err error) {
	e, err := openExplainer(ctx, call)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	return e.Explain(ctx, q)
}

func (Snapshot) Verify(ctx context.Context, call night.Options, c explain.Check) (_ *explain.Verification, err error) {
	e, err := openExplainer(ctx, call)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	return e.Verify(ctx, c)
}

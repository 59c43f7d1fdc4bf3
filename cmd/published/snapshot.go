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

func (Snapshot) Explain(ctx context.Context, call night.Options, q explain.Question) (*explain.Answer, error) {
	return explained(ctx, call, func(e *explain.Explainer) (*explain.Answer, error) { return e.Explain(ctx, q) })
}

func (Snapshot) Verify(ctx context.Context, call night.Options, c explain.Check) (*explain.Verification, error) {
	return explained(ctx, call, func(e *explain.Explainer) (*explain.Verification, error) { return e.Verify(ctx, c) })
}

// explained opens the snapshot of the reports and asks it.
func explained[T any](ctx context.Context, call night.Options, ask func(*explain.Explainer) (T, error)) (answer T, err error) {
	e, err := explain.Open(ctx, call.Config.Report.Dir, call.Config.ReaderOptions())
	if err != nil {
		return answer, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	return ask(e)
}

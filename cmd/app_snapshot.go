package cmd

import (
	"context"
	"errors"

	"github.com/pidledger/pidledger/cmd/night"
	"github.com/pidledger/pidledger/report/explain"
)

// The commands below read the published snapshot only, never the ledger: a run does not block them, and they block none.

// openExplainer opens the snapshot of the reports to explain what is in it.
func openExplainer(ctx context.Context, call night.Options) (*explain.Explainer, error) {
	return explain.Open(ctx, call.Config.Report.Dir, call.Config.ReaderOptions())
}

func (app) Explain(ctx context.Context, call night.Options, q explain.Question) (_ *explain.Answer, err error) {
	e, err := openExplainer(ctx, call)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	return e.Explain(ctx, q)
}

func (app) Verify(ctx context.Context, call night.Options, c explain.Check) (_ *explain.Verification, err error) {
	e, err := openExplainer(ctx, call)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	return e.Verify(ctx, c)
}

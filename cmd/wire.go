package cmd

import (
	"context"
	"errors"

	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/report"
)

// newApp gives the App of the program.
func newApp() App { return noApp{} }

// noApp is the App of a build without the engine.
type noApp struct{}

var errNoEngine = errors.New("this build has no engine")

func (noApp) Ingest(context.Context, Call) (*ingest.Result, error)     { return nil, errNoEngine }
func (noApp) Report(context.Context, Call) (*report.Published, error)  { return nil, errNoEngine }
func (noApp) Files(context.Context, Call) ([]ingest.FileRecord, error) { return nil, errNoEngine }
func (noApp) Lint(context.Context, Call) ([]Finding, error)            { return nil, errNoEngine }
func (noApp) Close() error                                             { return nil }

package cmd

import (
	"context"
	"errors"

	"github.com/pidledger/pidledger/cmd/collect"
	"github.com/pidledger/pidledger/cmd/ledger"
	"github.com/pidledger/pidledger/cmd/night"
	"github.com/pidledger/pidledger/cmd/published"
	"github.com/pidledger/pidledger/cmd/registry"
	"github.com/pidledger/pidledger/ingest"
	store "github.com/pidledger/pidledger/ingest/ledger"
)

// App does the work behind the commands beside the night. Tests put a fake in its place. An error with a method `Try() string` says itself
// what to do about it.
type App interface {
	collect.App
	ledger.App
	published.App
	registry.App
	// DryRun tells what the next night would read and why; it writes nothing.
	DryRun(ctx context.Context, call night.Options) (*ingest.Plan, error)
}

// app wires the commands to the packages that work.
type app struct {
	collect.Azure
	ledger.Ledger
	published.Snapshot
	registry.File
}

func (app) DryRun(ctx context.Context, call night.Options) (_ *ingest.Plan, err error) {
	defer func() { err = store.NameDamage(call.Config.Ledger, err) }()
	l, err := store.Look(ctx, call.LedgerOptions())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	options := call.IngestOptions()
	defer func() { err = errors.Join(err, options.Sources.Blobs.Close()) }()
	return ingest.DryRun(ctx, l, options)
}

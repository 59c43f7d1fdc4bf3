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
	// ReadAhead reads the usage in files that match one of the patterns, for the next night to take.
	ReadAhead(ctx context.Context, call night.Options, patterns []string) (*ingest.Ahead, error)
}

// app wires the commands to the packages that work.
type app struct {
	collect.Azure
	ledger.Ledger
	published.Snapshot
	registry.File
}

func (app) DryRun(ctx context.Context, call night.Options) (*ingest.Plan, error) {
	return looking(ctx, call, ingest.DryRun)
}

func (app) ReadAhead(ctx context.Context, call night.Options, patterns []string) (*ingest.Ahead, error) {
	return looking(ctx, call, func(ctx context.Context, l *store.Ledger, o ingest.Options) (*ingest.Ahead, error) {
		return ingest.ReadAhead(ctx, l, o, patterns)
	})
}

// looking works on the sources beside a ledger that is only looked at.
func looking[T any](ctx context.Context, call night.Options, work func(context.Context, *store.Ledger, ingest.Options) (T, error)) (out T, err error) {
	defer func() { err = store.NameDamage(call.Config.Ledger, err) }()
	l, err := store.Look(ctx, call.LedgerOptions())
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	options := call.IngestOptions()
	defer func() { err = errors.Join(err, options.Sources.Blobs.Close()) }()
	return work(ctx, l, options)
}

// Package cli is what the commands share: their streams, settings and clock, the log of a run, the arguments they take, and their place in
// the help.
//
// A family of commands is a package beside this one. It has a function that makes its commands of a Program, and an interface for the work
// behind them that needs a ledger or a snapshot, so that tests can put a fake in its place.
package cli

import (
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/night"
	"github.com/pidledger/pidledger/cmd/terminal"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/report/summary"
)

// Program is one call of the program.
type Program struct {
	terminal.Streams
	Now   func() time.Time
	Build Build

	ConfigFile string         // that --config names; empty: the usual one
	Flags      config.Flags   // of the root command
	Called     *cobra.Command // that runs; nil: none yet
	Command    string         // that runs, without the name of the program
	Settings   config.Config  // of the command that runs, if it has any
	Log        *terminal.Log  // nil: none was asked for
	id         string         // see RunID
}

// RunID is the id of the run that this call of the program is, if it is one.
func (p *Program) RunID() string {
	if p.id == "" {
		p.id = ledger.RunID(p.Now())
	}
	return p.id
}

// Config loads the configuration with the flags of a command and shows its notes.
func (p *Program) Config(flags config.Flags) (config.Config, error) {
	g := config.Given{File: p.ConfigFile, Values: map[string][]string{}}
	p.Flags.Values(g.Values)
	flags.Values(g.Values)
	c, notes, err := config.Load(g, p.Environ)
	if err != nil {
		return c, err
	}
	p.Settings = c
	for _, n := range notes {
		p.Note("%s", n)
	}
	return c, nil
}

// Call prepares work on the ledger or on a snapshot. done ends the progress display and the last stage in the log.
func (p *Program) Call(c config.Config) (o night.Options, done func()) {
	bar := terminal.StartProgress(&p.Streams, p.Now)
	level := slog.LevelWarn
	if p.Quiet {
		level = slog.LevelError
	}
	var log slog.Handler = slog.NewTextHandler(bar, &slog.HandlerOptions{Level: level})
	o = night.Options{
		Config: c, Progress: bar, Events: p.Log, Now: p.Now, Version: p.Build.Version, RunID: p.RunID(), Command: p.Command, Getenv: p.Getenv, Again: summary.Commands{Flags: p.flagsAgain, Registry: c.Registry},
	}
	done = bar.Stop
	if p.Log != nil {
		stages := p.Log.Stages(bar, p.Now)
		o.Progress, done = stages, func() { stages.Stop(); bar.Stop() }
		log = slog.NewMultiHandler(log, p.Log.Handler())
	}
	o.Log = slog.New(log)
	return o, done
}

// AskLedger asks about a ledger that has to be there, and ends the progress display.
func AskLedger[T any](p *Program, ask func(night.Options) (T, error)) (answer T, err error) {
	c, err := p.Config(config.Flags{})
	if err == nil {
		err = c.CheckLedger()
	}
	if err != nil {
		return answer, err
	}
	call, done := p.Call(c)
	defer done()
	return ask(call)
}

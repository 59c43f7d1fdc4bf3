package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/disk"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/night"
	"github.com/pidledger/pidledger/cmd/terminal"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/summary"
)

// Main is the program: it runs the command line and returns the exit code.
func Main(args []string, in io.Reader, out, errw io.Writer) int {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as nohup has it
		signals = append(signals, syscall.SIGHUP) // the terminal was closed
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	disk.Private()
	p := &program{Streams: terminal.Streams{In: in, Out: out, Err: errw, Environ: os.Environ()}, app: app{}, steps: night.Steps, now: time.Now}
	return p.run(ctx, args)
}

// program is what the commands share: streams, environment, clock and the App that does the work.
type program struct {
	terminal.Streams
	app   App
	steps []night.Step // of the night
	now   func() time.Time

	global   globalOptions
	flags    config.Flags  // of the root command
	command  string        // that runs, without the name of the program
	settings config.Config // of the command that runs, if it has any
	id       string        // of this run; see runID
	night    *night.Night  // nil: the command is none of the night's
	log      *terminal.Log // nil: none was asked for
}

// run is the only place that turns errors into messages and exit codes.
func (p *program) run(ctx context.Context, args []string) int {
	root := newRootCommand(p)
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	if err != nil && ctx.Err() != nil {
		err = ctx.Err() // whatever broke, broke because of the signal
	}
	ledger, reports := p.settings.Ledger, p.settings.Report.Dir
	err = disk.Full(err, ledger, reports) // before the ledger is closed, which frees what the engine spilled
	err = disk.Full(errors.Join(err, p.night.End(exit.ResultOf(err))), ledger, reports)
	code := exit.CodeOf(err)
	if lost := p.log.End(p.now(), err); lost != nil {
		fmt.Fprintln(p.Err, "pidledger: the log is not complete:", lost)
	}
	if err != nil {
		p.complain(cmd, err)
	}
	return code
}

// runID is the id of the run that this call of the program is, if it is one.
func (p *program) runID() string {
	if p.id == "" {
		p.id = ledger.RunID(p.now())
	}
	return p.id
}

// complain writes an error and the way out to standard error; as JSON when the command was asked for JSON.
func (p *program) complain(cmd *cobra.Command, err error) {
	try := exit.WayOut(err, cmd.CommandPath())
	if f := cmd.Flags().Lookup("json"); f != nil && f.Changed {
		enc := json.NewEncoder(p.Err)
		enc.SetEscapeHTML(false)
		line := struct {
			Error    string `json:"error"`
			Try      string `json:"try"`
			ExitCode int    `json:"exit_code"`
		}{exit.Message(err), try, exit.CodeOf(err)}
		if enc.Encode(line) == nil {
			return
		}
	}
	prefix := human.Red.Paint("pidledger:", p.Color(p.Err))
	for i, line := range strings.Split(exit.Message(err), "\n") {
		if i > 0 {
			prefix = strings.Repeat(" ", len("pidledger:"))
		}
		fmt.Fprintln(p.Err, prefix, human.Clean(line))
	}
	fmt.Fprintln(p.Err, "Try:", human.Clean(try))
}

// config loads the configuration with the flags of a command and shows its notes.
func (p *program) config(flags config.Flags) (config.Config, error) {
	g := config.Given{File: p.global.config, Values: map[string][]string{}}
	p.flags.Values(g.Values)
	flags.Values(g.Values)
	c, notes, err := config.Load(g, p.Environ)
	if err != nil {
		return c, err
	}
	p.settings = c
	if !p.Quiet {
		for _, n := range notes {
			fmt.Fprintln(p.Err, "pidledger:", human.Clean(n))
		}
	}
	return c, nil
}

// call prepares work on the ledger or on a snapshot. done ends the progress display and the last stage in the log.
func (p *program) call(c config.Config) (o night.Options, done func()) {
	bar := terminal.StartProgress(&p.Streams, p.now)
	level := slog.LevelWarn
	if p.Quiet {
		level = slog.LevelError
	}
	var log slog.Handler = slog.NewTextHandler(bar, &slog.HandlerOptions{Level: level})
	o = night.Options{
		Config: c, Progress: bar, Events: p.log, Now: p.now, Version: currentVersion().Version, RunID: p.runID(), Command: p.command, Again: p.commands(c),
	}
	done = bar.Stop
	if p.log != nil {
		stages := p.log.Stages(bar, p.now)
		o.Progress, done = stages, func() { stages.Stop(); bar.Stop() }
		log = slog.NewMultiHandler(log, p.log.Handler())
	}
	o.Log = slog.New(log)
	return o, done
}

// askLedger calls the App on a ledger that has to be there, and ends the progress display.
func askLedger[T any](p *program, ask func(night.Options) (T, error)) (answer T, err error) {
	c, err := p.config(config.Flags{})
	if err == nil {
		err = c.CheckLedger()
	}
	if err != nil {
		return answer, err
	}
	call, done := p.call(c)
	defer done()
	return ask(call)
}

// commands says how to call pidledger again with the same configuration.
func (p *program) commands(c config.Config) summary.Commands {
	flags := ""
	if p.global.config != "" {
		flags = "--config " + human.ShellWord(p.global.config)
	}
	return summary.Commands{Flags: flags, Registry: c.Registry}
}

package cmd

import (
	"cmp"
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

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/disk"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/night"
	"github.com/pidledger/pidledger/cmd/tell"
	"github.com/pidledger/pidledger/cmd/terminal"
	"github.com/pidledger/pidledger/report"
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
	streams := terminal.Streams{In: in, Out: out, Err: errw, Environ: os.Environ()}
	return newProgram(streams, time.Now, app{}, night.Steps).run(ctx, args)
}

// program is one call of the program, with all that does the work.
type program struct {
	*cli.Program
	app   App
	steps []night.Step // of the night
	night *night.Night // nil: the command is not one of the night's

	called  time.Time        // when
	began   time.Time        // of the night; zero: the command is not one of it
	summary *summary.Summary // of the night; nil: it did not get that far
}

func newProgram(streams terminal.Streams, now func() time.Time, app App, steps []night.Step) *program {
	return &program{Program: &cli.Program{Streams: streams, Now: now, Build: currentBuild()}, app: app, steps: steps, called: now()}
}

// run is the only place that turns errors into messages and exit codes.
func (p *program) run(ctx context.Context, args []string) int {
	root := newRootCommand(p)
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	if err != nil && ctx.Err() != nil {
		err = ctx.Err() // whatever broke, broke because of the signal
	}
	ledger, reports := p.Settings.Ledger, p.Settings.Report.Dir
	err = disk.Full(err, ledger, reports) // before the ledger is closed, which frees what the engine spilled
	err = disk.Full(errors.Join(err, p.night.End(exit.ResultOf(err))), ledger, reports)
	code := exit.CodeOf(err)
	p.tell(ctx, err)
	if lost := p.Log.End(p.Now(), err); lost != nil {
		p.Say("the log is not complete: " + lost.Error())
	}
	if err != nil {
		p.complain(cmd, err)
	}
	return code
}

// tell tells people and monitoring how a night ended. That nobody could be told changes nothing about it.
func (p *program) tell(ctx context.Context, err error) {
	collect := p.Command == "collect"
	if p.began.IsZero() && (!collect || exit.CodeOf(err) == exit.Usage) {
		return
	}
	host, unknown := os.Hostname()
	if unknown != nil {
		host = "a machine without a name"
	}
	t := tell.Teller{Config: p.Settings, Getenv: p.Getenv, Wait: time.Second}
	for _, failed := range t.Tell(ctx, tell.Night{
		Command: p.Command, Version: p.Build.Version, Host: host, Began: cmp.Or(p.began, p.called), Ended: p.Now(), Err: err, Summary: p.summary, Collect: collect,
	}) {
		p.Say(failed.Error())
		p.Log.Event(slog.LevelWarn, "note", "text", failed.Error())
	}
}

// complain writes an error and the way out to standard error; as JSON when the command was asked for JSON.
func (p *program) complain(cmd *cobra.Command, err error) {
	elsewhere := ""
	if none := (*report.NoSnapshotError)(nil); errors.As(err, &none) {
		elsewhere = p.Settings.Elsewhere(none.Dir)
	}
	try := p.Suggest(cmp.Or(elsewhere, exit.WayOut(err, cmd.CommandPath())))
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
		fmt.Fprintln(p.Err, p.Fit(p.Err, prefix+" "+human.Clean(line), 2))
	}
	fmt.Fprintln(p.Err, p.FitTry(p.Err, human.Clean(try)))
}

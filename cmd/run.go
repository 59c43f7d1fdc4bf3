package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/night"
)

type runOptions struct {
	config.Flags
	json    bool
	dryRun  bool
	rebuild bool
	details bool
	only    []string // patterns of files to read ahead
}

func newRunCommand(p *program) *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:     "run",
		GroupID: cli.GroupJob,
		Short:   "The nightly job: read what is new, attribute it, report",
		Long: `Reads what is new in the sources into the ledger, decides which usage belongs to which
tracking id, and replaces the report folder as a whole. A run that is killed leaves the
ledger and the reports as they were or as they should be; the next run does the rest.

A run judges the months that new usage, evidence, registrations or settings can change; what was
made of the others stands. --rebuild judges every month again, from what the ledger holds; it reads
no file again and drops no evidence whose file is gone.

It prints a summary of 25 lines at most: which channel leads, how much is attributed, what changed
since the last run and why, what to do next. --details prints every section.

With --dry-run it says what it would read and why, and writes nothing: no ledger, no reports.
It then lists the sources and reads manifests only, so a file may still turn out otherwise.`,
		Example: `  pidledger run
  pidledger run --config /etc/pidledger.yaml --quiet
  pidledger run --source exports --registry registry.csv --json
  pidledger run --dry-run
  pidledger run --rebuild`,
		Args:        cli.NoArgs,
		Annotations: map[string]string{cli.ExitNote: exit.Text()},
		RunE:        func(cmd *cobra.Command, _ []string) error { return p.runRun(cmd.Context(), o) },
	}
	o.AddRegistry(cmd)
	o.AddSource(cmd)
	o.AddReport(cmd)
	o.AddLog(cmd)
	cmd.Flags().BoolVar(&o.json, "json", false, "the summary as JSON")
	cmd.Flags().BoolVar(&o.details, "details", false, "the summary with every section, not only what matters most")
	cmd.Flags().BoolVar(&o.rebuild, "rebuild", false, "judge every month again, also those that nothing has changed for")
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "only say what would be read and why; write nothing")
	return cmd
}

func (p *program) runRun(ctx context.Context, o runOptions) error {
	if o.dryRun {
		return p.runDryRun(ctx, o)
	}
	return p.runNight(ctx, night.Whole, o)
}

// runNight does a part of the night, and writes its summary. Its error says what a person should know beside that.
func (p *program) runNight(ctx context.Context, part night.Part, o runOptions) error {
	c, err := p.Config(o.Flags)
	if err != nil {
		return err
	}
	p.began = p.Now()
	if err := p.StartLog(c); err != nil {
		return err
	}
	check := c.CheckInputs
	if part == night.Reporting {
		check = c.CheckLedger
	}
	if err := check(); err != nil {
		return err
	}
	options, done := p.Call(c)
	defer done()
	options.Rebuild = o.rebuild
	p.night = night.New(options)
	s, err := p.night.Run(ctx, part, p.steps)
	p.summary = s
	if s == nil {
		return err
	}
	done()
	if shown := p.showSummary(s, o.json, o.details); shown != nil {
		return shown
	}
	return err
}

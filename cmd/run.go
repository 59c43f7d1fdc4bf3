package cmd

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/ingest/judge"
	"github.com/pidledger/pidledger/ingest/ledger"
)

type runOptions struct {
	config.Flags
	json    bool
	dryRun  bool
	rebuild bool
}

func newRunCommand(p *program) *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:     "run",
		GroupID: groupJob,
		Short:   "The nightly job: read what is new, attribute it, write the reports",
		Long: `Reads what is new in the sources into the ledger, decides which usage belongs to which
tracking id, and replaces the report folder as a whole. A run that is killed leaves the
ledger and the reports as they were or as they should be; the next run does the rest.

A run judges the months that new usage, evidence, registrations or settings can change; what was
made of the others stands. --rebuild judges every month anew, from what the ledger holds; it reads
no file again and drops no evidence whose file is gone.

With --dry-run it says what it would read and why, and writes nothing: no ledger, no reports.
It then lists the sources and reads manifests only, so a file may still turn out otherwise.`,
		Example: `  pidledger run
  pidledger run --config /etc/pidledger.yaml --quiet
  pidledger run --source exports --registry registry.csv --json
  pidledger run --dry-run
  pidledger run --rebuild`,
		Args:        noArgs,
		Annotations: map[string]string{exitNote: exit.Text()},
		RunE:        func(cmd *cobra.Command, _ []string) error { return p.runRun(cmd.Context(), o) },
	}
	o.AddRegistry(cmd)
	o.AddSource(cmd)
	o.AddReport(cmd)
	o.AddLog(cmd)
	cmd.Flags().BoolVar(&o.json, "json", false, "the summary as JSON")
	cmd.Flags().BoolVar(&o.rebuild, "rebuild", false, "judge every month anew, also those that nothing has changed for")
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "only say what would be read and why; write nothing")
	return cmd
}

func (p *program) runRun(ctx context.Context, o runOptions) error {
	c, err := p.config(o.Flags)
	if err != nil {
		return err
	}
	if !o.dryRun {
		if err := p.openLog(c); err != nil {
			return err
		}
	}
	if err := c.CheckInputs(); err != nil {
		return err
	}
	if o.dryRun {
		return p.runDryRun(ctx, c, o.json)
	}
	started := p.now()
	call, done := p.call(c)
	call.Rebuild = o.rebuild
	defer done()
	res, checked := p.app.Ingest(ctx, call)
	if !soundResult(res, checked) {
		p.log.FailedChecks(checked)
		return checked
	}
	logIngest(p.log, res, checked)
	pub, err := p.app.Report(ctx, call)
	if err != nil {
		p.log.FailedChecks(err)
		return errors.Join(err, checked)
	}
	done()
	s := pub.Summary
	logPublished(p.log, s)
	addIngest(s, res)
	checked = errors.Join(checked, judge.CheckLostDays(s.LostDays))
	if checked != nil {
		s.Notes = append(s.Notes, checked.Error())
	}
	if err := p.finish(s, c, p.now().Sub(started), o.json); err != nil {
		return err
	}
	if checked != nil {
		return checked
	}
	return partial(res, p.commands(c))
}

// soundResult tells whether work can go on after Ingest: also when something delivered did not add up, because then it does not
// count and the ledger is sound without it.
func soundResult(res *ingest.Result, err error) bool {
	var check *ledger.CheckError
	return err == nil || res != nil && errors.As(err, &check)
}

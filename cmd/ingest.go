package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/report/summary"
)

type ingestOptions struct {
	config.Flags
	json bool
}

func newIngestCommand(p *program) *cobra.Command {
	var o ingestOptions
	cmd := &cobra.Command{
		Use:     "ingest",
		GroupID: groupJob,
		Short:   "Read what is new in the sources into the ledger",
		Long: `Reads what is new in the sources into the ledger and writes no reports. Files that the
ledger knows are not read again; an export run that a newer one replaced does not count.`,
		Example: `  pidledger ingest
  pidledger ingest --source exports --source /mnt/activity --ledger ledger`,
		Args:        noArgs,
		Annotations: map[string]string{exitNote: exit.Text()},
		RunE:        func(cmd *cobra.Command, _ []string) error { return p.runIngest(cmd.Context(), o) },
	}
	o.AddRegistry(cmd)
	o.AddSource(cmd)
	o.AddLog(cmd)
	cmd.Flags().BoolVar(&o.json, "json", false, "the summary as JSON")
	return cmd
}

func (p *program) runIngest(ctx context.Context, o ingestOptions) error {
	c, err := p.config(o.Flags)
	if err != nil {
		return err
	}
	if err := p.openLog(c); err != nil {
		return err
	}
	if err := c.CheckInputs(); err != nil {
		return err
	}
	started := p.now()
	call, done := p.call(c)
	defer done()
	res, checked := p.app.Ingest(ctx, call)
	if !soundResult(res, checked) {
		p.log.FailedChecks(checked)
		return checked
	}
	logIngest(p.log, res, checked)
	done()
	s := &summary.Summary{RunID: res.RunID, Version: call.Version, Started: res.Started.UTC()}
	addIngest(s, res)
	if err := p.finish(s, c, p.now().Sub(started), o.json); err != nil {
		return err
	}
	if checked != nil {
		return checked
	}
	return partial(res, p.commands(c))
}

package cmd

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/ingest/judge"
)

type reportOptions struct {
	config.Flags
	json    bool
	rebuild bool
}

func newReportCommand(p *program) *cobra.Command {
	var o reportOptions
	cmd := &cobra.Command{
		Use:     "report",
		GroupID: groupJob,
		Short:   "Write the reports from what the ledger holds",
		Long: `Attributes the usage that the ledger holds and replaces the report folder as a whole.
Reads no sources. Use it after a change of the attribution rules in the configuration.`,
		Example: `  pidledger report
  pidledger report --format csv --format json --report-dir /srv/reports/current
  pidledger report --format html --report-dir /tmp/page   # one page, report.html
  PIDLEDGER_ATTRIBUTION_CREDIT=split pidledger report --report-dir split`,
		Args:        noArgs,
		Annotations: map[string]string{exitNote: exit.Text(exit.Done, exit.Failed, exit.Usage, exit.Check, exit.InUse, exit.Interrupted)},
		RunE:        func(cmd *cobra.Command, _ []string) error { return p.runReport(cmd.Context(), o) },
	}
	o.AddReport(cmd)
	o.AddLog(cmd)
	cmd.Flags().BoolVar(&o.json, "json", false, "the summary as JSON")
	cmd.Flags().BoolVar(&o.rebuild, "rebuild", false, "judge every month anew, also those that nothing has changed for")
	return cmd
}

func (p *program) runReport(ctx context.Context, o reportOptions) error {
	c, err := p.config(o.Flags)
	if err != nil {
		return err
	}
	if err := p.openLog(c); err != nil {
		return err
	}
	if err := c.CheckLedger(); err != nil {
		return err
	}
	started := p.now()
	call, done := p.call(c)
	call.Rebuild = o.rebuild
	defer done()
	pub, err := p.app.Report(ctx, call)
	if err != nil {
		p.log.FailedChecks(err)
		return err
	}
	done()
	logPublished(p.log, pub.Summary)
	lost := judge.CheckLostDays(pub.Summary.LostDays)
	if lost != nil {
		pub.Summary.Notes = append(pub.Summary.Notes, lost.Error())
	}
	return errors.Join(p.finish(pub.Summary, c, p.now().Sub(started), o.json), lost)
}

package cmd

import (
	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/night"
)

func newReportCommand(p *program) *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:     "report",
		GroupID: cli.GroupJob,
		Short:   "Write the reports from what the ledger holds",
		Long: `Attributes the usage that the ledger holds and replaces the report folder as a whole.
Reads no sources. Use it after a change of the attribution rules in the configuration.`,
		Example: `  pidledger report
  pidledger report --format csv --format json --report-dir /srv/reports/current
  pidledger report --format html --report-dir /tmp/page   # one page, report.html
  PIDLEDGER_ATTRIBUTION_CREDIT=split pidledger report --report-dir split`,
		Args:        cli.NoArgs,
		Annotations: map[string]string{cli.ExitNote: exit.Text(exit.Done, exit.Failed, exit.Usage, exit.Check, exit.InUse, exit.Interrupted)},
		RunE:        func(cmd *cobra.Command, _ []string) error { return p.runNight(cmd.Context(), night.Reporting, o) },
	}
	o.AddReport(cmd)
	o.AddLog(cmd)
	cmd.Flags().BoolVar(&o.json, "json", false, "the summary as JSON")
	cmd.Flags().BoolVar(&o.details, "details", false, "the summary with every section, not only what matters most")
	cmd.Flags().BoolVar(&o.rebuild, "rebuild", false, "judge every month again, also those that nothing has changed for")
	return cmd
}

package cmd

import (
	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/night"
)

func newIngestCommand(p *program) *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:     "ingest",
		GroupID: cli.GroupJob,
		Short:   "Read what is new in the sources into the ledger",
		Long: `Reads what is new in the sources into the ledger and writes no reports. Files that the
ledger knows are not read again; an export run that a newer one replaced does not count.`,
		Example: `  pidledger ingest
  pidledger ingest --source exports --source /mnt/activity --ledger ledger`,
		Args:        cli.NoArgs,
		Annotations: map[string]string{cli.ExitNote: exit.Text()},
		RunE:        func(cmd *cobra.Command, _ []string) error { return p.runNight(cmd.Context(), night.Reading, o) },
	}
	o.AddRegistry(cmd)
	o.AddSource(cmd)
	o.AddLog(cmd)
	cmd.Flags().BoolVar(&o.json, "json", false, "the summary as JSON")
	return cmd
}

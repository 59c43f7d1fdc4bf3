package ledger

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/night"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/report/human"
)

func newLedgerCheckCommand(p *cli.Program, app App) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Read every file of the ledger and say what is damaged",
		Long: `Compares every file of the ledger with the size and SHA-256 that its database or the manifest
of its snapshot knows, and reads every table of the database, whose blocks have checksums of
their own. One line for each damaged file says what it holds and the way out. Nothing is
written; a run that starts meanwhile waits up to 30 seconds.

A run compares only files that were touched since, by their inode, time and size. Judged months
that are damaged are judged again by the next run, and so are slices read again whose files are
still delivered.`,
		Example: `  pidledger ledger check
  pidledger ledger check --json | jq -r '.damaged[].path'`,
		Args:        cli.NoArgs,
		Annotations: map[string]string{cli.ExitNote: exit.Text(exit.Done, exit.Failed, exit.Usage, exit.Check, exit.InUse, exit.Interrupted)},
		RunE:        func(cmd *cobra.Command, _ []string) error { return runLedgerCheck(cmd.Context(), p, app, asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "the result as a JSON object")
	return cmd
}

func runLedgerCheck(ctx context.Context, p *cli.Program, app App, asJSON bool) error {
	checked, err := cli.AskLedger(p, func(c night.Options) (*ledger.Checked, error) { return app.Check(ctx, c) })
	if err != nil {
		return err
	}
	if asJSON {
		if err := p.WriteJSON(checked); err != nil {
			return err
		}
	} else {
		for _, d := range checked.Damaged {
			fmt.Fprintln(p.Out, human.Clean(d.String()))
		}
		fmt.Fprintf(p.Out, "%s files, %s: %s\n", human.Thousands(checked.Files), human.Bytes(checked.Bytes), damagedText(checked))
	}
	if len(checked.Damaged) == 0 {
		return nil
	}
	return &ledger.CheckError{Check: "ledger", Detail: damagedText(checked), Hint: checked.Damaged[0].Try}
}

func damagedText(c *ledger.Checked) string {
	if len(c.Damaged) == 0 {
		return "none is damaged"
	}
	return human.Thousands(int64(len(c.Damaged))) + " damaged"
}

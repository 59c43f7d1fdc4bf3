package published

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/shell"
	"github.com/pidledger/pidledger/cmd/terminal"
)

func newSQLCommand(p *cli.Program) *cobra.Command {
	var flags config.Flags
	cmd := &cobra.Command{
		Use:     "sql",
		GroupID: cli.GroupLook,
		Short:   "A shell for SQL on the published snapshot",
		Long: `Opens a shell on the snapshot that the last run published: SELECTs that end with a semicolon,
over several lines if need be, with history, completion (Tab) and search (Ctrl-R). Ctrl-C stops
a query, Ctrl-D ends the shell. Long results go through PAGER (default less).

When standard input or output is not a terminal, the statements of standard input are run one after
the other, up to the first mistake. The snapshot is read-only; see pidledger query --help.

` + shell.Help(),
		Example: `  pidledger sql
  pidledger sql < questions.sql
  echo '.schema summary' | pidledger sql`,
		Args:        cli.NoArgs,
		Annotations: map[string]string{cli.ExitNote: exit.Text(exit.Done, exit.Failed, exit.Usage, exit.Interrupted)},
		RunE:        func(cmd *cobra.Command, _ []string) error { return runSQL(cmd.Context(), p, flags) },
	}
	flags.AddReportDir(cmd)
	return cmd
}

func runSQL(ctx context.Context, p *cli.Program, flags config.Flags) error {
	c, err := p.Config(flags)
	if err != nil {
		return err
	}
	defer terminal.OutlivePipes()()
	session, err := shell.Open(ctx, c)
	if err != nil {
		return err
	}
	defer session.Close()
	s, err := shell.New(ctx, &p.Streams, session)
	if err != nil {
		return err
	}
	return s.Run(ctx)
}

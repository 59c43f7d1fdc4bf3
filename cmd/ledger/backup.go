package ledger

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/night"
	"github.com/pidledger/pidledger/cmd/terminal"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/report/human"
)

func newLedgerCommand(p *cli.Program, app App) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "ledger",
		GroupID: cli.GroupTool,
		Short:   "Check the ledger, back it up, and make one from a backup",
		Long: `The ledger remembers what Azure has long purged and what exports no longer deliver: back it up.
While no run is at work, a plain copy of its folder is a backup for the same version of
pidledger; what pidledger ledger export writes can be read by any later version.`,
		Example: `  pidledger ledger check
  pidledger ledger export /backup/pidledger-$(date +%F)
  pidledger ledger import /backup/pidledger-2026-05-01`,
		Args: cobra.ArbitraryArgs,
		RunE: cli.NeedCommand,
	}
	cmd.AddCommand(newLedgerCheckCommand(p, app), newLedgerExportCommand(p, app), newLedgerImportCommand(p, app))
	return cmd
}

func newLedgerExportCommand(p *cli.Program, app App) *cobra.Command {
	var o folderOptions
	cmd := &cobra.Command{
		Use:   "export DIR",
		Short: "Write a backup of the ledger that any later version can read",
		Long: `Writes the ledger into a folder that is not there yet, or empty: every table of its
database as Parquet, the usage slices as they are (as further names of the same files where
the disk is the same, else as copies), and manifest.json with versions and with rows, bytes
and SHA-256 of every file. The folder appears whole or not at all. Other commands may read
the ledger meanwhile; a run that starts waits up to 30 seconds for it.

What the next run makes again is left out. Reports, sources and configuration are not part of
the ledger: back them up beside it.`,
		Example: `  pidledger ledger export /backup/pidledger-$(date +%F)
  pidledger ledger export --json backup | jq .bytes`,
		Args:        oneFolder,
		Annotations: map[string]string{cli.ExitNote: exit.Text(exit.Done, exit.Failed, exit.Usage, exit.InUse, exit.Interrupted)},
		RunE: func(cmd *cobra.Command, args []string) error {
			return runLedger(cmd.Context(), p, &o, args[0], "Exported to", exportLedger(app))
		},
	}
	o.add(cmd)
	return cmd
}

func newLedgerImportCommand(p *cli.Program, app App) *cobra.Command {
	var o folderOptions
	cmd := &cobra.Command{
		Use:   "import DIR",
		Short: "Make a ledger from a backup",
		Long: `Makes the ledger of the configuration from a folder that pidledger ledger export wrote. It
must not be there yet. Every file is compared with the manifest first, and every count
afterwards; a backup that is damaged leaves nothing behind that counts. A backup of an older
version is brought to this one. The next run writes the reports again; files that the ledger
knows are not read again when they have the same paths, relative to the configuration file.`,
		Example: `  pidledger ledger import /backup/pidledger-2026-05-01
  pidledger ledger import --ledger restored /backup/pidledger-2026-05-01`,
		Args:        oneFolder,
		Annotations: map[string]string{cli.ExitNote: exit.Text(exit.Done, exit.Failed, exit.Usage, exit.Check, exit.InUse, exit.Interrupted)},
		RunE: func(cmd *cobra.Command, args []string) error {
			return runLedger(cmd.Context(), p, &o, args[0], "Imported from", app.Import)
		},
	}
	o.add(cmd)
	return cmd
}

// runLedger does what export and import have in common.
func runLedger(ctx context.Context, p *cli.Program, o *folderOptions, dir, said string, work func(context.Context, night.Options, string) (*ledger.Backup, error)) error {
	c, dir, err := o.config(p, "backup", dir)
	if err != nil {
		return err
	}
	if err := p.StartLog(c); err != nil {
		return err
	}
	call, done := p.Call(c)
	defer done()
	b, err := work(ctx, call, dir)
	if err != nil {
		p.Log.FailedChecks(err)
		return err
	}
	done()
	logBackup(p.Log, b)
	if o.json {
		return p.WriteJSON(b)
	}
	t := &human.Table{}
	t.Row(human.Plain, said, fmt.Sprintf("%s, schema version %d, written %s UTC by %s", b.Dir, b.SchemaVersion, b.Created.Format(time.DateTime), b.Version))
	t.Row(human.Plain, "Ledger", b.Ledger)
	t.Row(human.Plain, "Tables", fmt.Sprintf("%s with %s rows", human.Thousands(b.Tables), human.Thousands(b.TableRows)))
	t.Row(human.Plain, "Usage", fmt.Sprintf("%s slices with %s rows", human.Thousands(b.Slices), human.Thousands(b.UsageRows)))
	t.Row(human.Plain, "Files", fmt.Sprintf("%s, %s", human.Thousands(b.Files), human.Bytes(b.Bytes)))
	return t.Write(p.Out, p.Color(p.Out))
}

// exportLedger writes a backup of a ledger, which has to be there.
func exportLedger(app App) func(context.Context, night.Options, string) (*ledger.Backup, error) {
	return func(ctx context.Context, call night.Options, dir string) (*ledger.Backup, error) {
		if err := call.Config.CheckLedger(); err != nil {
			return nil, err
		}
		return app.Export(ctx, call, dir)
	}
}

// logBackup adds what a backup holds to the totals.
func logBackup(l *terminal.Log, b *ledger.Backup) {
	l.Total(slog.Group("backup", "dir", b.Dir, "schema_version", b.SchemaVersion, "table_rows", b.TableRows,
		"usage_rows", b.UsageRows, "files", b.Files, "bytes", b.Bytes))
}

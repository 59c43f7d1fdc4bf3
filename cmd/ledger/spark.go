package ledger

import (
	"cmp"
	"context"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/night"
	"github.com/pidledger/pidledger/queries/engine/spark/connect"
	"github.com/pidledger/pidledger/report/human"
)

func newSparkCommand(p *cli.Program, app App) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "spark",
		GroupID: cli.GroupTool,
		Short:   "Have a Spark cluster judge what is too much for one machine",
		Long: `For usage that outgrows one machine: an Apache Spark cluster runs the same SQL on the same
ledger and writes the same reports. Exports are still read here, with pidledger ingest.`,
		Example: `  pidledger ingest
  pidledger spark script lake
  spark-sql -f lake/pidledger.sql`,
		Args: cobra.ArbitraryArgs,
		RunE: cli.NeedCommand,
	}
	cmd.AddCommand(newSparkScriptCommand(p, app), newSparkRunCommand(p, app))
	return cmd
}

type sparkOptions struct {
	folderOptions
	lake string
}

func newSparkScriptCommand(p *cli.Program, app App) *cobra.Command {
	var o sparkOptions
	cmd := &cobra.Command{
		Use:   "script FOLDER",
		Short: "Write what Spark reads, and the statements for it",
		Long: `Fills a folder, the lake, with what Spark reads of the ledger, and writes pidledger.sql
beside it: every statement of the attribution, for spark-sql -f, a SQL task of Databricks or a
notebook of Fabric, in one session of Spark 4.0 or later.

The lake holds inputs/RUN (evidence and catalog), usage (the usage slices, as further names of
the same files where the disk is the same, else as copies) and, once Spark is done, runs/RUN
with reports and tables as Parquet. The last statement points to them with one row in
published; the newest results are those with the greatest run_id. Nothing is ever written over
an older result.

If Spark sees the folder under another name, say which: --lake. Whoever runs the script must be
able to read the lake and to write to it. Every month is judged, under the rules of the
configuration; the ledger learns nothing of it, so restatements stay as they are.`,
		Example: `  pidledger spark script lake
  pidledger spark script /mnt/lake --lake abfss://usage@contoso.dfs.core.windows.net/pidledger`,
		Args:        oneFolder,
		Annotations: map[string]string{cli.ExitNote: exit.Text(exit.Done, exit.Failed, exit.Usage, exit.InUse, exit.Interrupted)},
		RunE: func(cmd *cobra.Command, args []string) error {
			return runSpark(cmd.Context(), p, app, &o, args[0], false)
		},
	}
	o.add(cmd)
	return cmd
}

func newSparkRunCommand(p *cli.Program, app App) *cobra.Command {
	var o sparkOptions
	cmd := &cobra.Command{
		Use:   "run FOLDER",
		Short: "Have a Spark Connect server run the statements",
		Long: `Fills the lake as pidledger spark script does, and has the server of spark.remote run the
statements one after another. The results stay in the lake. When a statement fails or the
connection is lost, nothing is published, and the next run begins again in folders of its own;
what the server is working on it finishes, for nobody can stop it from here.

The server must be Spark 4.0 or later. A token is read from the file of spark.token_file; it is
sent over TLS only, but to this machine itself.`,
		Example: `  PIDLEDGER_SPARK_REMOTE=sc://spark.contoso.net:15002 pidledger spark run /mnt/lake \
    --lake abfss://usage@contoso.dfs.core.windows.net/pidledger`,
		Args:        oneFolder,
		Annotations: map[string]string{cli.ExitNote: exit.Text(exit.Done, exit.Failed, exit.Usage, exit.InUse, exit.Interrupted)},
		RunE: func(cmd *cobra.Command, args []string) error {
			return runSpark(cmd.Context(), p, app, &o, args[0], true)
		},
	}
	o.add(cmd)
	return cmd
}

func (o *sparkOptions) add(cmd *cobra.Command) {
	o.folderOptions.add(cmd)
	cmd.Flags().StringVar(&o.lake, "lake", "", "`URI` of the folder for Spark (default spark.lake, else file:// and its path)")
}

// runSpark fills the lake and writes the script; with isRun a server runs it, too.
func runSpark(ctx context.Context, p *cli.Program, app App, o *sparkOptions, dir string, isRun bool) error {
	c, dir, err := o.config(p, "lake", dir)
	if err != nil {
		return err
	}
	if err := c.CheckLedger(); err != nil {
		return err
	}
	var remote *connect.Remote
	if isRun {
		r, err := night.Remote(c)
		if err != nil {
			return err
		}
		remote = &r
	}
	lake, err := night.LakeAt(dir, cmp.Or(o.lake, c.Spark.Lake))
	if err != nil {
		return err
	}
	if err := p.StartLog(c); err != nil {
		return err
	}
	call, done := p.Call(c)
	defer done()
	s, err := app.Script(ctx, call, lake, remote)
	if err != nil {
		p.Log.FailedChecks(err)
		return err
	}
	done()
	if o.json {
		return p.WriteJSON(s)
	}
	t := &human.Table{}
	t.Row(human.Plain, "Script", s.File)
	t.Row(human.Plain, "", human.Plural(int64(s.Statements), "statement"))
	t.Row(human.Plain, "Run", s.RunID)
	t.Row(human.Plain, "Results", s.Results)
	if !isRun {
		t.Row(human.Plain, "", "once Spark is done")
	}
	t.Row(human.Plain, "Pointer", s.Published)
	return t.Write(p.Out, p.Color(p.Out))
}

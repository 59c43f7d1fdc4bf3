package ledger

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/disk"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/queries/engine/spark"
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
	cmd.AddCommand(newSparkScriptCommand(p, app))
	return cmd
}

type sparkOptions struct {
	config.Flags
	lake string
	json bool
}

func newSparkScriptCommand(p *cli.Program, app App) *cobra.Command {
	var o sparkOptions
	cmd := &cobra.Command{
		Use:   "script FOLDER",
		Short: "Write what Spark reads of the ledger, and the statements that it is to run",
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
			return runSparkScript(cmd.Context(), p, app, &o, args[0])
		},
	}
	o.AddLog(cmd)
	cmd.Flags().StringVar(&o.lake, "lake", "", "`URI` of the folder for Spark (default file:// and its path)")
	cmd.Flags().BoolVar(&o.json, "json", false, "what was written as a JSON object")
	cmd.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	}
	return cmd
}

func runSparkScript(ctx context.Context, p *cli.Program, app App, o *sparkOptions, dir string) error {
	c, err := p.Config(o.Flags)
	if err != nil {
		return err
	}
	cwd, err := os.Getwd()
	if err != nil {
		return err
	}
	dir = disk.Absolute(dir, cwd)
	if err := c.CheckFolder("lake", dir); err != nil {
		return err
	}
	if err := c.CheckLedger(); err != nil {
		return err
	}
	lake := spark.Lake{Folder: dir, URI: o.lake}
	if lake.URI == "" {
		lake.URI = "file:///" + strings.TrimPrefix(filepath.ToSlash(dir), "/") // as it is: Spark does not take %20 for a blank
	} else if u, err := url.Parse(lake.URI); err != nil || u.Scheme == "" {
		return exit.Usagef("pidledger spark script --help", "--lake is a URI such as abfss://container@account.dfs.core.windows.net/folder, not %q", lake.URI)
	}
	if err := p.StartLog(c); err != nil {
		return err
	}
	call, done := p.Call(c)
	defer done()
	s, err := app.Script(ctx, call, lake)
	if err != nil {
		p.Log.FailedChecks(err)
		return err
	}
	done()
	if o.json {
		return p.WriteJSON(s)
	}
	t := &human.Table{}
	t.Row(human.Plain, "Script", fmt.Sprintf("%s, %d statements", s.File, s.Statements))
	t.Row(human.Plain, "Run", s.RunID)
	t.Row(human.Plain, "Results", s.Results+", once Spark is done")
	t.Row(human.Plain, "Pointer", s.Published)
	return t.Write(p.Out, p.Color(p.Out))
}

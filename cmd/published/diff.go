package published

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/adhoc"
	"github.com/pidledger/pidledger/report"
	"github.com/pidledger/pidledger/report/compare"
	"github.com/pidledger/pidledger/report/spec"
)

type diffOptions struct {
	json   bool
	format config.Enum
	flags  config.Flags
}

func newDiffCommand(p *cli.Program) *cobra.Command {
	o := diffOptions{format: config.Enum{Name: "format", Values: []string{textFormat, spec.CSV, spec.JSON}}}
	cmd := &cobra.Command{
		Use:     "diff [RUN [RUN]]",
		GroupID: cli.GroupLook,
		Short:   "What the reports of two runs say differently, and why",
		Long: `Compares two snapshots that are kept (report.snapshots): the last two, that of a run and the newest,
or those of two runs. A run is named by its id or the beginning of it.

A line is what differs in a month and currency: attributed usage by offer, channel and tracking id,
other usage by status. Why is one or more of usage (other usage was delivered), registry, evidence,
settings (also another version of pidledger) and exclusions, as in the report restatements.`,
		Example: `  pidledger diff
  pidledger diff 20260502T0317
  pidledger diff 20260501T031702-5b8a1c 20260502T031704-9d04e7 --format csv`,
		Args:        cli.MostArgs(2),
		Annotations: map[string]string{cli.ExitNote: exit.Text(exit.Done, exit.Failed, exit.Usage, exit.Interrupted)},
		RunE:        func(cmd *cobra.Command, args []string) error { return runDiff(cmd.Context(), p, &o, args) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&o.json, "json", false, "the same as --format json")
	o.format.Add(cmd, "format of the result (default text)")
	o.flags.AddReportDir(cmd)
	return cmd
}

func runDiff(ctx context.Context, p *cli.Program, o *diffOptions, args []string) error {
	c, err := p.Config(o.flags)
	if err != nil {
		return err
	}
	format, err := chooseFormat(&o.format, o.json)
	if err != nil {
		return err
	}
	kept, err := report.FindSnapshots(c.Report.Dir)
	if err != nil {
		return err
	}
	earlier, later, err := kept.Pair(args)
	if err != nil {
		return err
	}
	tables, err := report.DiffTables(earlier, later)
	if err != nil {
		return err
	}
	reader, err := adhoc.Open(ctx, kept.Folder, tables, c.ReaderOptions())
	if err != nil {
		return err
	}
	defer reader.Close() //nolint:errcheck // only its temporary files are left to go
	columns, err := reader.Columns(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(columns, func(c adhoc.Column) bool { return c.Table == "later_restatements" && c.Name == "cause" }) {
		return &report.NotKeptError{Msg: "the snapshot of run " + later.ID + " is of an older pidledger, which kept no causes of changes", Hint: "pidledger run, which publishes one"}
	}
	result, err := reader.Query(ctx, queries.Text("diff/lines.sql"), map[string]string{"earlier": earlier.ID, "later": later.ID})
	if err != nil {
		return err
	}
	defer result.Close() //nolint:errcheck // the table goes with the reader
	d, err := compare.NewDiff(earlier, later, result)
	if err != nil {
		return err
	}
	if format == textFormat {
		return d.WriteText(p.Out, p.Color(p.Out))
	}
	return d.Write(format, p.Out)
}

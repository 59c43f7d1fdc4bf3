package ledger

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/night"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/report/human"
)

type filesOptions struct {
	json   bool
	status config.Enum
}

func newFilesCommand(p *cli.Program, app App) *cobra.Command {
	o := filesOptions{status: config.Enum{Name: "status", Values: ledger.Statuses}}
	cmd := &cobra.Command{
		Use:     "files",
		GroupID: cli.GroupLook,
		Short:   "List the input files, and what became of each",
		Long: `Lists every file that the ledger knows: its status, the format that it was recognised as,
rows read and rejected, and the reason. With --json also size and records by kind.`,
		Example: `  pidledger files
  pidledger files --status failed --status unknown
  pidledger files --json | jq '.[] | select(.rejected > 0)'`,
		Args:        cli.NoArgs,
		Annotations: map[string]string{cli.ExitNote: exit.Text(exit.Done, exit.Failed, exit.Usage, exit.InUse, exit.Interrupted)},
		RunE:        func(cmd *cobra.Command, _ []string) error { return runFiles(cmd.Context(), p, app, &o) },
	}
	o.status.Add(cmd, "only files with this `status` (repeatable): "+strings.Join(ledger.Statuses, ", "))
	cmd.Flags().BoolVar(&o.json, "json", false, "the list as a JSON array")
	return cmd
}

func runFiles(ctx context.Context, p *cli.Program, app App, o *filesOptions) error {
	files, err := cli.AskLedger(p, func(c night.Options) ([]ledger.FileRecord, error) { return app.Files(ctx, c) })
	if err != nil {
		return err
	}
	shown := []ledger.FileRecord{}
	for _, f := range files {
		if len(o.status.Chosen) == 0 || slices.Contains(o.status.Chosen, f.Status) {
			shown = append(shown, f)
		}
	}
	if o.json {
		return p.WriteJSON(shown)
	}
	if len(shown) == 0 { // no result is not a failure, and no lines
		what := "the ledger has no files yet; " + p.Suggest("pidledger run") + " reads the sources"
		if len(files) > 0 {
			what = "none of " + human.Thousands(int64(len(files))) + " files has that status"
		}
		p.Note("%s", what)
		return nil
	}
	width, _ := p.Size(p.Out)
	t := &human.Table{Right: map[int]bool{2: true, 3: true}, Width: width, Below: true}
	t.Row(human.Bold, "status", "format", "rows", "rejected", "path")
	for _, f := range shown {
		t.Row(fileStyle(f), f.Status, f.Format, human.Thousands(f.Rows), human.Thousands(f.Rejected), f.Path)
	}
	out := human.NewPrinter(p.Out, p.Color(p.Out))
	for i, line := range out.Lines(t) {
		out.Line(human.Plain, line)
		if i > 0 && shown[i-1].Reason != "" {
			out.Text(human.Dim, 4, human.Clean(shown[i-1].Reason))
		}
	}
	return out.Err()
}

func fileStyle(f ledger.FileRecord) human.Style {
	switch {
	case f.Status == ledger.StatusFailed || f.Status == ledger.StatusUnknown:
		return human.Red
	case f.Rejected > 0:
		return human.Yellow
	case f.Status == ledger.StatusSuperseded || f.Status == ledger.StatusDuplicate || f.Status == ledger.StatusIgnored || f.Status == ledger.StatusForgotten:
		return human.Dim
	}
	return human.Plain
}

package published

import (
	"cmp"
	"context"
	"errors"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/report/explain"
	"github.com/pidledger/pidledger/report/human"
)

type explainOptions struct {
	config.Flags
	day   string
	json  bool
	exact bool
}

func newExplainCommand(p *cli.Program, app App) *cobra.Command {
	var o explainOptions
	cmd := &cobra.Command{
		Use:     "explain ID",
		GroupID: cli.GroupLook,
		Short:   "Tell whose something is and why, link by link, or what is missing",
		Long: `Explains a resource (id or name), tracking id (with or without pid-), malformed token,
deployment (id or name), correlation id, customer (tenant id or name), subscription or resource
group. The first sentence is
the conclusion; then comes the chain of evidence: what was sighted, in which request, what that
wrote, how long it lived, who owns it, what the id is registered for, what status its usage has
and what it costs, each link with the file and record it stands in. Where a link is missing it
says which export would have held it and how to get that.

It reads the snapshot that was published with the reports: a run does not block it and it blocks
none. What belongs to a customer who opted out is not there. It exits with 4 when nothing is known
of the id, and lists ids that are near, or when several things are meant, and lists them.`,
		Example: `  pidledger explain /subscriptions/SUB/resourceGroups/RG/providers/Microsoft.Web/serverFarms/PLAN
  pidledger explain vm-web-0300 --day 2026-03-04
  pidledger explain pid-380208a9-ad45-423d-bb1a-11df587fd280
  pidledger explain 333dbbe4-895b-4857-9db3-af932a846be0 --json | jq '.requests[0].writes[].resource_id'`,
		Args:        oneArg("an id or name to explain"),
		Annotations: map[string]string{cli.ExitNote: exit.Text(exit.Done, exit.Failed, exit.Usage, exit.Check, exit.Interrupted)},
		RunE:        func(cmd *cobra.Command, args []string) error { return runExplain(cmd.Context(), p, app, args[0], &o) },
	}
	o.AddReportDir(cmd)
	cmd.ValidArgsFunction = cli.FirstOnly(p.Complete(&o.Flags, cli.TrackingID, cli.Unregistered, cli.Subscription))
	cmd.Flags().StringVar(&o.day, "day", "", "of a resource: what it is on this `date` (YYYY-MM-DD), with its usage rows")
	cmd.Flags().BoolVar(&o.exact, "exact", false, "amounts with every digit, not with two decimals")
	cmd.Flags().BoolVar(&o.json, "json", false, "everything as a JSON object")
	return cmd
}

// oneArg demands exactly one argument that is not empty.
func oneArg(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 || args[0] == "" {
			return exit.Usagef(cmd.CommandPath()+" --help", "%s needs %s, and only one", cmd.CommandPath(), what)
		}
		return nil
	}
}

func runExplain(ctx context.Context, p *cli.Program, app App, text string, o *explainOptions) error {
	if err := CheckDay(o.day); err != nil {
		return err
	}
	c, err := p.Config(o.Flags)
	if err != nil {
		return err
	}
	call, done := p.Call(c)
	defer done()
	answer, err := app.Explain(ctx, call, explain.Question{Text: text, Day: o.day})
	done()
	if err != nil {
		if open := explain.Unanswered(err); o.json && open != nil {
			return errors.Join(err, p.WriteJSON(open))
		}
		return err
	}
	if o.json {
		return p.WriteJSON(answer)
	}
	return answer.WriteText(p.Out, view(p, p.Out, o.exact))
}

// CheckDay refuses a day to explain that is no date; empty: none is given.
func CheckDay(day string) error {
	if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
		return exit.Usagef("--day 2026-03-04", "--day %q is not a date", day)
	}
	return nil
}

// view says how a text is shown on a stream.
func view(p *cli.Program, w io.Writer, exact bool) explain.View {
	width, _ := p.Size(w)
	return explain.View{Width: cmp.Or(width, human.Width), Color: p.Color(w), Exact: exact}
}

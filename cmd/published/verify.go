package published

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/report/explain"
)

type verifyOptions struct {
	config.Flags
	check explain.Check
	json  bool
	exact bool
}

func newVerifyCommand(p *cli.Program, app App) *cobra.Command {
	var o verifyOptions
	cmd := &cobra.Command{
		Use:     "verify TRACKING-ID | OFFER",
		GroupID: cli.GroupLook,
		Short:   "List what a tracking id deployed, and what it brings",
		Long: `Lists the deployments whose name carries a tracking id, in every spelling (pid-GUID, with a
region, hash, version or -partnercenter after it) and scope, and the calls whose User-Agent does,
with their correlation ids, states and times, the resources that these requests created or
updated, and the money that the id owns. The name of an offer stands for its id; if it has several,
they are listed. What Microsoft's verification script asks of Azure for one resource group and one
exact name is here read from the exports, API calls and purged deployments included.

It reads the snapshot that was published with the reports. It exits with 4 when nothing carried
the id, and says whether it was never seen, seen only malformed, or only elsewhere. An id that is
not in the registry but was deployed is listed, with a note, and exits with 0.`,
		Example: `  pidledger verify pid-380208a9-ad45-423d-bb1a-11df587fd280
  pidledger verify 'Contoso Data Hub'
  pidledger verify contoso-myoffer --resource-group rg-app-062
  pidledger verify 380208a9-ad45-423d-bb1a-11df587fd280 --json | jq -r '.resources[].resource_id'`,
		Args:        oneArg("a tracking id or an offer"),
		Annotations: map[string]string{cli.ExitNote: exit.Text(exit.Done, exit.Failed, exit.Usage, exit.Check, exit.Interrupted)},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.check.TrackingID = args[0]
			return runVerify(cmd.Context(), p, app, &o)
		},
	}
	o.AddReportDir(cmd)
	cmd.ValidArgsFunction = cli.FirstOnly(p.Complete(&o.Flags, cli.TrackingID, cli.Unregistered, cli.Offer))
	cmd.Flags().StringVar(&o.check.ResourceGroup, "resource-group", "", "only requests with a deployment or call in the resource group of this `name`")
	cmd.Flags().StringVar(&o.check.Subscription, "subscription", "", "only requests with a deployment or call in the subscription of this `id`")
	cmd.Flags().BoolVar(&o.exact, "exact", false, "amounts with every digit, not with two decimals")
	cmd.Flags().BoolVar(&o.json, "json", false, "everything as a JSON object")
	p.CompleteFlags(cmd, &o.Flags, map[string]string{"subscription": cli.Subscription})
	return cmd
}

func runVerify(ctx context.Context, p *cli.Program, app App, o *verifyOptions) error {
	if err := CheckSubscription(o.check.Subscription); err != nil {
		return err
	}
	c, err := p.Config(o.Flags)
	if err != nil {
		return err
	}
	call, done := p.Call(c)
	defer done()
	v, err := app.Verify(ctx, call, o.check)
	done()
	var none *explain.VerifyError
	switch {
	case errors.As(err, &none) && o.json:
		return errors.Join(err, p.WriteJSON(none.Of))
	case err != nil:
		return err
	case o.json:
		return p.WriteJSON(v)
	}
	return v.WriteText(p.Out, view(p, p.Out, o.exact))
}

// CheckSubscription refuses what is not the id of a subscription; empty: none is given.
func CheckSubscription(id string) error {
	if id != "" && !azure.IsGUID(id) {
		return exit.Usagef("az account list, for the id of the subscription", "--subscription %q is not a subscription id", id)
	}
	return nil
}

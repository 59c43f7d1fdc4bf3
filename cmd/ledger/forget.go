package ledger

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/night"
	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/ingest/forget"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/report/human"
)

type forgetOptions struct {
	what forget.What
	yes  bool
	json bool
}

func newForgetCommand(p *cli.Program, app App) *cobra.Command {
	o := forgetOptions{}
	cmd := &cobra.Command{
		Use:     "forget",
		GroupID: cli.GroupJob,
		Short:   "Take back a wrong or doubled delivery, or erase a customer",
		Long: `Takes out of the ledger what a file or a run brought, or everything of a customer, in one
transaction. Without --yes it only tells what that would be and writes nothing. The reports
stay as they are until the next pidledger run.

A delivery (--file, --run): its files lie in the sources as before and are not read again,
until their size or time of modification changes: that is a new delivery. Of an export run
all files are taken back, and the run that it had replaced counts again if it is still in the
sources. Evidence that other files may hold, too, is read from them again by the next run.

A customer (--subscription, --tenant): usage, evidence, rejects and names go, and the id in
paths and scopes is replaced; the ledger keeps the SHA-256 of the id only. Rows of the
customer that are delivered later are counted in ` + "`pidledger files --json`" + ` as forgotten and
not kept. There is no way back. A tenant's subscriptions are those that usage, activity and
the customers file name. The files in the sources, and exclusions and customers files, are
yours to clean.`,
		Example: `  pidledger forget --file exports/activity/backfill.json
  pidledger forget --file 'exports/cost/daily/*/*/*.csv' --yes
  pidledger forget --run 5bb1a4a5-0f4f-4e1c-9f3e-3f1d9f2f0a11 --yes
  pidledger forget --subscription cdf84404-0729-4e42-9990-1c0475491bc3 --yes`,
		Args:        cli.NoArgs,
		Annotations: map[string]string{cli.ExitNote: exit.Text(exit.Done, exit.Failed, exit.Usage, exit.InUse, exit.Interrupted)},
		RunE:        func(cmd *cobra.Command, _ []string) error { return runForget(cmd.Context(), p, app, &o) },
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&o.what.Files, "file", nil, "`path`, folder or glob of files, as pidledger files shows them (repeatable)")
	flags.StringArrayVar(&o.what.Runs, "run", nil, "`id` of a run of an export, or of pidledger: all that it loaded (repeatable)")
	flags.StringArrayVar(&o.what.Subscriptions, "subscription", nil, "`GUID` of a customer's subscription (repeatable)")
	flags.StringArrayVar(&o.what.Tenants, "tenant", nil, "`GUID` of a customer's tenant (repeatable)")
	flags.BoolVar(&o.yes, "yes", false, "do it")
	flags.BoolVar(&o.json, "json", false, "what is taken back as a JSON object")
	p.CompleteFlags(cmd, &config.Flags{}, map[string]string{"subscription": cli.Subscription})
	return cmd
}

// check refuses what cannot be meant.
func (o *forgetOptions) check() error {
	deliveries, customers := len(o.what.Files)+len(o.what.Runs), len(o.what.Subscriptions)+len(o.what.Tenants)
	switch {
	case deliveries+customers == 0:
		return exit.Usagef("pidledger forget --file PATH, --run RUN, --subscription GUID or --tenant GUID", "nothing is named to be forgotten")
	case deliveries > 0 && customers > 0:
		return exit.Usagef("two commands, one for each", "deliveries (--file, --run) and customers (--subscription, --tenant) are not forgotten together")
	}
	for flag, values := range map[string][]string{"--subscription": o.what.Subscriptions, "--tenant": o.what.Tenants} {
		for _, v := range values {
			if !azure.IsGUID(v) || v == azure.NilGUID {
				return exit.Usagef("the id as Azure writes it: 8-4-4-4-12 hex digits", "%s %q is not a GUID", flag, v)
			}
		}
	}
	for flag, values := range map[string][]string{"--file": o.what.Files, "--run": o.what.Runs} {
		for _, v := range values {
			if strings.Trim(v, "/") == "" {
				return exit.Usagef("pidledger files, for the paths", "%s is empty", flag)
			}
		}
	}
	return nil
}

func runForget(ctx context.Context, p *cli.Program, app App, o *forgetOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	f, err := cli.AskLedger(p, func(c night.Options) (*forget.Forgotten, error) { return app.Forget(ctx, c, o.what, o.yes) })
	if err != nil {
		return err
	}
	if o.json {
		return p.WriteJSON(f)
	}
	return showForgotten(p, f)
}

// forgottenShown is how many files are named; --json has all.
const forgottenShown = 20

func showForgotten(p *cli.Program, f *forget.Forgotten) error {
	t := &human.Table{}
	first := "Would take back"
	if f.Done {
		first = "Took back"
	}
	row := func(what string) {
		t.Row(human.Plain, first, what)
		first = ""
	}
	if f.Subscriptions > 0 {
		row(human.Thousands(f.Subscriptions) + " subscriptions")
	}
	if n := int64(len(f.Files)); n > 0 {
		row(human.Thousands(n) + " files")
	}
	row(fmt.Sprintf("%s usage rows of %s deliveries", human.Thousands(f.UsageRows), human.Thousands(f.Slices)))
	for _, table := range queries.Evidence {
		if n := f.Evidence[table]; n > 0 {
			row(human.Thousands(n) + " records of " + table)
		}
	}
	if f.Rejects > 0 {
		row(human.Thousands(f.Rejects) + " rejects")
	}
	if len(f.Months) > 0 {
		fact(t, human.Plain, "Months", strings.Join(f.Months, ", "))
	}
	for i, path := range f.Files {
		label := ""
		if i == 0 {
			label = "Files"
		}
		if i == forgottenShown {
			t.Row(human.Plain, label, human.Thousands(int64(len(f.Files)-i))+" more; --json names all")
			break
		}
		t.Row(human.Plain, label, path)
	}
	if f.ReadAgain > 0 {
		fact(t, human.Plain, "Read again", human.Thousands(f.ReadAgain)+" files by the next run, for they may hold the same records")
	}
	if f.NotThere > 0 {
		fact(t, human.Yellow, "Not there", human.Thousands(f.NotThere)+" of them: records that only they and a forgotten file held are gone")
	}
	if f.NotErased != "" {
		fact(t, human.Red, "Not erased", f.NotErased)
	}
	if f.Done {
		t.Row(human.Plain, "Next", "run pidledger run to publish reports without it")
	} else {
		t.Row(human.Plain, "Next", "the same command with --yes; nothing was written")
	}
	return t.Write(p.Out, p.Color(p.Out))
}

// Package collect is `pidledger collect`, which gets what Azure does not export. What asks Azure is package ingest/collect.
package collect

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/night"
	"github.com/pidledger/pidledger/ingest/collect"
	"github.com/pidledger/pidledger/report/human"
)

// App asks Azure.
type App interface {
	// Collect gets what is new into collect.dir, a folder or a place in Blob Storage. What could not be read is in the result. Errors: *collect.InUseError.
	Collect(ctx context.Context, call night.Options) (*collect.Result, error)
}

// Azure is the App on Azure itself.
type Azure struct{}

func (Azure) Collect(ctx context.Context, call night.Options) (*collect.Result, error) {
	return collect.Collect(ctx, collect.Access{Cloud: call.Config.Azure.Cloud}, Options(call))
}

// Options are the options that the settings say.
func Options(call night.Options) collect.Options {
	c := call.Config.Collect
	return collect.Options{Dir: c.Dir, Storage: call.Access(), Subscriptions: c.Subscriptions, ManagementGroup: c.ManagementGroup, Now: call.Now, Progress: call.Progress}
}

type options struct {
	config.Flags
	json bool
}

// Command is pidledger collect.
func Command(p *cli.Program, app App) *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:     "collect",
		GroupID: cli.GroupJob,
		Short:   "Get deployments, operations, changes and activity from Azure",
		Long: `Gets from Azure what Azure does not export: deployments (of resource groups, subscriptions,
management groups and the tenant) with their operations, resource changes, and the activity log.
It asks about every subscription that the identity of this process sees, or those that you name,
and needs the role Reader on them. The identity is found the way Azure's own tools find it: az
login, a managed identity, workload identity, or AZURE_CLIENT_ID and the like.

What Azure answers is kept as it came, in files below exports/collected, which run reads like every
export. collect.dir, or --dir, names another folder, or one in Blob Storage. The first call gets all
that Azure still has: 90 days of activity, 14 days of changes, up to 800 deployments per scope. Each
later one gets what is new, and 6 hours before that once more; nothing counts twice. A call that was
interrupted is completed by the next.

A busy service is waited for. What could not be read is listed with the role that is missing, and
costs only itself: then the exit code is 3.`,
		Example: `  pidledger collect && pidledger run
  pidledger collect --subscription cdf84404-0729-4e42-9990-1c0475491bc3
  pidledger collect --management-group contoso-customers --dir /srv/exports/collected
  pidledger collect --dir az://contoso/evidence/collected
  pidledger collect --json | jq -r '.not_read[].hint'`,
		Args:        cli.NoArgs,
		Annotations: map[string]string{cli.ExitNote: exit.Text(exit.Done, exit.Failed, exit.Usage, exit.Partial, exit.InUse, exit.Interrupted)},
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, name := range []string{"subscription", "management-group"} { // as of a variable that is not set: it must not mean all
				if f := cmd.Flags().Lookup(name); f.Changed && strings.Trim(f.Value.String(), "[]") == "" {
					return exit.Usagef("name one, or leave the flag out to collect from all that can be seen", "--%s is empty", name)
				}
			}
			return run(cmd.Context(), p, app, o)
		},
	}
	o.AddCollect(cmd)
	p.CompleteFlags(cmd, &o.Flags, map[string]string{"subscription": cli.Subscription})
	cmd.Flags().BoolVar(&o.json, "json", false, "the result as a JSON object")
	return cmd
}

func run(ctx context.Context, p *cli.Program, app App, o options) error {
	c, err := p.Config(o.Flags)
	if err != nil {
		return err
	}
	if err := c.CheckCollect(); err != nil {
		return err
	}
	call, done := p.Call(c)
	defer done()
	r, err := app.Collect(ctx, call)
	done()
	if err != nil {
		return err
	}
	if o.json {
		err = p.WriteJSON(r)
	} else {
		err = show(p, r)
	}
	if err != nil {
		return err
	}
	if !c.Reads(r.Dir) {
		p.Note("pidledger run does not read %s: name it, or a folder above it, under sources", r.Dir)
	}
	return partial(r)
}

// partial is the error of a collection that lacks something.
func partial(r *collect.Result) error {
	if len(r.NotRead) == 0 {
		return nil
	}
	first := r.NotRead[0]
	msg := first.Error()
	if more := len(r.NotRead) - 1; more > 0 {
		msg += fmt.Sprintf("; and %s more could not be read", human.Thousands(int64(more)))
	}
	return &exit.PartialError{Msg: msg, Hint: first.Hint}
}

// show writes what was collected, for people.
func show(p *cli.Program, r *collect.Result) error {
	out := human.NewPrinter(p.Out, p.Color(p.Out))
	out.Line(human.Plain, fmt.Sprintf("%s, %s to Azure", human.Plural(int64(r.Subscriptions), "subscription"), human.Plural(r.Requests, "request")))
	t := &human.Table{Right: map[int]bool{1: true, 2: true, 3: true}}
	t.Row(human.Plain, "", "records", "files", "size")
	for _, k := range r.Kinds {
		t.Row(human.Plain, k.Kind, human.Thousands(k.Records), human.Thousands(k.Files), human.Bytes(k.Bytes))
	}
	out.Table(t)
	list(out, "Not read", r.NotRead)
	list(out, "Beyond the subscriptions, not seen by this identity", r.Unseen)
	if len(r.Gaps) > 0 {
		out.Section("Lost: Azure keeps it no longer")
		for i, g := range r.Gaps {
			if i == most {
				out.More(len(r.Gaps) - most)
				break
			}
			out.Text(human.Plain, 2, fmt.Sprintf("%s of %s, %s to %s", g.Kind, g.Scope, g.From.Format(time.DateOnly), g.To.Format(time.DateOnly)))
		}
	}
	return out.Err()
}

// most is how many of a list are shown.
const most = 10

func list(out *human.Printer, title string, all []*collect.Error) {
	if len(all) == 0 {
		return
	}
	out.Section(title)
	for i, e := range all {
		if i == most {
			out.More(len(all) - most)
			return
		}
		out.Text(human.Plain, 2, human.Clean(e.What+": "+e.Reason))
		if e.Hint != "" {
			out.Text(human.Plain, 4, human.Clean(e.Hint))
		}
	}
}

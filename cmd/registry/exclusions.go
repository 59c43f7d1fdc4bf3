package registry

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/disk"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/terminal"
	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/ingest/registry"
	"github.com/pidledger/pidledger/report/human"
)

func newExclusionsCommand(p *cli.Program) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "exclusions",
		GroupID: cli.GroupTool,
		Short:   "Work with the file of customers who opted out",
		Long:    "Work with the file of customers who opted out. Reports show of them only totals under\nthe status `excluded`.",
		Example: "  pidledger exclusions add /subscriptions/GUID --reason 'asked on 4 May'\n  pidledger exclusions list",
		Args:    cobra.ArbitraryArgs,
		RunE:    cli.NeedCommand,
	}
	cmd.AddCommand(newExclusionsAddCommand(p), newExclusionsListCommand(p))
	return cmd
}

type exclusionsAddOptions struct {
	config.Flags
	reason, since string
}

func newExclusionsAddCommand(p *cli.Program) *cobra.Command {
	var o exclusionsAddOptions
	cmd := &cobra.Command{
		Use:   "add SCOPE",
		Short: "Add a customer who opted out to the file",
		Long: `Adds a customer who opted out to the exclusions file: a tenant or subscription GUID,
/subscriptions/GUID or the id of a resource group. What is there stays as it is; a file that the
configuration names and that is not there yet is made. From the next run on the reports leave the
customer out, on all dates, or with --since for usage from that day on.`,
		Example: `  pidledger exclusions add 0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0
  pidledger exclusions add /subscriptions/GUID/resourceGroups/rg-data --reason 'regulated' --since 2026-05-01`,
		Args:        cobra.ArbitraryArgs,
		Annotations: map[string]string{cli.ExitNote: exit.Text(exit.Done, exit.Failed, exit.Usage)},
		RunE:        func(cmd *cobra.Command, args []string) error { return runExclusionsAdd(cmd.Context(), p, o, args) },
	}
	o.AddExclusions(cmd)
	cmd.Flags().StringVar(&o.reason, "reason", "", "`text` that says why, for yourself")
	cmd.Flags().StringVar(&o.since, "since", "", "leave out usage from this `day` on (YYYY-MM-DD) instead of all")
	return cmd
}

func runExclusionsAdd(ctx context.Context, p *cli.Program, o exclusionsAddOptions, args []string) error {
	const usage = "pidledger exclusions add /subscriptions/GUID"
	if len(args) != 1 {
		return exit.Usagef(usage, "one scope is needed, not %d", len(args))
	}
	e := registry.Exclusion{Scope: strings.TrimSpace(args[0]), Reason: strings.TrimSpace(o.reason)}
	for _, text := range []string{e.Scope, e.Reason} {
		if strings.ContainsFunc(text, unicode.IsControl) || !utf8.ValidString(text) {
			return exit.Usagef(usage, "%q has control characters or is not UTF-8", text)
		}
	}
	var problem, hint string
	if e.ScopeKind, e.ScopeID, problem, hint = registry.ParseScope(e.Scope); problem != "" {
		return exit.Usagef(hint, "%s", problem)
	}
	if o.since != "" {
		since, err := time.Parse(time.DateOnly, o.since)
		if err != nil || since.Year() < 2000 {
			return exit.Usagef("--since 2026-05-01", "--since: %q is not a day", o.since)
		}
		e.Since = since
	}
	c, err := exclusionsConfig(p, o.Flags)
	if err != nil {
		return err
	}
	text, there, err := readExclusions(ctx, p, c.Exclusions)
	if err != nil {
		return err
	}
	for _, old := range there {
		if old.ScopeID == e.ScopeID { // a bare GUID may be that subscription
			return exit.Usagef("change it there if the day or the reason is another", "the scope is in %s already, on line %d", c.Exclusions, max(old.Line, old.Record))
		}
	}
	out, added, err := registry.AppendExclusion(text, e)
	if errors.Is(err, registry.ErrNotAppendable) {
		return exit.Usagef("add it to the file yourself, in its own form", "%s: %v", c.Exclusions, err)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", c.Exclusions, err)
	}
	if err := disk.Replace(c.Exclusions, out, 0o600); err != nil {
		return fmt.Errorf("add to the exclusions: %w", err)
	}
	if _, err := p.Out.Write(added); err != nil {
		return err
	}
	when := "on all dates"
	if !e.Since.IsZero() {
		when = "from " + terminal.Day(e.Since) + " on; what was before stays in them"
	}
	p.Note("next: %s. It leaves this customer out of all reports %s", p.Suggest("pidledger run"), when)
	p.Note("reports and snapshots of earlier runs still name the customer; the reports are replaced by that run, snapshots when %d newer ones are there", max(c.Report.Snapshots, 1))
	return nil
}

// exclusionsConfig reads the configuration, which must name an exclusions file.
func exclusionsConfig(p *cli.Program, flags config.Flags) (config.Config, error) {
	c, err := p.Config(flags)
	if err == nil && c.Exclusions == "" {
		err = exit.Usagef(cmp.Or(c.Above(), "`exclusions: exclusions.csv` in "+config.Name+", so that runs use it"), "no exclusions file is named")
	}
	return c, err
}

// readExclusions reads the exclusions and the text they stand in. A file that is not there is an empty one.
func readExclusions(ctx context.Context, p *cli.Program, file string) (text []byte, all []registry.Exclusion, err error) {
	text, err = readTable("exclusions", file)
	if err != nil || isBlank(text) {
		return text, nil, err
	}
	all, _, err = registry.Exclusions(file, ingest.RegistryOptions(ctx, p.Now()))
	if err != nil {
		return nil, nil, &ingest.RegistryError{Err: err}
	}
	return text, all, nil
}

type exclusionsListOptions struct {
	config.Flags
	json bool
}

func newExclusionsListCommand(p *cli.Program) *cobra.Command {
	var o exclusionsListOptions
	cmd := &cobra.Command{
		Use:         "list",
		Short:       "List the customers who opted out",
		Long:        "Lists what the exclusions file says: scope, day, reason. It names customers who opted out.",
		Example:     "  pidledger exclusions list\n  pidledger exclusions list --json",
		Args:        cli.NoArgs,
		Annotations: map[string]string{cli.ExitNote: exit.Text(exit.Done, exit.Failed, exit.Usage)},
		RunE:        func(cmd *cobra.Command, _ []string) error { return runExclusionsList(cmd.Context(), p, o) },
	}
	o.AddExclusions(cmd)
	cmd.Flags().BoolVar(&o.json, "json", false, "the exclusions as a JSON array")
	return cmd
}

// excluded is what `exclusions list --json` says of one exclusion.
type excluded struct {
	Scope  string `json:"scope"`
	Kind   string `json:"kind"`            // guid (a tenant or a subscription), subscription, resource_group
	Since  string `json:"since,omitempty"` // YYYY-MM-DD; absent: all usage
	Reason string `json:"reason,omitempty"`
	Line   int64  `json:"line,omitempty"` // absent: not known
}

func runExclusionsList(ctx context.Context, p *cli.Program, o exclusionsListOptions) error {
	c, err := exclusionsConfig(p, o.Flags)
	if err != nil {
		return err
	}
	if err := config.CheckFile("exclusions", c.Exclusions); err != nil {
		return err
	}
	_, all, err := readExclusions(ctx, p, c.Exclusions)
	if err != nil {
		return err
	}
	list := []excluded{}
	width, _ := p.Size(p.Out)
	t := &human.Table{Width: width, Below: true}
	for _, e := range all {
		list = append(list, excluded{e.Scope, e.ScopeKind, terminal.Day(e.Since), e.Reason, e.Line})
		since := "all dates"
		if !e.Since.IsZero() {
			since = "from " + terminal.Day(e.Since)
		}
		t.Row(human.Plain, since, e.Reason, e.Scope)
	}
	if o.json {
		return p.WriteJSON(list)
	}
	if t.Empty() {
		p.Note("nobody opted out")
		return nil
	}
	return t.Write(p.Out, p.Color(p.Out))
}

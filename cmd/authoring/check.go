package authoring

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/template"
	"github.com/pidledger/pidledger/cmd/template/files"
	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/ingest/registry"
	"github.com/pidledger/pidledger/report/human"
)

type templateCheckOptions struct {
	config.Flags
	json, sarif    bool
	off            ruleFlag
	channel, offer string
}

// ruleFlag is a flag of rule ids; they are too many for the help text.
type ruleFlag struct{ config.Enum }

func (f *ruleFlag) Type() string { return "rule" }

func newTemplateCheckCommand(p *cli.Program) *cobra.Command {
	o := templateCheckOptions{off: ruleFlag{config.Enum{Name: "rule-off"}}}
	o.off.Values = template.RuleIDs()
	cmd := &cobra.Command{
		Use:   "check FILE|DIR|ZIP...",
		Short: "Find what is wrong with tracking ids in templates and scripts",
		Long: `Checks ARM templates, Marketplace packages (zip), Bicep, Terraform, scripts, pipelines and code:
is there a tracking id, can Azure see it, is it registered. Of a folder it checks all templates,
packages and sources below it. Errors make it fail, warnings do not.
With a registry (configuration or --registry) ids are also looked up there; with --channel and
--offer they must be registered for these. Rules that template.rules_off names stay silent, too.`,
		Example: `  pidledger template check mainTemplate.json
  pidledger template check --registry registry.csv templates package.zip
  pidledger template check --channel marketplace --offer 'Contoso Edge' package.zip
  pidledger template check --rule-off L22 --sarif . > pidledger.sarif`,
		Args:        cobra.ArbitraryArgs,
		Annotations: map[string]string{cli.ExitNote: exit.Text(exit.Done, exit.Failed, exit.Usage, exit.Partial, exit.Check, exit.Interrupted)},
		RunE:        func(cmd *cobra.Command, args []string) error { return runTemplateCheck(cmd.Context(), p, &o, args) },
	}
	o.AddRegistry(cmd)
	cmd.Flags().BoolVar(&o.json, "json", false, "the findings as a JSON array")
	cmd.Flags().BoolVar(&o.sarif, "sarif", false, "the findings as SARIF 2.1.0, for code scanning")
	cmd.Flags().Var(&o.off, "rule-off", "say nothing about this `rule`, such as L22 (repeatable)")
	cmd.Flags().StringVar(&o.channel, "channel", "", "the ids must be registered for this distribution `channel`")
	cmd.Flags().StringVar(&o.offer, "offer", "", "the ids must be registered for this `offer`")
	p.CompleteFlags(cmd, &o.Flags, map[string]string{"channel": cli.Channel, "offer": cli.Offer})
	complete := func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return o.off.Values, cobra.ShellCompDirectiveNoFileComp
	}
	if err := cmd.RegisterFlagCompletionFunc("rule-off", complete); err != nil {
		cmd.PrintErrln(err)
	}
	return cmd
}

func runTemplateCheck(ctx context.Context, p *cli.Program, o *templateCheckOptions, args []string) error {
	if o.json && o.sarif {
		return exit.Usagef("", "--json and --sarif are two forms of the output; name one")
	}
	if len(args) == 0 {
		return exit.Usagef("pidledger template check .", "no file or folder is named")
	}
	c, err := p.Config(o.Flags)
	if err != nil {
		return err
	}
	known, err := knownIDs(ctx, p, c.Registry)
	if err != nil {
		return err
	}
	if err := o.checkPlace(known); err != nil {
		return err
	}
	set, err := files.Collect(ctx, args)
	if errors.Is(err, fs.ErrNotExist) {
		return exit.Usagef("correct the path", "%v", err)
	}
	if err != nil {
		return err
	}
	defer set.Close()
	if set.Checked+len(set.Unread) == 0 {
		return exit.Usagef("name a template, a Marketplace package, or a folder that has some below it", "nothing to check in %s", strings.Join(args, ", "))
	}
	options := template.Options{
		Off: slices.Concat(c.Template.RulesOff, o.off.Chosen), Channel: registry.UsualChannel(o.channel), Offer: strings.TrimSpace(o.offer), Today: p.Now(), Open: set.Open,
	}
	if known != nil {
		options.Registry = known
	}
	found, err := template.CheckAll(set.Files, options)
	if err := writeTemplateFindings(p, found, o); err != nil {
		return err
	}
	return verdict(p, found, set.Checked, append(set.Unread, parts(err)...))
}

// checkPlace refuses a channel or an offer that no id can be registered for.
func (o *templateCheckOptions) checkPlace(known *idBook) error {
	if o.channel == "" && o.offer == "" {
		return nil
	}
	if known == nil {
		return exit.Usagef("--registry registry.csv", "--channel and --offer need a registry")
	}
	channel, offer := registry.UsualChannel(o.channel), strings.TrimSpace(o.offer)
	var channels, offers []string
	for _, regs := range known.regs {
		for _, r := range regs {
			channels, offers = append(channels, r.Channel), append(offers, r.Offer)
		}
	}
	for _, f := range []struct {
		flag, value string
		list        []string
	}{{"--channel", channel, channels}, {"--offer", offer, offers}} {
		same := func(s string) bool { return s == "" || strings.EqualFold(s, f.value) }
		if f.value != "" && !slices.ContainsFunc(f.list, same) {
			slices.Sort(f.list)
			return exit.Usagef(f.flag+" with one of "+strings.Join(slices.Compact(f.list), ", "), "%s: no id of the registry is for %q", f.flag, f.value)
		}
	}
	return nil
}

// parts takes a joined error apart.
func parts(err error) []error {
	var joined interface{ Unwrap() []error }
	switch {
	case err == nil:
		return nil
	case errors.As(err, &joined):
		return joined.Unwrap()
	}
	return []error{err}
}

func writeTemplateFindings(p *cli.Program, found []template.Finding, o *templateCheckOptions) error {
	switch {
	case o.json:
		return template.WriteJSON(p.Out, found)
	case o.sarif:
		return template.WriteSARIF(p.Out, found, p.Build.Version)
	}
	for _, f := range found {
		style := human.Plain
		switch f.Severity {
		case template.Error:
			style = human.Red
		case template.Warning:
			style = human.Yellow
		}
		text := f.Rule + " " + f.Why
		if f.Fix != "" {
			text += " (" + f.Fix + ")"
		}
		place := fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column)
		line := human.Clean(place) + ": " + style.Paint(f.Severity.String(), p.Color(p.Out)) + ": " + human.Clean(text)
		if _, err := fmt.Fprintln(p.Out, p.Fit(p.Out, line, 2)); err != nil {
			return err
		}
	}
	return nil
}

// verdict says on standard error how much was checked, and returns the error that makes the exit code: an error of a template goes before
// a file that could not be read.
func verdict(p *cli.Program, found []template.Finding, files int, unread []error) error {
	count := map[template.Severity]int{}
	for _, f := range found {
		count[f.Severity]++
	}
	p.Note("files checked: %d, errors: %d, warnings: %d", files, count[template.Error], count[template.Warning])
	var msg []string
	for _, err := range unread {
		msg = append(msg, err.Error())
	}
	switch {
	case template.Worst(found) == template.Error:
		msg = append(msg, "template check: "+human.Plural(int64(count[template.Error]), "error"))
		return &exit.FindingsError{Msg: strings.Join(msg, "\n"), Hint: "fix the lines above that say error; --rule-off silences a rule"}
	case len(unread) > 0:
		return &exit.PartialError{Msg: strings.Join(msg, "\n"), Hint: "fix these files, or name others; the rest was checked"}
	}
	return nil
}

// idBook answers for the registered ids.
type idBook struct {
	regs map[string][]template.Registration
	ids  []string
}

func (b *idBook) Lookup(id string) []template.Registration { return b.regs[id] }
func (b *idBook) IDs() []string                            { return b.ids }

// knownIDs reads the registry, nil when none is named.
func knownIDs(ctx context.Context, p *cli.Program, file string) (*idBook, error) {
	if file == "" {
		return nil, nil
	}
	if err := config.CheckFile("registry", file); err != nil {
		return nil, err
	}
	regs, _, err := registry.Registrations(file, ingest.RegistryOptions(ctx, p.Now()))
	if err != nil {
		return nil, &ingest.RegistryError{Err: err}
	}
	b := &idBook{regs: map[string][]template.Registration{}}
	for _, r := range regs {
		if b.regs[r.TrackingID] == nil {
			b.ids = append(b.ids, r.TrackingID)
		}
		b.regs[r.TrackingID] = append(b.regs[r.TrackingID], template.Registration{Offer: r.Offer, SKU: r.SKU, Channel: registry.UsualChannel(r.Channel), Retired: r.RetiredAt})
	}
	return b, nil
}

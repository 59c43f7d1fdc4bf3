package published

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/terminal"
	"github.com/pidledger/pidledger/ingest/spelling"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/report"
	"github.com/pidledger/pidledger/report/compare"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/spec"
)

// The formats of comparisons, the default first.
const (
	textFormat = "text"
	htmlFormat = "html"
)

var compareFormats = []string{textFormat, spec.CSV, spec.JSON, htmlFormat}

// dimension is something that can be compared.
type dimension struct {
	word   string // on the command line
	kind   string // in queries/compare
	column string // in the reports
}

var dimensions = []dimension{
	{"channels", "channel", "channel"}, {"offers", "offer", "offer"}, {"mpns", "mpn", "mpn_id"}, {"months", "month", "month"},
}

// Dimensions are what can be compared, as it is written on the command line.
func Dimensions() (words []string) {
	for _, d := range dimensions {
		words = append(words, d.word)
	}
	return words
}

type compareOptions struct {
	filters  map[string]*string // by kind
	against  string
	perOffer bool
	json     bool
	format   config.Enum
	flags    config.Flags
}

func newCompareCommand(p *cli.Program) *cobra.Command {
	o := compareOptions{format: config.Enum{Name: "format", Values: compareFormats}, filters: map[string]*string{}}
	var meanings strings.Builder
	t := &human.Table{Indent: "  "}
	for _, f := range compare.Figures {
		name := f.Column
		for _, line := range terminal.Wrapped(f.Meaning, 58) {
			t.Row(human.Plain, name, line)
			name = ""
		}
	}
	if err := t.Write(&meanings, false); err != nil {
		panic(err) // a strings.Builder does not fail
	}
	cmd := &cobra.Command{
		Use:     "compare " + strings.Join(Dimensions(), "|") + " [NAME ...]",
		GroupID: cli.GroupLook,
		Short:   "Channels, offers, MPN IDs or months side by side",
		Long: `Compares on the snapshot that the last run published: all of them, or those that are named.
Without --month it is the latest month that is complete. Each currency has a block of its own,
with what brings most first; amounts of two currencies are never added, and deployments, which have
no currency, have a block to themselves. Customers who opted out are left out.

A line is what has a column of its own: a channel, or with --per-offer a channel of an offer; months
are compared over all that the filters leave. A customer is a tenant; where neither an export nor
the customers file names it, the subscription (so that there may be more customers than in the
report channels, which counts known tenants only). With attribution.credit: full a usage row counts
in every line that has one of its ids.

` + meanings.String(),
		Example: `  pidledger compare channels
  pidledger compare channels marketplace github --month 2026-04 --offer 'Contoso Data Hub'
  pidledger compare channels --per-offer --currency EUR
  pidledger compare months 2026-03 2026-04 --channel marketplace
  pidledger compare offers --month 2026-04 --against 2026-03 --format html > offers.html
  pidledger compare mpns --json`,
		Args:        cobra.ArbitraryArgs,
		Annotations: map[string]string{cli.ExitNote: exit.Text(exit.Done, exit.Failed, exit.Usage, exit.Interrupted)},
		RunE:        func(cmd *cobra.Command, args []string) error { return runCompare(cmd.Context(), p, &o, args) },
	}
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
		if len(args) == 0 {
			return Dimensions(), cobra.ShellCompDirectiveNoFileComp
		}
		d, err := o.dimension(args)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		others := slices.DeleteFunc(p.Known(cmd.Context(), o.flags, d.kind), func(w report.Word) bool { return slices.Contains(args[1:], w.Word) })
		return cli.Offered(others, word), cobra.ShellCompDirectiveNoFileComp
	}
	flags := cmd.Flags()
	for _, f := range []struct{ kind, usage string }{
		{"month", "the `month` that is looked at, YYYY-MM (default the latest complete one)"},
		{"offer", "only this `offer`"}, {"channel", "only this `channel`"}, {"mpn", "only this `MPN ID`"}, {"currency", "only this `currency`"},
	} {
		o.filters[f.kind] = flags.String(f.kind, "", f.usage)
	}
	flags.StringVar(&o.against, "against", "", "compare with this `month` instead of the month before")
	flags.BoolVar(&o.perOffer, "per-offer", false, "one block for each offer")
	flags.BoolVar(&o.json, "json", false, "the same as --format json")
	o.format.Add(cmd, "format of the result (default text)")
	o.flags.AddReportDir(cmd)
	p.CompleteFlags(cmd, &o.flags, map[string]string{
		"month": cli.Month, "against": cli.Month, "offer": cli.Offer, "channel": cli.Channel, "mpn": cli.MPN, "currency": cli.Currency,
	})
	return cmd
}

func runCompare(ctx context.Context, p *cli.Program, o *compareOptions, args []string) error {
	c, err := p.Config(o.flags)
	if err != nil {
		return err
	}
	d, err := o.dimension(args)
	if err != nil {
		return err
	}
	format, err := chooseFormat(&o.format, o.json)
	if err != nil {
		return err
	}
	compared, err := o.ask(ctx, c, d, args[1:])
	if err != nil {
		return err
	}
	switch format {
	case textFormat:
		width, _ := p.Size(p.Out)
		return compared.WriteText(p.Out, width, p.Color(p.Out))
	case htmlFormat:
		return compared.WriteHTML(p.Out, p.Build.Version)
	}
	if !p.Quiet {
		for _, n := range compared.Notes {
			fmt.Fprintln(p.Err, p.Fit(p.Err, n, 0))
		}
	}
	return compared.Write(format, p.Out)
}

// ask asks the snapshot for the comparison.
func (o *compareOptions) ask(ctx context.Context, c config.Config, d dimension, names []string) (*compare.Comparison, error) {
	reader, err := report.Open(ctx, c.Report.Dir, c.ReaderOptions())
	if err != nil {
		return nil, err
	}
	defer reader.Close() //nolint:errcheck // only its temporary files are left to go
	words, err := reader.Words(ctx)
	if err != nil {
		return nil, err
	}
	q, err := o.question(d, names, words, reader.Snapshot.DataThrough)
	if err != nil {
		return nil, err
	}
	result, err := reader.Query(ctx, queries.Text("compare/lines.sql"), q.params)
	if err != nil {
		return nil, err
	}
	defer result.Close() //nolint:errcheck // the table goes with the reader
	compared, err := compare.NewComparison(d.column, o.perOffer, result)
	if err != nil {
		return nil, err
	}
	compared.Title, compared.Notes = q.title, q.notes
	compared.RunID, compared.DataThrough = reader.Snapshot.ID, reader.Snapshot.DataThrough
	if compared.Empty() {
		compared.Notes = append(compared.Notes, "There is no attributed usage and no deployment in this selection.")
	}
	return compared, nil
}

// Selection is a comparison that is asked for without a command line. What is empty is not given.
type Selection struct {
	What                                          string   // channels, offers, mpns or months
	Names                                         []string // none: all
	Month, Against, Offer, Channel, MPN, Currency string
	PerOffer                                      bool
}

// Compare is `pidledger compare`. Errors: those of Selection's words, with a way out, and *report.NoSnapshotError.
func Compare(ctx context.Context, c config.Config, s Selection) (*compare.Comparison, error) {
	o := compareOptions{against: s.Against, perOffer: s.PerOffer, filters: map[string]*string{
		"month": &s.Month, "offer": &s.Offer, "channel": &s.Channel, "mpn": &s.MPN, "currency": &s.Currency,
	}}
	d, err := o.dimension([]string{s.What})
	if err != nil {
		return nil, err
	}
	return o.ask(ctx, c, d, s.Names)
}

// dimension finds what is to be compared, and refuses flags that do not go with it.
func (o *compareOptions) dimension(args []string) (d dimension, err error) {
	const try = "pidledger compare channels, or pidledger compare --help"
	if len(args) == 0 {
		return d, exit.Usagef(try, "say what to compare: %s", strings.Join(Dimensions(), ", "))
	}
	i := slices.IndexFunc(dimensions, func(d dimension) bool { return d.word == args[0] })
	if i < 0 {
		hint := try
		if near := spelling.Nearest(strings.ToLower(args[0]), Dimensions()); near != "" {
			hint = "pidledger compare " + near
		}
		return d, exit.Usagef(hint, "compare takes one of %s first, not %q", strings.Join(Dimensions(), ", "), args[0])
	}
	d = dimensions[i]
	if *o.filters[d.kind] != "" {
		return d, exit.Usagef("pidledger compare "+d.word+" "+human.ShellWord(*o.filters[d.kind]), "--%s does not go with compare %s: name the %s as arguments", d.kind, d.word, d.word)
	}
	if o.against != "" && d.kind == "month" {
		return d, exit.Usagef("pidledger compare months 2026-03 2026-04", "--against does not go with compare months: name both months as arguments")
	}
	if o.perOffer && d.kind == "offer" {
		return d, exit.Usagef("leave it out", "--per-offer does not go with compare offers, which has a line for each offer")
	}
	return d, nil
}

// chooseFormat gives the one format that was named, or text.
func chooseFormat(format *config.Enum, json bool) (string, error) {
	chosen := format.Chosen
	if json {
		chosen = append(slices.Clone(chosen), spec.JSON)
	}
	slices.Sort(chosen)
	switch chosen = slices.Compact(chosen); len(chosen) {
	case 0:
		return textFormat, nil
	case 1:
		return chosen[0], nil
	}
	return "", exit.Usagef("leave all but one out", "several formats are named: %s", strings.Join(chosen, ", "))
}

// known finds a word that a person wrote among those of a kind, however it is capitalised.
func known(words map[string][]string, kind, word string) (string, error) {
	if slices.Contains(words[kind], word) {
		return word, nil
	}
	var lower []string
	for _, w := range words[kind] {
		if strings.EqualFold(w, word) {
			return w, nil
		}
		lower = append(lower, strings.ToLower(w))
	}
	name := kind
	if kind == "mpn" {
		name = "MPN ID"
	}
	hint := ""
	if near := slices.Index(lower, spelling.Nearest(strings.ToLower(word), lower)); near >= 0 && kind != "month" {
		hint = "write " + human.ShellWord(words[kind][near])
	} else if n := len(words[kind]); n > 0 {
		shown := words[kind][max(0, n-10):] // of months the latest
		hint = "one of " + strings.Join(shown, ", ")
	}
	return "", exit.Usagef(hint, "the snapshot has no %s %q", name, word)
}

// target is a month and the one that it is compared with; nil: the snapshot has none.
type target struct {
	Month string  `json:"month"`
	Base  *string `json:"base"`
}

// question is what the snapshot is asked.
type question struct {
	params map[string]string
	title  string
	notes  []string
}

// question checks every word against the snapshot and puts the parameters of compare/lines.sql together.
func (o *compareOptions) question(d dimension, names []string, words map[string][]string, through string) (*question, error) {
	q := &question{params: map[string]string{"by": d.kind, "per_offer": fmt.Sprint(o.perOffer)}}
	title := []string{}
	for _, kind := range []string{"offer", "channel", "mpn", "currency"} {
		q.params[kind] = ""
		if text := *o.filters[kind]; text != "" {
			word, err := known(words, kind, text)
			if err != nil {
				return nil, err
			}
			q.params[kind] = word
			title = append(title, word)
		}
	}
	chosen := []string{}
	for _, n := range names {
		word, err := known(words, d.kind, n)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(chosen, word) {
			chosen = append(chosen, word)
		}
	}
	targets, err := o.targets(d, chosen, words, through)
	if err != nil {
		return nil, err
	}
	q.title = strings.ToUpper(d.word[:1]) + d.word[1:]
	if d.kind == "mpn" {
		q.title = "MPN IDs"
	}
	if d.kind != "month" && len(targets) > 0 {
		q.title += " in " + targets[0].Month
		if b := targets[0].Base; b != nil {
			q.title += ", compared with " + *b
		}
	}
	if len(title) > 0 {
		q.title += " (" + human.Clean(strings.Join(title, ", ")) + ")"
	}
	used := map[string]bool{}
	for _, t := range targets {
		used[t.Month] = true
		if t.Base != nil {
			used[*t.Base] = true
		}
	}
	for _, m := range slices.Sorted(maps.Keys(used)) {
		if !spec.IsComplete(m, through) {
			q.notes = append(q.notes, fmt.Sprintf("%s has usage through %s only, and is compared as it stands with whole months.", m, through))
		}
	}
	for name, list := range map[string]any{"names": chosen, "targets": targets} {
		text, err := json.Marshal(list)
		if err != nil {
			return nil, err
		}
		q.params[name] = string(text)
	}
	return q, nil
}

// targets are the months that are looked at, in their order.
func (o *compareOptions) targets(d dimension, chosen []string, words map[string][]string, through string) ([]target, error) {
	months := words["month"]
	if len(months) == 0 {
		return []target{}, nil // there is no usage
	}
	before := func(month string) *string {
		if m := spec.MonthBefore(month); m >= months[0] {
			return &m
		}
		return nil
	}
	targets := []target{}
	if d.kind == "month" {
		named := slices.Sorted(slices.Values(chosen))
		if len(named) == 0 {
			named = months
		}
		for i, m := range named {
			t := target{Month: m, Base: before(m)}
			if i > 0 && len(chosen) > 0 {
				t.Base = &named[i-1]
			}
			targets = append(targets, t)
		}
		return targets, nil
	}
	month := months[len(months)-1]
	if len(months) > 1 && !spec.IsComplete(month, through) {
		month = months[len(months)-2]
	}
	if text := *o.filters["month"]; text != "" {
		var err error
		if month, err = known(words, "month", text); err != nil {
			return nil, err
		}
	}
	t := target{Month: month, Base: before(month)}
	if o.against != "" {
		base, err := known(words, "month", o.against)
		if err != nil {
			return nil, err
		}
		if base == month {
			return nil, exit.Usagef("name another month after --against", "%s is compared with itself", month)
		}
		t.Base = &base
	}
	return append(targets, t), nil
}

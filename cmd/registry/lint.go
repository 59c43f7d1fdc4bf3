package registry

import (
	"cmp"
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/report/human"
)

type lintOptions struct {
	config.Flags
	json, sarif bool
}

func newLintCommand(p *cli.Program, app App) *cobra.Command {
	var o lintOptions
	cmd := &cobra.Command{
		Use:   "lint [FILE]",
		Short: "Check the file of registered tracking ids",
		Long: `Checks the file of registered tracking ids: ids that are malformed, there twice or nearly alike,
one id for two channels or offers, one offer under two MPN IDs or in two spellings, MPN IDs that are
not numbers, channels that an offer lacks or that are misspelled, impossible dates and unknown
columns. FILE is checked instead of the registry that is configured.

When a run has published reports, it also says which ids were seen without being registered and what
usage that loses, which were never seen, and which broken tokens were probably meant to be one of
the ids. Errors make it fail, warnings do not.`,
		Example: `  pidledger registry lint
  pidledger registry lint new-offers.csv --json
  pidledger registry lint --sarif > registry.sarif`,
		Args:        cli.MostArgs(1),
		Annotations: map[string]string{cli.ExitNote: exit.Text(exit.Done, exit.Failed, exit.Usage, exit.Check, exit.Interrupted)},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return runLint(cmd.Context(), p, app, o)
			}
			if cmd.Flags().Changed("registry") {
				return exit.Usagef("pidledger registry lint "+human.ShellWord(args[0]), "the file is named twice: as an argument and with --registry")
			}
			if err := cmd.Flags().Set("registry", args[0]); err != nil {
				return err
			}
			return runLint(cmd.Context(), p, app, o)
		},
	}
	o.AddRegistry(cmd)
	o.AddReportDir(cmd)
	cmd.Flags().BoolVar(&o.json, "json", false, "the findings as a JSON array")
	cmd.Flags().BoolVar(&o.sarif, "sarif", false, "the findings as SARIF 2.1.0, for code scanning")
	return cmd
}

func runLint(ctx context.Context, p *cli.Program, app App, o lintOptions) error {
	if o.json && o.sarif {
		return exit.Usagef("", "--json and --sarif are two forms of the output; name one")
	}
	c, err := p.Config(o.Flags)
	if err != nil {
		return err
	}
	if c.Registry == "" {
		return exit.Usagef(cmp.Or(c.Above(), "pidledger registry lint registry.csv"), "no registry is named")
	}
	if err := config.CheckFile("registry", c.Registry); err != nil {
		return err
	}
	call, done := p.Call(c)
	defer done()
	found, err := app.Lint(ctx, call)
	if err != nil {
		return err
	}
	done()
	if err := writeFindings(p, found, o); err != nil {
		return err
	}
	bad := 0
	for _, f := range found {
		if f.Severity == SeverityError {
			bad++
		}
	}
	if bad > 0 {
		return &exit.FindingsError{Msg: c.Registry + ": " + human.Plural(int64(bad), "error"), Hint: "fix the lines above, and run registry lint again"}
	}
	return nil
}

// writeFindings writes one line per finding, in the form that editors open; on a terminal it is broken.
func writeFindings(p *cli.Program, found []Finding, o lintOptions) error {
	switch {
	case o.sarif:
		return writeLintSARIF(p.Out, p.Build.Version, found)
	case o.json && found == nil:
		return p.WriteJSON([]Finding{})
	case o.json:
		return p.WriteJSON(found)
	}
	for _, f := range found {
		style := human.Yellow
		if f.Severity == SeverityError {
			style = human.Red
		}
		place := f.File
		switch {
		case f.Line > 0:
			place += ":" + strconv.FormatInt(f.Line, 10)
		case f.Record > 0:
			place += " record " + strconv.FormatInt(f.Record, 10)
		}
		text := f.Message
		if f.Column != "" {
			text = f.Column + ": " + text
		}
		if f.Hint != "" {
			text += " (" + f.Hint + ")"
		}
		line := human.Clean(place) + ": " + style.Paint(f.Severity, p.Color(p.Out)) + ": " + human.Clean(text)
		if _, err := fmt.Fprintln(p.Out, p.Fit(p.Out, line, 2)); err != nil {
			return err
		}
	}
	return nil
}

package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/ingest/source"
	"github.com/pidledger/pidledger/report/human"
)

func newRegistryCommand(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "registry",
		GroupID: groupTool,
		Short:   "Work with the file of registered tracking ids",
		Long:    "Work with the file of registered tracking ids.",
		Example: "  pidledger registry lint\n  pidledger registry new --offers 'Contoso Edge' --channels github,direct --mpn 1234567\n  pidledger registry import partner-center.csv",
		Args:    cobra.ArbitraryArgs,
		RunE:    needCommand,
	}
	cmd.AddCommand(newLintCommand(p), newRegistryNewCommand(p), newRegistryAddCommand(p), newRegistryImportCommand(p))
	return cmd
}

type lintOptions struct {
	config.Flags
	json, sarif bool
}

func newLintCommand(p *program) *cobra.Command {
	var o lintOptions
	cmd := &cobra.Command{
		Use:   "lint [FILE]",
		Short: "Check the file of registered tracking ids",
		Long: `Checks the file of registered tracking ids: ids that are malformed, there twice or nearly alike,
one id for two channels or offers, one offer under two MPN IDs or in two spellings, MPN IDs that are
no number, channels that an offer lacks or that are misspelled, dates that cannot be, columns that
are not known. FILE is checked in the place of the registry that is configured.

When a run has published reports, it also says which ids were seen without being registered and what
usage that loses, which were never seen, and which broken tokens were probably meant to be one of
the ids. Errors make it fail, warnings do not.`,
		Example: `  pidledger registry lint
  pidledger registry lint new-offers.csv --json
  pidledger registry lint --sarif > registry.sarif`,
		Args:        mostArgs(1),
		Annotations: map[string]string{exitNote: exit.Text(exit.Done, exit.Failed, exit.Usage, exit.Check, exit.Interrupted)},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return p.runLint(cmd.Context(), o)
			}
			if cmd.Flags().Changed("registry") {
				return exit.Usagef("pidledger registry lint "+human.ShellWord(args[0]), "the file is named twice: as an argument and with --registry")
			}
			if err := cmd.Flags().Set("registry", args[0]); err != nil {
				return err
			}
			return p.runLint(cmd.Context(), o)
		},
	}
	o.AddRegistry(cmd)
	o.AddReportDir(cmd)
	cmd.Flags().BoolVar(&o.json, "json", false, "the findings as a JSON array")
	cmd.Flags().BoolVar(&o.sarif, "sarif", false, "the findings as SARIF 2.1.0, for code scanning")
	return cmd
}

func (p *program) runLint(ctx context.Context, o lintOptions) error {
	if o.json && o.sarif {
		return exit.Usagef("", "--json and --sarif are two forms of the output; name one")
	}
	c, err := p.config(o.Flags)
	if err != nil {
		return err
	}
	if c.Registry == "" {
		return exit.Usagef("pidledger registry lint registry.csv", "no registry is named")
	}
	if err := config.CheckFile("registry", c.Registry); err != nil {
		return err
	}
	call, done := p.call(c)
	defer done()
	found, err := p.app.Lint(ctx, call)
	if err != nil {
		return err
	}
	done()
	if err := p.writeFindings(found, o); err != nil {
		return err
	}
	bad := 0
	for _, f := range found {
		if f.Severity == SeverityError {
			bad++
		}
	}
	if bad > 0 {
		return &exit.FindingsError{Msg: c.Registry + ": " + human.Plural(int64(bad), "error"), Hint: "mend the lines above, and run registry lint again"}
	}
	return nil
}

// writeFindings writes one line per finding, in the form that editors open.
func (p *program) writeFindings(found []Finding, o lintOptions) error {
	switch {
	case o.sarif:
		return writeLintSARIF(p.Out, found)
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
		if _, err := fmt.Fprintf(p.Out, "%s: %s: %s\n", human.Clean(place), style.Paint(f.Severity, p.Color(p.Out)), human.Clean(text)); err != nil {
			return err
		}
	}
	return nil
}

// maxTable is the longest table that rows are added to, in bytes: what ingest/registry reads.
const maxTable = 64 << 20

// readTable reads a file that rows are added to, which a key of the configuration names. A file that is not there is an empty one; its
// folder must be there.
func readTable(key, file string) ([]byte, error) {
	text, err := source.ReadFile(file, maxTable)
	if errors.Is(err, fs.ErrNotExist) {
		text = nil
		_, err = os.Stat(filepath.Dir(file))
	}
	if err != nil {
		return nil, exit.Usagef("correct "+key+": in the configuration, or name a file with --"+key, "%s: %v", key, err)
	}
	return text, nil
}

// isBlank tells whether a text has nothing but white space and a byte order mark.
func isBlank(text []byte) bool {
	return len(bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\ufeff")))) == 0
}

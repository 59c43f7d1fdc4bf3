package registry

import (
	"context"
	"fmt"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/terminal"
	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/ingest/registry"
	"github.com/pidledger/pidledger/report/human"
)

type registryImportOptions struct {
	config.Flags
	print, json bool
}

func newRegistryImportCommand(p *cli.Program) *cobra.Command {
	var o registryImportOptions
	cmd := &cobra.Command{
		Use:   "import FILE...",
		Short: "Add registered tracking ids of other files to the file",
		Long: `Adds the tracking ids of other files (CSV, JSON, YAML, Parquet; columns as in the registry) to the
registry file. What is there stays as it is, ids that are there already are skipped, and the lines
that were added go to standard output. When a file says something else about an id than the registry
does, the contradictions are listed and nothing is written.`,
		Example: `  pidledger registry import partner-center.csv
  pidledger registry import --print old-registry.yaml other.parquet
  pidledger registry import --json ids.json`,
		Args:        cobra.ArbitraryArgs,
		Annotations: map[string]string{cli.ExitNote: exit.Text(exit.Done, exit.Failed, exit.Usage, exit.Check)},
		RunE:        func(cmd *cobra.Command, args []string) error { return runRegistryImport(cmd.Context(), p, o, args) },
	}
	o.AddRegistry(cmd)
	cmd.Flags().BoolVar(&o.print, "print", false, "only print the lines, change nothing")
	cmd.Flags().BoolVar(&o.json, "json", false, "what was added and what contradicts, as a JSON object")
	return cmd
}

// importResult is what `registry import --json` writes.
type importResult struct {
	Registry       string                `json:"registry"`
	Written        bool                  `json:"written"`
	Added          []importedID          `json:"added"` // with --print or a contradiction: what would be
	Same           int                   `json:"same"`
	Contradictions []importContradiction `json:"contradictions"`
}

type importedID struct {
	TrackingID   string `json:"tracking_id"`
	MPNID        string `json:"mpn_id"`
	Offer        string `json:"offer"`
	SKU          string `json:"sku"`
	Channel      string `json:"channel"`
	Description  string `json:"description"`
	RegisteredAt string `json:"registered_at"` // YYYY-MM-DD or empty
	RetiredAt    string `json:"retired_at"`
}

type importContradiction struct {
	File       string `json:"file"`
	Record     int64  `json:"record"`
	Line       int64  `json:"line,omitempty"` // 0: not known
	TrackingID string `json:"tracking_id"`
	Column     string `json:"column"`
	Value      string `json:"value"`
	Registry   string `json:"registry"` // what the registry says; empty: nothing
	Message    string `json:"message"`
}

func runRegistryImport(ctx context.Context, p *cli.Program, o registryImportOptions, args []string) error {
	if len(args) == 0 {
		return exit.Usagef("pidledger registry import ids.csv", "no file is named")
	}
	r, err := openRegistry(ctx, p, o.Flags, o.print)
	if err != nil {
		return err
	}
	var add []registry.Registration
	for _, file := range args {
		if err := checkArgument(file); err != nil {
			return err
		}
		regs, _, err := registry.Registrations(file, ingest.RegistryOptions(ctx, p.Now()))
		if err != nil {
			return &ingest.RegistryError{Err: err}
		}
		add = append(add, regs...)
	}
	merged := registry.Merge(r.ids, add)
	write := len(merged.Contradictions) == 0 && len(merged.New) > 0
	lines, err := r.lines(merged.New, registry.AppendAll, write)
	if err != nil {
		return err
	}
	if err := writeImport(p, o, r.name, merged, lines, write && !o.print); err != nil {
		return err
	}
	if n := len(merged.Contradictions); n > 0 {
		return &exit.FindingsError{Msg: human.Plural(int64(n), "contradiction") + ", nothing was added", Hint: "correct the registry or the files where they differ, and run registry import again"}
	}
	verb := "added"
	if o.print {
		verb = "to add"
	}
	p.Note("%s %s, %d there already", human.Plural(int64(len(merged.New)), "id"), verb, len(merged.Same))
	return nil
}

// checkArgument refuses a file that is not there.
func checkArgument(file string) error {
	if _, err := os.Stat(file); err != nil {
		return exit.Usagef("correct the path", "%v", err)
	}
	return nil
}

// writeImport writes the contradictions, or else the lines that were added.
func writeImport(p *cli.Program, o registryImportOptions, file string, m registry.Merged, added []byte, written bool) error {
	if o.json {
		r := importResult{Registry: file, Written: written, Same: len(m.Same), Added: []importedID{}, Contradictions: []importContradiction{}}
		for _, n := range m.New {
			r.Added = append(r.Added, importedID{n.TrackingID, n.MPNID, n.Offer, n.SKU, n.Channel, n.Description, terminal.Day(n.RegisteredAt), terminal.Day(n.RetiredAt)})
		}
		for _, x := range m.Contradictions {
			r.Contradictions = append(r.Contradictions, importContradiction{x.Registration.File, x.Registration.Record, x.Registration.Line, x.Registration.TrackingID, x.Column, x.Value, x.Have, x.Message()})
		}
		return p.WriteJSON(r)
	}
	if len(m.Contradictions) == 0 {
		if len(m.New) == 0 {
			return nil
		}
		_, err := p.Out.Write(added)
		return err
	}
	for _, x := range m.Contradictions {
		place := x.Registration.File + " record " + strconv.FormatInt(x.Registration.Record, 10)
		if x.Registration.Line > 0 {
			place = x.Registration.File + ":" + strconv.FormatInt(x.Registration.Line, 10)
		}
		if _, err := fmt.Fprintf(p.Out, "%s: %s: %s\n", human.Clean(place), human.Red.Paint(SeverityError, p.Color(p.Out)), human.Clean(x.Message())); err != nil {
			return err
		}
	}
	return nil
}

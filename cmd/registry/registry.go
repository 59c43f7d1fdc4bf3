// Package registry is the commands for the files that people keep by hand: the registered tracking ids and the customers who opted out, and
// init, which begins both. What reads and writes them is package ingest/registry.
package registry

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/night"
)

// App does the work behind registry lint.
type App interface {
	// Lint checks the registrations file, and what the published snapshot tells about it, without touching the ledger.
	Lint(ctx context.Context, call night.Options) ([]Finding, error)
}

// The severities of findings. Only errors make `registry lint` fail.
const (
	SeverityError   = "error"
	SeverityWarning = "warning"
)

// Finding is something wrong, or odd, in the registrations file.
type Finding struct {
	Code     string `json:"code"` // of registry.Rules
	Severity string `json:"severity"`
	File     string `json:"file"`
	Record   int64  `json:"record,omitempty"` // 1-based; 0: not known
	Line     int64  `json:"line,omitempty"`   // 1-based; 0: not known
	Column   string `json:"column,omitempty"`
	ID       string `json:"id,omitempty"` // the tracking id, when the finding comes from a snapshot
	Message  string `json:"message"`
	Hint     string `json:"hint,omitempty"` // what to do about it

	Costs map[string]string `json:"costs,omitempty"` // what is lost by it, effective cost by currency, with every digit
}

// Commands are the commands of this package.
func Commands(p *cli.Program, app App) []*cobra.Command {
	return []*cobra.Command{newInitCommand(p), newRegistryCommand(p, app), newExclusionsCommand(p)}
}

func newRegistryCommand(p *cli.Program, app App) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "registry",
		GroupID: cli.GroupTool,
		Short:   "Work with the file of registered tracking ids",
		Long:    "Work with the file of registered tracking ids.",
		Example: "  pidledger registry lint\n  pidledger registry new --offers 'Contoso Edge' \\\n    --channels github,direct --mpn 1234567\n  pidledger registry import partner-center.csv",
		Args:    cobra.ArbitraryArgs,
		RunE:    cli.NeedCommand,
	}
	cmd.AddCommand(newLintCommand(p, app), newRegistryNewCommand(p), newRegistryAddCommand(p), newRegistryImportCommand(p))
	return cmd
}

// Package authoring is the commands for those who write templates and programs, before anything ships: template check and tag, snippet and
// notice. The rules, lines and texts are the packages template, snippet and notice beside it.
package authoring

import (
	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
)

// Commands are the commands of this package.
func Commands(p *cli.Program) []*cobra.Command {
	return []*cobra.Command{newTemplateCommand(p), newSnippetCommand(p), newNoticeCommand(p)}
}

func newTemplateCommand(p *cli.Program) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "template",
		GroupID: cli.GroupTool,
		Short:   "Check deployment templates for tracking ids, and put them in",
		Long:    "Check deployment templates and other sources for tracking ids, and put an id into a template.",
		Example: `  pidledger template check package.zip
  pidledger template tag mainTemplate.json --id GUID`,
		Args: cobra.ArbitraryArgs,
		RunE: cli.NeedCommand,
	}
	cmd.AddCommand(newTemplateCheckCommand(p), newTemplateTagCommand(p))
	return cmd
}

package cmd

import (
	"github.com/spf13/cobra"
)

func newTemplateCommand(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "template",
		GroupID: groupTool,
		Short:   "Check deployment templates for tracking ids, and put them in",
		Long:    "Check deployment templates and other sources for tracking ids, and put an id into a template.",
		Example: `  pidledger template check package.zip
  pidledger template tag mainTemplate.json --id GUID`,
		Args: cobra.ArbitraryArgs,
		RunE: needCommand,
	}
	cmd.AddCommand(newTemplateCheckCommand(p), newTemplateTagCommand(p))
	return cmd
}

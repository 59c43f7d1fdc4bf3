package cmd

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/terminal"
)

// Documented is the command line for what writes manuals of it: exit codes are part of each description, in Markdown. It runs nothing.
func Documented() *cobra.Command {
	root := newRootCommand(newProgram(terminal.Streams{}, time.Now, app{}, nil))
	root.DisableAutoGenTag = true
	describe(root)
	return root
}

func describe(c *cobra.Command) {
	if codes := c.Annotations[cli.ExitNote]; codes != "" {
		c.Long += "\n\n# EXIT STATUS\n```\n" + codes + "```\n"
	}
	for _, below := range c.Commands() {
		describe(below)
	}
}

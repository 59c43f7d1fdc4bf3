package ledger

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/disk"
	"github.com/pidledger/pidledger/cmd/exit"
)

// folderOptions are those of a command that copies the ledger, or what is in it, to or from a folder.
type folderOptions struct {
	config.Flags
	json bool
}

func (o *folderOptions) add(cmd *cobra.Command) {
	o.AddLog(cmd)
	cmd.Flags().BoolVar(&o.json, "json", false, "what was written as a JSON object")
	cmd.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	}
}

// config loads the configuration, and makes dir absolute; what names the folder in the error when it may not lie there.
func (o *folderOptions) config(p *cli.Program, what, dir string) (config.Config, string, error) {
	c, err := p.Config(o.Flags)
	if err != nil {
		return c, "", err
	}
	cwd, err := os.Getwd()
	if err != nil {
		return c, "", err
	}
	dir = disk.Absolute(dir, cwd)
	return c, dir, c.CheckFolder(what, dir)
}

// oneFolder demands one argument.
func oneFolder(cmd *cobra.Command, args []string) error {
	if len(args) == 1 && args[0] != "" {
		return nil
	}
	return exit.Usagef(cmd.CommandPath()+" --help", "%s takes one folder", cmd.CommandPath())
}

package cmd

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	demoworld "github.com/pidledger/pidledger/testdata/demo"
)

// demoFolder is where the demo goes when no folder is named.
const demoFolder = "pidledger-demo"

func newDemoCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "demo [FOLDER]",
		GroupID: cli.GroupJob,
		Short:   "Show what it does, on exports of an invented partner",
		Long: `Writes the exports, registry and settings of an invented partner into a folder, pidledger-demo if
none is named, and runs the nightly job on them: the summary, and the page of the reports. Later
calls run it again. Remove the folder when you have seen enough.`,
		Example:     "  pidledger demo\n  pidledger compare channels --config pidledger-demo/pidledger.yaml",
		Args:        cli.FolderArg,
		Annotations: map[string]string{cli.ExitNote: exit.Text()},
		RunE: func(cmd *cobra.Command, args []string) error {
			folder := demoFolder
			if len(args) > 0 {
				folder = args[0]
			}
			return p.runDemo(cmd.Context(), folder)
		},
	}
}

func (p *program) runDemo(ctx context.Context, folder string) error {
	settings := filepath.Join(folder, config.Name)
	there, err := os.ReadFile(settings)
	if errors.Is(err, fs.ErrNotExist) {
		there, err = demoworld.Settings(), writeDemo(folder)
	}
	if err != nil {
		return err
	}
	if !bytes.Equal(there, demoworld.Settings()) {
		return otherFiles(folder)
	}
	p.ConfigFile = settings
	return p.runRun(ctx, runOptions{})
}

// writeDemo writes the files of the demo into a folder that is new or empty. What it began it takes away when it fails.
func writeDemo(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(entries) > 0 {
		return otherFiles(folder)
	}
	switch err := os.CopyFS(folder, demoworld.Files); {
	case errors.Is(err, fs.ErrExist): // another call is at work there
		return otherFiles(folder)
	case err != nil:
		return errors.Join(err, os.RemoveAll(folder))
	}
	return nil
}

func otherFiles(folder string) error {
	return exit.Usagef("pidledger demo FOLDER, with a folder that is new or empty", "%s holds other files", folder)
}

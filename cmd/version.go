package cmd

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/exit"
)

// version is set by the linker in release builds: -ldflags "-X github.com/pidledger/pidledger/cmd.version=1.2.3".
var version string

// currentBuild says what was built: the linker's version, else what the Go tool knows.
func currentBuild() cli.Build {
	v := cli.Build{Version: version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		if v.Version == "" && info.Main.Version != "(devel)" {
			v.Version = info.Main.Version
		}
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				v.Commit = s.Value
			case "vcs.modified":
				v.Modified = s.Value == "true"
			}
		}
	}
	if v.Version == "" {
		v.Version = "development"
	}
	return v
}

// versionLine is what `pidledger version` and `pidledger --version` say.
func versionLine(v cli.Build) string {
	text := "pidledger " + v.Version
	if v.Commit != "" {
		text += " (" + v.Commit[:min(len(v.Commit), 12)] + ")"
	}
	return text + " " + v.Go + " " + v.Platform
}

func newVersionCommand(p *cli.Program) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:         "version",
		GroupID:     cli.GroupTool,
		Short:       "Show the version",
		Long:        "Shows the version, the commit, and what it was built with.",
		Example:     "  pidledger version\n  pidledger version --json",
		Args:        cli.NoArgs,
		Annotations: map[string]string{cli.ExitNote: exit.Text(exit.Done, exit.Usage)},
		RunE: func(*cobra.Command, []string) error {
			v := p.Build
			if asJSON {
				return p.WriteJSON(v)
			}
			_, err := fmt.Fprintln(p.Out, versionLine(v))
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "the version as JSON")
	return cmd
}

package cmd

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/exit"
)

// version is set by the linker in release builds: -ldflags "-X github.com/pidledger/pidledger/cmd.version=1.2.3".
var version string

type versionInfo struct {
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`
	Modified bool   `json:"modified,omitempty"` // built from a tree with changes
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// currentVersion says what was built: the linker's version, else what the Go tool knows.
func currentVersion() versionInfo {
	v := versionInfo{Version: version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
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

func newVersionCommand(p *program) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:         "version",
		GroupID:     groupTool,
		Short:       "Show the version",
		Long:        "Shows the version, the commit, and what it was built with.",
		Example:     "  pidledger version\n  pidledger version --json",
		Args:        noArgs,
		Annotations: map[string]string{exitNote: exit.Text(exit.Done, exit.Usage)},
		RunE: func(*cobra.Command, []string) error {
			v := currentVersion()
			if asJSON {
				return p.WriteJSON(v)
			}
			text := "pidledger " + v.Version
			if v.Commit != "" {
				text += " (" + v.Commit[:min(len(v.Commit), 12)] + ")"
			}
			_, err := fmt.Fprintf(p.Out, "%s %s %s\n", text, v.Go, v.Platform)
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "the version as JSON")
	return cmd
}

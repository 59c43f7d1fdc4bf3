package cli

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/ingest/spelling"
	"github.com/pidledger/pidledger/report/human"
)

// The groups of commands in the help.
const (
	GroupJob  = "job"
	GroupLook = "look"
	GroupTool = "tool"
)

// ExitNote is the annotation of a command that holds its exit codes for the help.
const ExitNote = "exit codes"

// NeedCommand is the run function of commands that only hold others.
func NeedCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return cmd.Help()
	}
	hint := cmd.CommandPath() + " --help, for the list of commands"
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	if near := spelling.Nearest(args[0], names); near != "" {
		hint = cmd.CommandPath() + " " + near
	}
	return exit.Usagef(hint, "unknown command %q for %q", args[0], cmd.CommandPath())
}

// NoArgs refuses arguments.
func NoArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return exit.Usagef(cmd.CommandPath()+" --help", "%s takes no arguments, but got %q", cmd.CommandPath(), args[0])
}

// MostArgs refuses more arguments than so many.
func MostArgs(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) <= n {
			return nil
		}
		return exit.Usagef(cmd.CommandPath()+" --help", "%s takes %s at most, but got %q, too", cmd.CommandPath(), human.Plural(int64(n), "argument"), args[n])
	}
}

// FolderArg takes a folder or none. It refuses an empty one, such as a variable that is not set: it would stand for the current folder, or for /.
func FolderArg(cmd *cobra.Command, args []string) error {
	if len(args) > 0 && args[0] == "" {
		return exit.Usagef("name a folder, or leave it out", "the name of the folder is empty")
	}
	return MostArgs(1)(cmd, args)
}

// Values are the members of a list flag, without blanks around them, each once.
func Values(name string, list []string) ([]string, error) {
	var out []string
	for _, v := range list {
		v = strings.TrimSpace(v)
		if strings.ContainsFunc(v, unicode.IsControl) || !utf8.ValidString(v) {
			return nil, exit.Usagef("", "%s: %q has control characters or is not UTF-8", name, v)
		}
		if v != "" && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out, nil
}

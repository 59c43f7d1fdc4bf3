package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/report/human"
)

// The flags that say where things are. A command that we suggest repeats them, as far as it has them; what to do about an error may be to name
// other files. --config, which all have, is not among them.
var (
	locating = []string{"ledger", "report-dir", "registry", "exclusions"}
	settings = locating[:2]
)

// flagsAgain gives the flags with which another command, such as "files --status failed", works on the same files as this call.
func (p *Program) flagsAgain(command string) string {
	if p.Called == nil {
		return ""
	}
	target, _, err := p.Called.Root().Find(strings.Fields(command))
	if err != nil {
		return ""
	}
	names := locating
	if target.Name() == "report" {
		names = append(slices.Clone(names), "format") // without it the reports would be written again
	}
	return p.flagsOf(target, names)
}

func (p *Program) flagsOf(target *cobra.Command, names []string) string {
	var out []string
	if p.ConfigFile != "" {
		out = append(out, "--config "+human.ShellWord(p.ConfigFile))
	}
	for _, name := range names {
		if f := p.Called.Flags().Lookup(name); f != nil && f.Changed && f.Value.String() != "" && (target.Flags().Lookup(name) != nil || target.InheritedFlags().Lookup(name) != nil) {
			out = append(out, "--"+name+" "+human.ShellWord(f.Value.String()))
		}
	}
	return strings.Join(out, " ")
}

// Suggest puts those flags into a text that begins with a command of ours.
func (p *Program) Suggest(text string) string {
	if p.Called == nil {
		return text
	}
	target, words := p.Called.Root(), strings.Fields(text)
	if len(words) < 2 || words[0] != human.Program || words[1] == "help" {
		return text
	}
	path := words[0]
	for _, w := range words[1:] {
		next := child(target, strings.TrimRight(w, ",;"))
		if next == nil {
			break
		}
		target, path = next, path+" "+next.Name()
	}
	flags := p.flagsOf(target, settings)
	if !target.Runnable() || target.HasSubCommands() || flags == "" || strings.Contains(text, flags) {
		return text
	}
	return path + " " + flags + strings.TrimPrefix(text, path)
}

func child(of *cobra.Command, name string) *cobra.Command {
	for _, c := range of.Commands() {
		if c.Name() == name {
			return c
		}
	}
	return nil
}

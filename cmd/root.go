package cmd

import (
	"fmt"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/authoring"
	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/collect"
	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/doctor"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/kit"
	"github.com/pidledger/pidledger/cmd/ledger"
	"github.com/pidledger/pidledger/cmd/mcp"
	"github.com/pidledger/pidledger/cmd/published"
	"github.com/pidledger/pidledger/cmd/registry"
	"github.com/pidledger/pidledger/cmd/support"
	"github.com/pidledger/pidledger/cmd/terminal"
	"github.com/pidledger/pidledger/ingest/spelling"
)

// addTemplateFuncs adds the functions of the templates below. Cobra keeps them in a global map, so they are added once.
var addTemplateFuncs = sync.OnceFunc(func() { cobra.AddTemplateFunc("fit", terminal.Fitted) })

const usageTemplate = `Usage:{{if and .Runnable (not .HasAvailableSubCommands)}}
  {{.UseLine}}{{end}}{{if .HasAvailableSubCommands}}
  {{.CommandPath}} COMMAND{{end}}{{if .HasExample}}

Examples:
{{.Example}}{{end}}{{if .HasAvailableSubCommands}}{{$cmds := .Commands}}{{range $group := .Groups}}

{{.Title}}{{range $cmds}}{{if (and (eq .GroupID $group.ID) .IsAvailableCommand)}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}{{if not .AllChildCommandsHaveGroup}}

Commands:{{range $cmds}}{{if (and (eq .GroupID "") .IsAvailableCommand)}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

Flags:
{{.LocalFlags.FlagUsagesWrapped 80 | trimTrailingWhitespaces}}{{end}}{{if .HasAvailableInheritedFlags}}

Global flags:
{{.InheritedFlags.FlagUsagesWrapped 80 | trimTrailingWhitespaces}}{{end}}{{with index .Annotations "exit codes"}}

Exit codes:
{{. | trimTrailingWhitespaces}}{{end}}{{if .HasHelpSubCommands}}

Help topics:{{range .Commands}}{{if .IsAdditionalHelpTopicCommand}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableSubCommands}}

"{{.CommandPath}} COMMAND --help" tells more about a command.{{end}}
`

// helpTemplate is cobra's, with lines that fit a terminal.
const helpTemplate = `{{with (or .Long .Short)}}{{. | trimTrailingWhitespaces | fit}}

{{end}}{{if or .Runnable .HasSubCommands}}{{.UsageString}}{{end}}`

func newRootCommand(p *program) *cobra.Command {
	root := &cobra.Command{
		Use:   "pidledger",
		Short: "Which Azure usage did our software create, and through which channel?",
		Long: `pidledger tells an Azure partner which usage, in every customer subscription whose
exports it is given, was created by the partner's own software (customer usage
attribution, pid-GUID), and through which channel.

It reads export files, keeps what it read in a ledger, and writes reports.`,
		Example: `  pidledger run
  pidledger run --config /etc/pidledger.yaml --quiet
  pidledger run --source exports --registry registry.csv --report-dir reports`,
		Version:           versionLine(p.Build),
		Args:              cobra.ArbitraryArgs,
		SilenceErrors:     true,
		SilenceUsage:      true,
		Annotations:       map[string]string{cli.ExitNote: exit.Text()},
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: false},
		RunE:              cli.NeedCommand,
		PersistentPreRun: func(cmd *cobra.Command, _ []string) {
			p.Called, p.Command = cmd, strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()+" ")
		},
	}
	root.SetIn(p.In)
	root.SetOut(p.Out) // before the completion command is made, which keeps it
	root.SetErr(p.Err)
	flags := root.PersistentFlags()
	flags.StringVar(&p.ConfigFile, "config", "", "configuration `file` (default pidledger.yaml of the current folder)")
	if err := root.MarkPersistentFlagFilename("config", "yaml", "yml"); err != nil {
		root.PrintErrln(err)
	}
	p.Flags.Text(root, flags, "ledger", "ledger", "`folder` of the ledger", true)
	flags.BoolVar(&p.Quiet, "quiet", false, "no progress and no notes on standard error, only errors")

	root.Flags().Bool("version", false, "show the version") // cobra's own would have a shorthand
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetUsageTemplate(usageTemplate)
	addTemplateFuncs()
	root.SetHelpTemplate(helpTemplate)
	root.SetFlagErrorFunc(flagError)
	root.AddGroup(&cobra.Group{ID: cli.GroupJob, Title: "Nightly work:"}, &cobra.Group{ID: cli.GroupLook, Title: "Looking into it:"},
		&cobra.Group{ID: cli.GroupTool, Title: "Tools:"})
	root.AddCommand(
		newRunCommand(p), collect.Command(p.Program, p.app), kit.Command(p.Program), newDemoCommand(p), newIngestCommand(p), newReportCommand(p),
		support.Command(p.Program, p.app), newVersionCommand(p.Program))
	root.AddCommand(ledger.Commands(p.Program, p.app)...)
	root.AddCommand(published.Commands(p.Program, p.app)...)
	root.AddCommand(registry.Commands(p.Program, p.app)...)
	root.AddCommand(authoring.Commands(p.Program)...)
	root.AddCommand(mcp.Command(p.Program, p.app, glossary), doctor.Command(p.Program, p.app))
	for _, t := range topics {
		root.AddCommand(t.command())
	}
	root.SetHelpCommandGroupID(cli.GroupTool)
	addCompletion(root)
	return root
}

// help shows the help of a command or a topic.
func help(cmd *cobra.Command, args []string) error {
	target, rest, err := cmd.Root().Find(args)
	if err == nil && len(rest) == 0 {
		target.InitDefaultHelpFlag()
		return target.Help()
	}
	hint := "pidledger help, for the list of commands and topics"
	var names []string
	for _, c := range target.Commands() {
		names = append(names, c.Name())
	}
	if len(rest) > 0 {
		if near := spelling.Nearest(rest[0], names); near != "" {
			hint = target.CommandPath() + " " + near + " --help"
		}
	}
	return exit.Usagef(hint, "there is no help on %q", strings.Join(args, " "))
}

// addCompletion adds cobra's completion command and brings it into our form.
func addCompletion(root *cobra.Command) {
	root.SetCompletionCommandGroupID(cli.GroupTool)
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "help":
			c.Example = "  pidledger help run\n  pidledger help config"
			c.Run, c.RunE = nil, help
		case "completion":
			c.Short = "Write the completion script of a shell"
			c.Example = "  source <(pidledger completion bash)\n  pidledger completion zsh > \"${fpath[1]}/_pidledger\""
			c.Args = cobra.ArbitraryArgs
			c.RunE = cli.NeedCommand
			for _, shell := range c.Commands() {
				shell.Example = "  " + shell.CommandPath()
			}
		}
	}
}

// flagError makes what pflag complains about a usage error, with the flag that was probably meant.
func flagError(cmd *cobra.Command, err error) error {
	name, found := strings.CutPrefix(err.Error(), "unknown flag: --")
	if !found {
		return exit.Usagef("", "%v", err)
	}
	var names []string
	collect := func(line string) {
		for field := range strings.FieldsSeq(line) {
			if n, ok := strings.CutPrefix(field, "--"); ok {
				names = append(names, n)
			}
		}
	}
	collect(cmd.LocalFlags().FlagUsages())
	collect(cmd.InheritedFlags().FlagUsages())
	hint := ""
	if near := spelling.Nearest(name, names); near != "" {
		hint = "--" + near
	}
	return exit.Usagef(hint, "%s has no flag --%s", cmd.CommandPath(), name)
}

// configText is the help topic about the configuration.
func configText() string {
	return fmt.Sprintf(`The configuration comes from %s in the current folder, or from the
file named with --config or PIDLEDGER_CONFIG. Every key can also be set by an
environment variable: PIDLEDGER_ and the key in capitals with _ for the dot,
such as PIDLEDGER_REPORT_DIR or PIDLEDGER_ATTRIBUTION_CREDIT; lists are
separated by commas (PIDLEDGER_SOURCES holds paths). Flags win over variables,
variables over the file, the file over the defaults. Relative paths are relative
to the file; in variables and flags to the current folder.
Unknown keys are errors.

%s
Example:

  ledger: ledger
  registry: registry.csv
  exclusions: exclusions.csv
  sources:
    - path: exports
  report: {dir: reports, formats: [csv, parquet]}
  limits: {memory: 4GB}
`, config.Name, keysText())
}

// keysText describes every key of the configuration.
func keysText() string {
	var b strings.Builder
	for _, k := range config.Keys() {
		name := k.Name
		if k.Default != "" {
			name += " (default " + k.Default + ")"
		}
		b.WriteString("  " + name + "\n" + terminal.Indented(k.Meaning, "      "))
	}
	return b.String()
}

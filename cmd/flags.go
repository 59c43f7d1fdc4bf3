package cmd

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// enumFlag is a repeatable flag whose values come from one list: the help, the check and the completion are made from it.
type enumFlag struct {
	name   string
	values []string // allowed
	chosen []string
}

func (f *enumFlag) String() string { return strings.Join(f.chosen, ",") }
func (f *enumFlag) Type() string   { return strings.Join(f.values, "|") }

func (f *enumFlag) Set(text string) error {
	parts := splitList(text)
	if len(parts) == 0 {
		return errors.New("--" + f.name + " needs a value")
	}
	for _, p := range parts {
		v, err := oneOf("--"+f.name, p, f.values)
		if err != nil {
			return err
		}
		if !slices.Contains(f.chosen, v) {
			f.chosen = append(f.chosen, v)
		}
	}
	return nil
}

// add adds the flag to a command. completion of a flag that is there cannot fail.
func (f *enumFlag) add(cmd *cobra.Command, usage string) {
	cmd.Flags().Var(f, f.name, usage)
	complete := func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return f.values, cobra.ShellCompDirectiveNoFileComp
	}
	if err := cmd.RegisterFlagCompletionFunc(f.name, complete); err != nil {
		cmd.PrintErrln(err)
	}
}

// configFlags are the flags of one command that stand in for keys of the configuration, by key.
type configFlags struct {
	flags map[string]*pflag.Flag
}

// text adds a flag for a key with a plain value; kind is what completion offers: a folder or a file.
func (c *configFlags) text(cmd *cobra.Command, set *pflag.FlagSet, key, name, usage string, folder bool) {
	set.String(name, "", usage)
	c.put(key, set.Lookup(name))
	mark := cobra.MarkFlagFilename
	if folder {
		mark = func(f *pflag.FlagSet, name string, _ ...string) error { return cobra.MarkFlagDirname(f, name) }
	}
	if err := mark(set, name); err != nil {
		cmd.PrintErrln(err)
	}
}

func (c *configFlags) put(key string, f *pflag.Flag) {
	if c.flags == nil {
		c.flags = map[string]*pflag.Flag{}
	}
	c.flags[key] = f
}

// values adds the texts of the flags that were used.
func (c *configFlags) values(to map[string][]string) {
	for key, f := range c.flags {
		if !f.Changed {
			continue
		}
		switch v := f.Value.(type) {
		case *enumFlag:
			to[key] = v.chosen
		case pflag.SliceValue:
			to[key] = v.GetSlice()
		default:
			to[key] = []string{v.String()}
		}
	}
}

// addSource adds --source.
func (c *configFlags) addSource(cmd *cobra.Command) {
	cmd.Flags().StringArray("source", nil, "read exports from this `path` (file, folder or glob pattern; repeatable)")
	c.put("sources", cmd.Flags().Lookup("source"))
}

func (c *configFlags) addRegistry(cmd *cobra.Command) {
	c.text(cmd, cmd.Flags(), "registry", "registry", "`file` with the registered tracking ids", false)
}

// addLog adds --log-file.
func (c *configFlags) addLog(cmd *cobra.Command) {
	c.text(cmd, cmd.Flags(), "log.file", "log-file", "append a structured log (JSON lines) to this `file`", false)
}

// addReportDir adds --report-dir to a command that reads what was published.
func (c *configFlags) addReportDir(cmd *cobra.Command) {
	c.text(cmd, cmd.Flags(), "report.dir", "report-dir", "`folder` of the reports that the snapshot was published with", true)
}

// addReport adds --report-dir and --format.
func (c *configFlags) addReport(cmd *cobra.Command) {
	c.text(cmd, cmd.Flags(), "report.dir", "report-dir", "write the reports to this `folder`", true)
	f := &enumFlag{name: "format", values: findSetting("report.formats").values}
	f.add(cmd, "write the reports in this format (repeatable)")
	c.put("report.formats", cmd.Flags().Lookup("format"))
}

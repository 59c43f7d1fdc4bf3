package config

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Enum is a repeatable flag whose values come from one list, which help, validation and completion use.
type Enum struct {
	Name   string
	Values []string // allowed
	Chosen []string
}

func (f *Enum) String() string { return strings.Join(f.Chosen, ",") }
func (f *Enum) Type() string   { return strings.Join(f.Values, "|") }

func (f *Enum) Set(text string) error {
	parts := splitList(text)
	if len(parts) == 0 {
		return errors.New("--" + f.Name + " needs a value")
	}
	for _, p := range parts {
		v, err := OneOf("--"+f.Name, p, f.Values)
		if err != nil {
			return err
		}
		if !slices.Contains(f.Chosen, v) {
			f.Chosen = append(f.Chosen, v)
		}
	}
	return nil
}

// add adds the flag to a command. completion of a flag that is there cannot fail.
func (f *Enum) Add(cmd *cobra.Command, usage string) {
	cmd.Flags().Var(f, f.Name, usage)
	complete := func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return f.Values, cobra.ShellCompDirectiveNoFileComp
	}
	if err := cmd.RegisterFlagCompletionFunc(f.Name, complete); err != nil {
		cmd.PrintErrln(err)
	}
}

// Flags are the flags of one command that set keys of the configuration, by key.
type Flags struct {
	flags map[string]*pflag.Flag
}

// text adds a flag for a key with a plain value; kind is what completion offers: a folder or a file.
func (c *Flags) Text(cmd *cobra.Command, set *pflag.FlagSet, key, name, usage string, folder bool) {
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

func (c *Flags) put(key string, f *pflag.Flag) {
	if c.flags == nil {
		c.flags = map[string]*pflag.Flag{}
	}
	c.flags[key] = f
}

// values adds the texts of the flags that were used.
func (c *Flags) Values(to map[string][]string) {
	for key, f := range c.flags {
		if !f.Changed {
			continue
		}
		switch v := f.Value.(type) {
		case *Enum:
			to[key] = v.Chosen
		case pflag.SliceValue:
			to[key] = v.GetSlice()
		default:
			to[key] = []string{v.String()}
		}
	}
}

// addSource adds --source.
func (c *Flags) AddSource(cmd *cobra.Command) {
	cmd.Flags().StringArray("source", nil, "read exports from this `path` (file, folder or glob pattern; repeatable)")
	c.put("sources", cmd.Flags().Lookup("source"))
}

func (c *Flags) AddRegistry(cmd *cobra.Command) {
	c.Text(cmd, cmd.Flags(), "registry", "registry", "`file` with the registered tracking ids", false)
}

// addLog adds --log-file.
func (c *Flags) AddLog(cmd *cobra.Command) {
	c.Text(cmd, cmd.Flags(), "log.file", "log-file", "append a structured log (JSON lines) to this `file`", false)
}

// addReportDir adds --report-dir to a command that reads what was published.
func (c *Flags) AddReportDir(cmd *cobra.Command) {
	c.Text(cmd, cmd.Flags(), "report.dir", "report-dir", "`folder` of the reports whose snapshot is read", true)
}

// addReport adds --report-dir and --format.
func (c *Flags) AddReport(cmd *cobra.Command) {
	c.Text(cmd, cmd.Flags(), "report.dir", "report-dir", "write the reports to this `folder`", true)
	f := &Enum{Name: "format", Values: findSetting("report.formats").values}
	f.Add(cmd, "write the reports in this format (repeatable)")
	c.put("report.formats", cmd.Flags().Lookup("format"))
}

// addExclusions adds --exclusions.
func (c *Flags) AddExclusions(cmd *cobra.Command) {
	c.Text(cmd, cmd.Flags(), "exclusions", "exclusions", "`file` with the customers who opted out", false)
}

// AddCollect adds the flags of pidledger collect.
func (c *Flags) AddCollect(cmd *cobra.Command) {
	c.Text(cmd, cmd.Flags(), "collect.dir", "dir", "write to this `folder`, or az://account/container/folder", true)
	cmd.Flags().StringSlice("subscription", nil, "only the subscription of this `id` (repeatable)")
	c.put("collect.subscriptions", cmd.Flags().Lookup("subscription"))
	cmd.Flags().String("management-group", "", "only the management group of this `id`, and all below it")
	c.put("collect.management_group", cmd.Flags().Lookup("management-group"))
}

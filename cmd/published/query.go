package published

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/disk"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/shell"
	"github.com/pidledger/pidledger/cmd/terminal"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/spec"
	"github.com/pidledger/pidledger/report/write"
)

type queryOptions struct {
	file   string
	params []string
	format config.Enum
	output string
	list   bool
	exact  bool
	flags  config.Flags
}

func newQueryCommand(p *cli.Program) *cobra.Command {
	o := queryOptions{format: config.Enum{Name: "format", Values: write.ResultFormats}}
	cmd := &cobra.Command{
		Use:     "query 'SQL' | NAME",
		GroupID: cli.GroupLook,
		Short:   "Ask the published snapshot: SQL, or a query by its name",
		Long: `Runs one SELECT (DuckDB's SQL) on the snapshot that the last run published: every report,
attributed_usage row by row, and the evidence behind them. "pidledger sql" lists tables and
columns. The snapshot is read-only and never changes, so a query neither waits for a run nor
disturbs it; a query reads nothing else: no file, no network.

Values go into parameters: $month in the query, --param month=2026-03 on the command line.
--list shows the queries that have a name; own ones are files NAME.sql in the folder that
the configuration names with "queries:".

On the terminal amounts have two decimals, with --exact every digit, as they have in all formats
for programs. With -o the ending of the file tells the format:
.csv, .json, .jsonl, .md, .parquet, .arrow.`,
		Example: `  pidledger query 'select channel, currency, sum(effective_cost) from summary group by all'
  pidledger query top_customers --param month=2026-03
  pidledger query --list
  pidledger query -f mine.sql --param offer='Contoso Data Hub' -o offer.parquet`,
		Args:        cobra.ArbitraryArgs,
		Annotations: map[string]string{cli.ExitNote: exit.Text(exit.Done, exit.Failed, exit.Usage, exit.Interrupted)},
		RunE:        func(cmd *cobra.Command, args []string) error { return runQuery(cmd.Context(), p, &o, args) },
		ValidArgsFunction: cli.FirstOnly(func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var names []string
			for _, q := range o.named(p) {
				names = append(names, q.Name+"\t"+q.Title)
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		}),
	}
	flags := cmd.Flags()
	flags.StringVarP(&o.file, "file", "f", "", "read the query from this `file`; - is standard input")
	flags.StringArrayVar(&o.params, "param", nil, "value of a parameter of the query, `name=value` (repeatable)")
	o.format.Add(cmd, "format of the result (default table, or what the ending of -o says)")
	flags.StringVarP(&o.output, "output", "o", "", "write the result to this `file`, whole or not at all")
	flags.BoolVar(&o.exact, "exact", false, "amounts with every digit, not with two decimals")
	flags.BoolVar(&o.list, "list", false, "list the named queries; with a name, show its text")
	o.flags.AddReportDir(cmd)
	cli.CompleteFlag(cmd, "param", o.completeParam(p))
	return cmd
}

func runQuery(ctx context.Context, p *cli.Program, o *queryOptions, args []string) error {
	c, err := p.Config(o.flags)
	if err != nil {
		return err
	}
	if len(args) > 1 {
		return exit.Usagef("quote it: pidledger query 'select * from summary'", "the query is %d arguments, but must be one", len(args))
	}
	if o.list {
		return listQueries(p, c, args)
	}
	params, err := shell.ParseParams(o.params)
	if err != nil {
		return err
	}
	from, text, err := queryText(p, c, o, args, &params)
	if err != nil {
		return err
	}
	format, err := o.chooseFormat()
	if err != nil {
		return err
	}
	if err := checkOutput(p, c, o.output, format); err != nil {
		return err
	}
	defer terminal.OutlivePipes()()
	session, err := shell.Open(ctx, c)
	if err != nil {
		return err
	}
	defer session.Close()
	result, err := session.Query(ctx, text, params)
	if err != nil {
		if from != "" {
			err = fmt.Errorf("%s: %w", from, err)
		}
		return err
	}
	defer result.Close() //nolint:errcheck // the table goes with the reader
	if o.output != "" {
		err = disk.WriteWhole(o.output, 0o600, func(w io.Writer) error { return shell.WriteResult(w, format, result, write.ResultOptions{}) })
	} else {
		err = shell.WriteResult(p.Out, format, result, shell.ResultOptions(&p.Streams, o.exact))
		if errors.Is(err, syscall.EPIPE) {
			return nil // whoever reads it, such as head, has read enough
		}
	}
	if err != nil {
		return err
	}
	if (format == write.TableFormat || o.output != "") && !p.Quiet {
		fmt.Fprintln(p.Err, human.Plural(result.Rows(), "row"))
	}
	return nil
}

// queryText finds the text of the query that is asked for, and what to call it in messages; the defaults of a named one are added to
// the parameters.
func queryText(p *cli.Program, c config.Config, o *queryOptions, args []string, params *map[string]string) (name, text string, err error) {
	switch {
	case o.file != "" && len(args) > 0:
		return "", "", exit.Usagef("leave one of them out", "a query is given with -f and another as argument")
	case o.file == "-":
		data, err := io.ReadAll(p.In)
		return "", string(data), err
	case o.file != "":
		data, err := disk.ReadText(o.file)
		if err != nil {
			return "", "", exit.Usagef("name the file with the query after -f; - is standard input, for a pipe", "%v", err)
		}
		q, err := queries.ParseNamedQuery(o.file, string(data))
		if err != nil {
			return "", "", exit.Usagef("fix the header of the file", "%s: %v", o.file, err)
		}
		*params = q.Values(*params)
		return o.file, string(data), nil
	case len(args) == 0:
		return "", "", exit.Usagef("pidledger query 'select * from summary', or pidledger query --list", "no query is given")
	case !shell.IsName(args[0]):
		return "", args[0], nil
	}
	named, err := shell.Named(c)
	if err != nil {
		return "", "", err
	}
	q, err := shell.Find(named, args[0])
	if err != nil {
		return "", "", err
	}
	*params = q.Values(*params)
	return "query " + q.Name, q.Text, nil
}

// listQueries shows the named queries, or the text of one.
func listQueries(p *cli.Program, c config.Config, args []string) error {
	named, err := shell.Named(c)
	if err != nil {
		return err
	}
	if len(args) == 1 {
		q, err := shell.Find(named, args[0])
		if err != nil {
			return err
		}
		_, err = io.WriteString(p.Out, strings.TrimRight(q.Text, "\n")+"\n")
		return err
	}
	return shell.ListQueries(&p.Streams, named)
}

// chooseFormat takes the format that is named, else what the ending of the output file says.
func (o *queryOptions) chooseFormat() (string, error) {
	switch {
	case len(o.format.Chosen) > 1:
		return "", exit.Usagef("leave all but one out", "--format is given %d times", len(o.format.Chosen))
	case len(o.format.Chosen) == 1:
		return o.format.Chosen[0], nil
	case o.output == "":
		return write.TableFormat, nil
	}
	if format := write.FormatOf(o.output); format != "" {
		return format, nil
	}
	return "", exit.Usagef("--format "+spec.CSV, "the ending of %s tells no format", o.output)
}

// checkOutput refuses to write where a result does no good.
func checkOutput(p *cli.Program, c config.Config, output, format string) error {
	if output == "" {
		if f, ok := p.Out.(*os.File); ok && write.IsBinary(format) && term.IsTerminal(int(f.Fd())) {
			return exit.Usagef("-o result."+format+", or pipe it into a program", "the format %s is not for a terminal", format)
		}
		return nil
	}
	cwd, err := os.Getwd()
	if err != nil {
		return err
	}
	path := disk.Absolute(output, cwd)
	for _, dir := range []string{c.Report.Dir, c.Ledger} {
		if disk.Within(path, dir) {
			return exit.Usagef("write it somewhere else", "%s lies in %s, which pidledger replaces as a whole", output, dir)
		}
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
		return exit.Usagef("make the folder first", "there is no folder %s", filepath.Dir(output))
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return exit.Usagef("name a file in it", "%s is a folder", output)
	}
	return nil
}

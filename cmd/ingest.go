package cmd

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/night"
	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/report/human"
)

func newIngestCommand(p *program) *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:     "ingest",
		GroupID: cli.GroupJob,
		Short:   "Read what is new in the sources into the ledger",
		Long: `Reads what is new in the sources into the ledger and writes no reports. Files that the
ledger knows are not read again; an export run that a newer one replaced does not count.

With --only it reads ahead: just the usage in files that match, and puts it aside in the
folder of the ledger. Nothing counts yet. The next run takes what it finds there, on this or
any other machine, and reads the rest itself, so its result is the same as without. Several
machines that share the ledger's folder can read ahead at once.`,
		Example: `  pidledger ingest
  pidledger ingest --only 'exports/cost/*/202603*' --only exports/cost/old
  pidledger ingest --source exports --source /mnt/activity --ledger ledger`,
		Args:        cli.NoArgs,
		Annotations: map[string]string{cli.ExitNote: exit.Text()},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if len(o.only) > 0 {
				return p.readAhead(cmd.Context(), o)
			}
			return p.runNight(cmd.Context(), night.Reading, o)
		},
	}
	o.AddRegistry(cmd)
	o.AddSource(cmd)
	o.AddLog(cmd)
	cmd.Flags().BoolVar(&o.json, "json", false, "the summary as JSON")
	cmd.Flags().StringArrayVar(&o.only, "only", nil, "read ahead only the usage in files that match this `glob`: a path, or a folder above (repeatable)")
	return cmd
}

// readAhead is `ingest --only`.
func (p *program) readAhead(ctx context.Context, o runOptions) error {
	c, err := p.Config(o.Flags)
	if err != nil {
		return err
	}
	if err := p.StartLog(c); err != nil {
		return err
	}
	if err := c.CheckInputs(); err != nil {
		return err
	}
	call, done := p.Call(c)
	defer done()
	call.Progress.Stage("read ahead", "files")
	a, err := p.app.ReadAhead(ctx, call, o.only)
	if err != nil {
		return err
	}
	done()
	if o.json {
		err = p.WriteJSON(a)
	} else {
		err = p.showAhead(a)
	}
	if n := int64(len(a.Failed)); err == nil && n > 0 {
		err = &exit.PartialError{Msg: human.Were(n, "export run or file", "export runs or files") + " cannot be used", Hint: "pidledger run, which tries it again and says what to do"}
	}
	return err
}

func (p *program) showAhead(a *ingest.Ahead) error {
	out := human.NewPrinter(p.Out, p.Color(p.Out))
	var read []string
	for _, of := range []struct {
		n    int64
		noun string
	}{{a.Runs, "export run"}, {a.Files, "file"}} {
		if of.n > 0 {
			read = append(read, human.Plural(of.n, of.noun))
		}
	}
	if len(read) > 0 {
		out.Text(human.Plain, 0, fmt.Sprintf("Read ahead: %s (%s), %s, %s rejected.",
			strings.Join(read, " and "), human.Bytes(a.Bytes), human.Plural(a.Rows, "row"), human.Thousands(a.Rejected)))
	} else {
		out.Text(human.Plain, 0, "Nothing to read ahead.")
	}
	for _, f := range a.Failed {
		out.Text(human.Red, 2, human.Clean(f.Path+": failed, "+f.Reason))
	}
	for _, left := range []struct {
		n         int64
		one, many string
	}{
		{a.Before, "export run or file that matches was read before", "export runs or files that match were read before"},
		{a.Waiting, "export run is not complete yet", "export runs are not complete yet"},
		{a.Other, "file holds no usage: the next run reads it", "files hold no usage: the next run reads them"},
	} {
		if left.n > 0 {
			out.Text(human.Dim, 2, human.Were(left.n, left.one, left.many))
		}
	}
	if len(read) > 0 {
		out.Text(human.Plain, 0, "It counts as soon as "+p.Suggest("pidledger run")+" has taken it.")
	}
	return out.Err()
}

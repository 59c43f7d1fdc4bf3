package registry

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/setup"
	"github.com/pidledger/pidledger/ingest/registry"
	"github.com/pidledger/pidledger/report/human"
)

type initOptions struct {
	partner string
	offered
}

func newInitCommand(p *cli.Program) *cobra.Command {
	var o initOptions
	cmd := &cobra.Command{
		Use:     "init [FOLDER]",
		GroupID: cli.GroupJob,
		Short:   "Begin: settings, a registry with fresh ids, and folders",
		Long: `Writes what the first run needs into a folder, the current one if none is named: pidledger.yaml
with every setting and its meaning, registry.csv with a fresh tracking id for each offer and
channel, exclusions.csv, and folders for exports. What is there already is never overwritten.

It then says which commands get the exports, and what to do with the ids. On a terminal it asks for
what the flags leave open.`,
		Example: `  pidledger init
  pidledger init contoso --partner Contoso --mpn 1234567 --offers 'Contoso Edge' --channels marketplace,github`,
		Args:        cli.FolderArg,
		Annotations: map[string]string{cli.ExitNote: exit.Text(exit.Done, exit.Failed, exit.Usage)},
		RunE:        func(cmd *cobra.Command, args []string) error { return runInit(p, o, args) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.partner, "partner", "", "`name` of the partner, as customers know it")
	o.add(flags)
	return cmd
}

func runInit(p *cli.Program, o initOptions, args []string) error {
	const usage = "pidledger init --mpn 1234567 --offers 'Contoso Edge' --channels marketplace,github"
	folder := "."
	if len(args) > 0 {
		folder = args[0]
	}
	if err := setup.Free(folder); err != nil {
		return initError(folder, err)
	}
	if in, ok := p.In.(*os.File); ok && term.IsTerminal(int(in.Fd())) {
		if err := o.ask(in, p.Err); err != nil {
			return err
		}
	}
	if err := o.check(usage); err != nil {
		return err
	}
	partner := setup.Partner{Name: human.Clean(strings.TrimSpace(o.partner)), MPNID: o.mpn, Offers: o.offers, SKUs: o.skus, Channels: o.channels}
	files, ids, err := setup.Files(partner, p.Now().UTC().Truncate(24*time.Hour), rand.Reader)
	if err != nil {
		return err
	}
	if err := setup.Write(folder, files); err != nil {
		return initError(folder, err)
	}
	return showInit(p, folder, files, ids)
}

// initError says what to do about a folder that is in use.
func initError(folder string, err error) error {
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	hint := "name another folder: pidledger init FOLDER"
	if _, none := os.Stat(filepath.Join(folder, setup.Settings)); none == nil {
		hint = "pidledger run in that folder, which was begun already, or " + hint
	}
	return exit.Usagef(hint, "%v; nothing was written", err)
}

// ask asks for what was not given. The end of the input leaves the rest open.
func (o *initOptions) ask(in io.Reader, out io.Writer) error {
	lines := bufio.NewScanner(in)
	for _, q := range []struct {
		question string
		text     *string
		list     *[]string
	}{
		{"Name of your company, as customers know it", &o.partner, nil},
		{"MPN ID (Partner Center, account settings)", &o.mpn, nil},
		{"Offers, separated by commas", nil, &o.offers},
		{"Channels, separated by commas (such as marketplace, github, quickstart, direct)", nil, &o.channels},
	} {
		if q.text != nil && *q.text != "" || q.list != nil && len(*q.list) > 0 {
			continue
		}
		fmt.Fprint(out, q.question, ": ")
		if !lines.Scan() {
			fmt.Fprintln(out)
			return lines.Err()
		}
		if q.text != nil {
			*q.text = lines.Text()
		} else {
			*q.list = strings.Split(lines.Text(), ",")
		}
	}
	return nil
}

// showInit tells what was written, and the next steps.
func showInit(p *cli.Program, folder string, files []setup.File, ids []registry.Registration) error {
	var b strings.Builder
	t := &human.Table{}
	for _, f := range files {
		t.Row(human.Plain, filepath.Join(folder, f.Name), f.Meaning)
	}
	t.Row(human.Plain, filepath.Join(folder, setup.Exports)+string(filepath.Separator), "put exports here")
	printer := human.NewPrinter(&b, p.Color(p.Out))
	printer.Table(t)
	printer.Section("1. Put the ids into what you ship")
	t = &human.Table{}
	for _, r := range ids {
		t.Row(human.Plain, "pid-"+r.TrackingID, registry.Cell{Offer: r.Offer, SKU: r.SKU, Channel: r.Channel}.String())
	}
	printer.Table(t)
	printer.Line(human.Bold, "  pidledger template tag --help")
	printer.Line(human.Bold, "  pidledger snippet --help")
	printer.Section("2. Get exports of a subscription that runs it")
	if folder != "." {
		printer.Line(human.Bold, "  cd "+human.ShellWord(folder))
	}
	for _, command := range setup.Commands(p.Now()) {
		printer.Line(human.Bold, "  "+command)
	}
	printer.Line(human.Plain, "  Every night, and what else is read: pidledger help exports")
	printer.Section("3. Run it, and open reports/report.html")
	printer.Line(human.Bold, "  pidledger run")
	_, err := io.WriteString(p.Out, b.String())
	return err
}

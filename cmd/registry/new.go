package registry

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/ingest/registry"
)

type registryNewOptions struct {
	config.Flags
	offered
	print bool
}

// offered is what ids are made for: one for each offer, SKU and channel.
type offered struct {
	offers, skus, channels []string
	mpn                    string
}

func (o *offered) add(flags *pflag.FlagSet) {
	flags.StringSliceVar(&o.offers, "offers", nil, "`offers`, separated by commas (needed)")
	flags.StringSliceVar(&o.skus, "skus", nil, "`SKUs` or plans, separated by commas; without it an id stands for the whole offer")
	flags.StringSliceVar(&o.channels, "channels", nil, "distribution `channels`, separated by commas (needed)")
	flags.StringVar(&o.mpn, "mpn", "", "MPN `id` that the ids belong to (needed)")
}

func newRegistryNewCommand(p *cli.Program) *cobra.Command {
	var o registryNewOptions
	cmd := &cobra.Command{
		Use:   "new",
		Short: "Make tracking ids for offers and channels and add them to the file",
		Long: `Makes one random GUID for each offer, SKU and channel that has none in force, and adds them to the
registry file; what is there stays as it is. The lines that were added go to standard output.
Register the ids in Partner Center, too. An Azure application of the Marketplace gets its id from
Partner Center: put that in place of the GUID made here.
A value with a comma needs quotes: --offers '"Contoso Edge, Gateway",Contoso'.`,
		Example: `  pidledger registry new --offers 'Contoso Edge' --channels github,direct --mpn 1234567
  pidledger registry new --offers A,B --skus basic,pro --channels marketplace --mpn 1234567 --print`,
		Args:        cli.NoArgs,
		Annotations: map[string]string{cli.ExitNote: exit.Text(exit.Done, exit.Failed, exit.Usage)},
		RunE:        func(cmd *cobra.Command, _ []string) error { return runRegistryNew(cmd.Context(), p, o) },
	}
	o.AddRegistry(cmd)
	o.add(cmd.Flags())
	cmd.Flags().BoolVar(&o.print, "print", false, "only print the lines, change nothing")
	completeFields(p, cmd, &o.Flags, map[string]func(registry.Registration) string{"offers": offerOf, "skus": skuOf, "channels": channelOf, "mpn": mpnOf})
	return cmd
}

// check cleans the values up and says what is missing; usage is a call that has it all.
func (o *offered) check(usage string) error {
	mpn := []string{o.mpn}
	for _, f := range []struct {
		name string
		list *[]string
		need bool
	}{{"--offers", &o.offers, true}, {"--skus", &o.skus, false}, {"--channels", &o.channels, true}, {"--mpn", &mpn, true}} {
		list, err := cli.Values(f.name, *f.list)
		if err != nil {
			return err
		}
		if *f.list = list; f.need && len(list) == 0 {
			return exit.Usagef(usage, "%s is needed", f.name)
		}
	}
	o.mpn = mpn[0]
	for _, c := range o.channels {
		if like := registry.ChannelTypo(c); like != "" {
			return exit.Usagef("--channels "+like, "channel %q is not one of the usual words, but looks like one", c)
		}
	}
	return nil
}

func runRegistryNew(ctx context.Context, p *cli.Program, o registryNewOptions) error {
	if err := o.check("pidledger registry new --offers A,B --channels marketplace,github --mpn 1234567"); err != nil {
		return err
	}
	r, err := openRegistry(ctx, p, o.Flags, o.print)
	if err != nil {
		return err
	}
	today := p.Now().UTC().Truncate(24 * time.Hour)
	free, held := registry.Free(registry.Cells(o.offers, o.skus, o.channels), o.mpn, r.ids, today)
	for _, h := range held {
		p.Note("%s has %s (line %d)", registry.Cell{Offer: h.Offer, SKU: h.SKU, Channel: h.Channel}, h.TrackingID, h.Line)
	}
	made, err := registry.Make(free, o.mpn, today, rand.Reader)
	if err != nil {
		return err
	}
	lines, err := r.lines(made, registry.Append, len(made) > 0)
	if err != nil {
		return err
	}
	if len(made) > 0 || o.print && len(r.text) == 0 {
		if _, err := p.Out.Write(lines); err != nil {
			return err
		}
	}
	if !o.print {
		p.Note("%s: %d added", r.name, len(made))
	}
	return nil
}

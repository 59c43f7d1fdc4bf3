package registry

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/ingest/registry"
	"github.com/pidledger/pidledger/ingest/token"
)

type registryAddOptions struct {
	config.Flags
	mpn, offer, sku, channel, description, since string
}

func newRegistryAddCommand(p *cli.Program) *cobra.Command {
	var o registryAddOptions
	cmd := &cobra.Command{
		Use:   "add GUID",
		Short: "Add one tracking id that is already in use to the file",
		Long: `Adds one line to the registry file: a tracking id that a template or program already carries, and
what it stands for. What is in the file stays as it is. The id counts from its first request on,
unless --since names the day from which it does. New ids come from registry new.`,
		Example: `  pidledger registry add 2d2c8a4e-3f0b-4a52-9a3e-0d3c9c1b7f10 --mpn 1234567 --offer 'Contoso Edge' --channel github
  pidledger registry add pid-2d2c8a4e-3f0b-4a52-9a3e-0d3c9c1b7f10-partnercenter --mpn 1234567 \
    --offer 'Contoso Edge' --sku pro --channel marketplace --since 2026-05-01`,
		Args:        cobra.ArbitraryArgs,
		Annotations: map[string]string{cli.ExitNote: exit.Text(exit.Done, exit.Failed, exit.Usage)},
		RunE:        func(cmd *cobra.Command, args []string) error { return runRegistryAdd(cmd.Context(), p, o, args) },
	}
	o.AddRegistry(cmd)
	flags := cmd.Flags()
	flags.StringVar(&o.mpn, "mpn", "", "MPN `id` that the usage belongs to (needed)")
	flags.StringVar(&o.offer, "offer", "", "`offer` that carries the tracking id (needed)")
	flags.StringVar(&o.sku, "sku", "", "`SKU` or plan of the offer")
	flags.StringVar(&o.channel, "channel", "", "distribution `channel`, such as marketplace or github (needed)")
	flags.StringVar(&o.description, "description", "", "`text` for those who read the file")
	flags.StringVar(&o.since, "since", "", "first `day` whose requests count (YYYY-MM-DD); without it all do")
	cmd.ValidArgsFunction = cli.FirstOnly(p.Complete(&config.Flags{}, cli.Unregistered))
	completeFields(p, cmd, &o.Flags, map[string]func(registry.Registration) string{"offer": offerOf, "sku": skuOf, "channel": channelOf, "mpn": mpnOf})
	return cmd
}

// registration checks what was given.
func (o *registryAddOptions) registration(args []string) (r registry.Registration, err error) {
	const usage = "pidledger registry add GUID --mpn 1234567 --offer 'Contoso Edge' --channel github"
	if len(args) != 1 {
		return r, exit.Usagef(usage, "one tracking id is needed, not %d", len(args))
	}
	id := token.Normalise(args[0])
	if id.Reason != "" {
		return r, exit.Usagef(usage, "%q is not a tracking id: %s", args[0], id.Reason)
	}
	r.TrackingID = id.ID
	for _, f := range []struct {
		flag, given string
		to          *string
		need        bool
	}{
		{"--mpn", o.mpn, &r.MPNID, true}, {"--offer", o.offer, &r.Offer, true}, {"--sku", o.sku, &r.SKU, false},
		{"--channel", o.channel, &r.Channel, true}, {"--description", o.description, &r.Description, false},
	} {
		list, err := cli.Values(f.flag, []string{f.given})
		switch {
		case err != nil:
			return r, err
		case len(list) > 0:
			*f.to = list[0]
		case f.need:
			return r, exit.Usagef(usage, "%s is needed", f.flag)
		}
	}
	if like := registry.ChannelTypo(r.Channel); like != "" {
		return r, exit.Usagef("--channel "+like, "channel %q is not one of the usual words, but looks like one", r.Channel)
	}
	if o.since != "" {
		if r.RegisteredAt, err = time.Parse(time.DateOnly, o.since); err != nil || r.RegisteredAt.Year() < 2000 {
			return r, exit.Usagef("--since 2026-05-01", "--since: %q is not a day", o.since)
		}
	}
	return r, nil
}

func runRegistryAdd(ctx context.Context, p *cli.Program, o registryAddOptions, args []string) error {
	r, err := o.registration(args)
	if err != nil {
		return err
	}
	file, err := openRegistry(ctx, p, o.Flags, false)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(file.ids, func(have registry.Registration) bool { return have.TrackingID == r.TrackingID }); i >= 0 {
		return exit.Usagef("correct the line there", "%s is in %s already, on line %d", r.TrackingID, file.name, max(file.ids[i].Line, file.ids[i].Record))
	}
	lines, err := file.lines([]registry.Registration{r}, registry.AppendAll, true)
	if err != nil {
		return err
	}
	if _, err := p.Out.Write(lines); err != nil {
		return err
	}
	p.Note("next: %s. It gives the id all usage that it owns", p.Suggest("pidledger run"))
	return nil
}

package published

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/shell"
	"github.com/pidledger/pidledger/queries"
)

// paramKinds are what the parameters of named queries hold, by their names.
var paramKinds = map[string]string{
	"month": cli.Month, "offer": cli.Offer, "channel": cli.Channel, "currency": cli.Currency, "mpn_id": cli.MPN,
	"tracking_id": cli.TrackingID, "customer": cli.Subscription, "subscription_id": cli.Subscription,
}

// named are the queries that have a name, for completion: those of the program when the configuration cannot be read.
func (o *queryOptions) named(p *cli.Program) []*queries.NamedQuery {
	p.Quiet = true
	if c, err := p.Config(o.flags); err == nil {
		if named, err := shell.Named(c); err == nil {
			return named
		}
	}
	return queries.Catalog()
}

// completeParam offers the parameters of the query that is named, and after the = their values.
func (o *queryOptions) completeParam(p *cli.Program) cli.Completion {
	return func(cmd *cobra.Command, args []string, word string) (offered []string, _ cobra.ShellCompDirective) {
		name, value, found := strings.Cut(word, "=")
		if found {
			for _, v := range cli.Offered(p.Known(cmd.Context(), o.flags, paramKinds[name]), value) {
				offered = append(offered, name+"="+v)
			}
			return offered, cobra.ShellCompDirectiveNoFileComp
		}
		for _, q := range o.named(p) {
			if len(args) == 0 || q.Name != args[0] {
				continue
			}
			for _, param := range q.Params {
				offered = append(offered, param.Name+"=\t"+param.Meaning)
			}
		}
		return offered, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

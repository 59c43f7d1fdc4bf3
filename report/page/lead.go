package page

import (
	"math/big"
	"slices"

	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/lead"
	"github.com/pidledger/pidledger/report/spec"
	"github.com/pidledger/pidledger/report/summary"
)

// meanings explain statuses and reasons, and what can be done about them.
var meanings = map[string][2]string{
	"attributed":     {"a registered tracking id owns it", ""},
	"late":           {"its tracking id was registered only after the deployment", "Correct registered_at in the registry, or set attribution.retroactive."},
	"unregistered":   {"its tracking id is not, or no longer, in the registry", "Add the ids that are yours to the registry."},
	"system":         {"it carries only a tool's own id", "Nothing, unless you use that tool for your own deployments: then set your id in it."},
	"preexisting":    {"the resource was tagged later than it was created", "Nothing: only new deployments count."},
	"malformed":      {"the deployment carried only ids with a wrong form", "Fix the ids in the templates; see Malformed ids."},
	"no_resource_id": {"the charge names no resource", "Nothing: the export does not say what it is for."},
	"no_evidence":    {"no export says who created the resource", "Deliver deployments, operations, activity logs or resource changes of these subscriptions."},
	"untagged":       {"the resource was created without any tracking id", "Nothing, if others created it; else tag the template that did."},
	"deleted":        {"the usage is dated after the resource was deleted", "Nothing, unless a new deployment of it is missing from the exports."},
	"moved":          {"the resource was moved here, from where is not known", "Deliver the activity logs of the time of the move."},
	"excluded":       {"the customer opted out; only the total is shown", "Nothing."},
	"not_usage":      {"purchases, refunds, taxes and credits: no usage", ""},
}

// causeOrder is the order of the coverage table.
var causeOrder = slices.Concat([]string{"late", "unregistered", "system", "preexisting", "malformed"}, summary.ReasonOrder, []string{"excluded"})

// lead answers in words: which channel leads, by how much, what is not attributed and why.
func (b *builder) lead(s *section) []lead.Sentence {
	f := lead.Facts{
		Currency: s.name, Month: b.view.Month, AllCost: new(big.Int), Usage: s.usage(b.view.Month).cost, Attributed: s.status(b.view.Month, "attributed"),
		Causes: lead.Rank(s.causes(b.view.Month)), OnlyUsage: b.view.Run.OnlyUsage,
	}
	for _, c := range s.channels {
		if c.Cost != nil {
			f.Channels, f.AllCost = append(f.Channels, lead.Part{Name: c.Channel, Cost: units(c.Cost)}), c.AllCost.BigInt()
		}
	}
	return lead.Sentences(f)
}

func (b *builder) figures(s *section) []figureView {
	month, earlier := b.view.Month, b.view.Before
	attributed, before := s.status(month, "attributed"), s.status(earlier, "attributed")
	cost := figureView{Name: "Attributed effective cost", Text: human.Rounded(decimal(attributed)) + " " + s.name, Title: string(decimal(attributed))}
	if g := lead.GrowthOf(attributed, before); earlier != "" && g != "" {
		cost.Change = growthText(g) + " since " + earlier
	}
	part := lead.RatioOf(attributed, s.usage(month).cost)
	share := figureView{Name: "Share of all usage", Text: percent(part), Title: part}
	if old := lead.RatioOf(before, s.usage(earlier).cost); earlier != "" && old != "" && part != "" {
		moved := new(big.Rat).Sub(spec.Amount(part).Rat(), spec.Amount(old).Rat())
		share.Change = signed(lead.Points(lead.Decimals(moved)), moved.Sign()) + " since " + earlier
	}
	count := func(name string, of func(figuresRow) int64, title string) figureView {
		n := of(s.figures[month])
		v := figureView{Name: name, Text: human.Thousands(n), Title: title}
		switch d := n - of(s.figures[earlier]); {
		case earlier == "":
		case d > 0:
			v.Change = "+" + human.Thousands(d) + " since " + earlier
		case d < 0:
			v.Change = human.Thousands(d) + " since " + earlier
		default:
			v.Change = "as in " + earlier
		}
		return v
	}
	return []figureView{
		cost, share,
		count("Customers", func(r figuresRow) int64 { return r.Customers }, "tenants with attributed usage, and subscriptions whose tenant nobody names"),
		count("Subscriptions", func(r figuresRow) int64 { return r.Subscriptions }, "subscriptions with attributed usage"),
		count("Resources", func(r figuresRow) int64 { return r.Resources }, "resources with attributed usage, counted for each tracking id"),
		count("Tracking ids live", func(r figuresRow) int64 { return r.IDs }, "registered tracking ids with attributed usage in the month"),
	}
}

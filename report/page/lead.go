package page

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"

	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/spec"
	"github.com/pidledger/pidledger/report/summary"
)

// clauses say why usage is not attributed, as the end of a sentence: 28 % ... The keys are statuses and reasons.
var clauses = map[string]string{
	"late":           "carries an id that was registered only after the deployment",
	"unregistered":   "carries an id that is not in the registry",
	"system":         "carries only a tool's own id",
	"preexisting":    "was tagged later than it was created",
	"malformed":      "carries only malformed ids",
	"no_resource_id": "names no resource",
	"no_evidence":    "has no export that says who created it",
	"untagged":       "was created without a tracking id",
	"deleted":        "is dated after its resource was deleted",
	"moved":          "was moved from an unknown place",
	"excluded":       "is of customers who opted out",
}

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
func (b *builder) lead(s *section) []sentence {
	month := b.view.Month
	var channels []channelRow
	sum := new(big.Int)
	for _, c := range s.channels {
		if c.Cost != nil {
			channels, sum = append(channels, c), c.AllCost.BigInt()
		}
	}
	strong := func(text string) phrase { return phrase{Text: text, Strong: true} }
	plain := func(format string, args ...any) phrase { return phrase{Text: fmt.Sprintf(format, args...)} }
	money := func(n *big.Int) phrase {
		return phrase{Text: human.Rounded(decimal(n)) + " " + s.name, Title: string(decimal(n))}
	}
	cost := func(i int) *big.Int { return units(channels[i].Cost) }
	name := func(i int) string { return channelName(channels[i].Channel) }
	var out []sentence
	switch {
	case len(channels) == 0 || sum.Sign() <= 0:
		out = append(out, sentence{strong("Nothing"), plain(" is attributed in %s.", month)})
		if b.view.Run.OnlyUsage {
			out = []sentence{{strong("Nothing can be attributed"), plain(": there is usage, but no evidence of who created it. Deployments, deployment operations, activity logs or request logs of the subscriptions are needed.")}}
		}
	case len(channels) == 1:
		out = append(out, sentence{plain("All attributed usage in %s, ", month), money(sum), plain(", came through "), strong(name(0)), plain(".")})
	case cost(0).Cmp(cost(1)) == 0:
		out = append(out, sentence{strong(name(0)), plain(" and "), strong(name(1)),
			plain(" are level in %s, each with ", month), strong(percent(ratioOf(cost(0), sum))), plain(" of attributed usage.")})
	default:
		ahead := new(big.Int).Sub(cost(0), cost(1))
		out = append(out, sentence{strong(name(0)), plain(" leads with "), strong(percent(ratioOf(cost(0), sum))),
			plain(" of attributed usage in %s (", month), money(cost(0)), plain("), "), strong(points(ratioOf(ahead, sum))),
			plain(" ahead of %s (%s).", name(1), percent(ratioOf(cost(1), sum)))})
	}
	usage := s.usage(month).cost
	missing := new(big.Int).Sub(usage, s.status(month, "attributed"))
	if usage.Sign() <= 0 {
		return out
	}
	if missing.Sign() == 0 {
		return append(out, sentence{strong("All spend is attributed.")})
	}
	why := sentence{strong(percent(ratioOf(missing, usage))), plain(" of spend is not attributed ("), money(missing), plain(" of "), money(usage), plain(")")}
	causes := rank(s.causes(month))
	for i, cause := range causes[:min(len(causes), 3)] {
		if cause.cost.Sign() <= 0 {
			break
		}
		between := ", "
		if i == 0 {
			between = ": "
		}
		why = append(why, plain("%s", between), strong(percent(ratioOf(cause.cost, usage))), plain(" %s", cmp.Or(clauses[cause.name], "has the status "+cause.name)))
	}
	return append(out, append(why, plain(".")))
}

func (b *builder) figures(s *section) []figureView {
	month, earlier := b.view.Month, b.view.Before
	attributed, before := s.status(month, "attributed"), s.status(earlier, "attributed")
	cost := figureView{Name: "Attributed effective cost", Text: human.Rounded(decimal(attributed)) + " " + s.name, Title: string(decimal(attributed))}
	if g := growthOf(attributed, before); earlier != "" && g != "" {
		cost.Change = growthText(g) + " since " + earlier
	}
	part := ratioOf(attributed, s.usage(month).cost)
	share := figureView{Name: "Share of all usage", Text: percent(part), Title: part}
	if old := ratioOf(before, s.usage(earlier).cost); earlier != "" && old != "" && part != "" {
		moved := new(big.Rat).Sub(spec.Amount(part).Rat(), spec.Amount(old).Rat())
		share.Change = signed(points(decimals(moved)), moved.Sign()) + " since " + earlier
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

// Package lead says the answer of one currency and month in words: which channel leads, how much is not attributed, and why. The page and the
// summary begin with the same sentences.
package lead

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/spec"
)

// Part is a name with an amount x 10^18.
type Part struct {
	Name string
	Cost *big.Int
}

// Facts are what the sentences are made of. Amounts are effective cost x 10^18 in one currency.
type Facts struct {
	Currency   string // for people
	Month      string
	Channels   []Part   // the largest first: all, or at least the first two when there are more
	AllCost    *big.Int // of all channels
	Usage      *big.Int // of all statuses but not_usage
	Attributed *big.Int
	Causes     []Part // statuses, and reasons of unattributed usage, the largest first
	OnlyUsage  bool   // nothing was delivered that could carry a tracking id
}

// Sentence is made of phrases.
type Sentence []Phrase

// Phrase is a part of a sentence.
type Phrase struct {
	Text   string
	Title  string // with every digit, where Text is rounded
	Strong bool
}

// String is the sentence in plain text. Blanks that must not be broken stay.
func (s Sentence) String() string {
	var b strings.Builder
	for _, p := range s {
		b.WriteString(p.Text)
	}
	return b.String()
}

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

// Sentences says the answer.
func Sentences(f Facts) []Sentence {
	out := f.channels()
	missing := new(big.Int).Sub(f.Usage, f.Attributed)
	if f.Usage.Sign() <= 0 {
		return out
	}
	if missing.Sign() == 0 {
		return append(out, Sentence{strong("All spend is attributed.")})
	}
	why := Sentence{strong(f.percent(missing, f.Usage)), plain(" of spend is not attributed ("), f.money(missing), plain(" of "), f.money(f.Usage), plain(")")}
	for i, cause := range f.Causes[:min(len(f.Causes), 3)] {
		if cause.Cost.Sign() <= 0 {
			break
		}
		between := ", "
		if i == 0 {
			between = ": "
		}
		why = append(why, plain("%s", between), strong(f.percent(cause.Cost, f.Usage)), plain(" %s", cmp.Or(clauses[cause.Name], "has the status "+cause.Name)))
	}
	return append(out, append(why, plain(".")))
}

// channels says which channel leads, and by how much.
func (f Facts) channels() []Sentence {
	name := func(i int) string { return ChannelName(f.Channels[i].Name) }
	cost := func(i int) *big.Int { return f.Channels[i].Cost }
	switch {
	case f.OnlyUsage && f.none():
		return []Sentence{{strong("Nothing can be attributed"), plain(": there is usage, but no evidence of who created it. Deployments, deployment operations, activity logs or request logs of the subscriptions are needed.")}}
	case f.none():
		return []Sentence{{strong("Nothing"), plain(" is attributed in %s.", f.Month)}}
	case len(f.Channels) == 1:
		return []Sentence{{plain("All attributed usage in %s, ", f.Month), f.money(f.AllCost), plain(", came through "), strong(name(0)), plain(".")}}
	case cost(0).Cmp(cost(1)) == 0:
		return []Sentence{{strong(name(0)), plain(" and "), strong(name(1)),
			plain(" are level in %s, each with ", f.Month), strong(f.percent(cost(0), f.AllCost)), plain(" of attributed usage.")}}
	}
	ahead := new(big.Int).Sub(cost(0), cost(1))
	return []Sentence{{strong(name(0)), plain(" leads with "), strong(f.percent(cost(0), f.AllCost)),
		plain(" of attributed usage in %s (", f.Month), f.money(cost(0)), plain("), "), strong(Points(RatioOf(ahead, f.AllCost))),
		plain(" ahead of %s (%s).", name(1), f.percent(cost(1), f.AllCost))}}
}

func (f Facts) none() bool { return len(f.Channels) == 0 || f.AllCost.Sign() <= 0 }

// Leaders are the names of the channels that lead: two when they are level, none when nothing is attributed.
func (f Facts) Leaders() (names []string) {
	for i := range f.Channels {
		if f.none() || f.Channels[i].Cost.Cmp(f.Channels[0].Cost) != 0 {
			break
		}
		names = append(names, ChannelName(f.Channels[i].Name))
	}
	return names
}

func (f Facts) percent(part, whole *big.Int) string {
	return Unbroken(human.Percent(RatioOf(part, whole)))
}

func (f Facts) money(n *big.Int) Phrase {
	amount := spec.AmountOf(n)
	return Phrase{Text: human.Rounded(amount) + " " + f.Currency, Title: string(amount)}
}

func strong(text string) Phrase { return Phrase{Text: text, Strong: true} }

func plain(format string, args ...any) Phrase { return Phrase{Text: fmt.Sprintf(format, args...)} }

// ChannelName is the name of a channel for people.
func ChannelName(name string) string {
	if name == "" {
		return "no channel"
	}
	return human.Clean(name)
}

// Unbroken writes a percentage with a blank that does not break.
func Unbroken(percent string) string { return strings.Replace(percent, " %", "\u00a0%", 1) }

// Points writes a ratio as percentage points.
func Points(ratio string) string {
	text := strings.TrimSuffix(human.Percent(ratio), " %")
	if text == "1.0" {
		return "1.0 point"
	}
	return text + " points"
}

// RatioOf gives a part of a whole with up to 18 decimals; empty when the whole is not above zero.
func RatioOf(part, whole *big.Int) string {
	if part == nil || whole == nil || whole.Sign() <= 0 {
		return ""
	}
	return Decimals(new(big.Rat).SetFrac(part, whole))
}

// Decimals writes a ratio without zeros at its end.
func Decimals(r *big.Rat) string {
	return strings.TrimRight(strings.TrimRight(r.FloatString(18), "0"), ".")
}

// GrowthOf gives (now - before) / before; empty when there is nothing before to compare with.
func GrowthOf(now, before *big.Int) string {
	if before == nil || before.Sign() <= 0 {
		return ""
	}
	if now == nil {
		now = new(big.Int)
	}
	return RatioOf(new(big.Int).Sub(now, before), before)
}

// Rank sorts names by amount, the largest first.
func Rank(m map[string]*big.Int) []Part {
	var out []Part
	for name, cost := range m {
		out = append(out, Part{name, cost})
	}
	slices.SortFunc(out, func(a, b Part) int { return cmp.Or(b.Cost.Cmp(a.Cost), cmp.Compare(a.Name, b.Name)) })
	return out
}

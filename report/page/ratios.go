package page

import (
	"cmp"
	"math/big"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/spec"
)

// percent is Percent for a page: a blank that does not break, and what is not all never looks like all.
func percent(ratio string) string {
	text := human.Percent(ratio)
	if text == "100.0 %" {
		switch spec.Amount(ratio).Rat().Cmp(big.NewRat(1, 1)) {
		case -1:
			text = ">99.9 %"
		case 1:
			text = ">100.0 %"
		}
	}
	return grouped(text)
}

// grouped writes a percentage with a comma between thousands, and a blank that does not break.
func grouped(text string) string {
	number, ok := strings.CutSuffix(text, " %")
	if !ok {
		return text
	}
	sign := number[:len(number)-len(strings.TrimLeft(number, "<>+-"))]
	whole, frac, _ := strings.Cut(number[len(sign):], ".")
	return sign + human.Group(whole) + "." + frac + "\u00a0%"
}

// points writes a ratio as percentage points.
func points(ratio string) string {
	text := strings.TrimSuffix(human.Percent(ratio), " %")
	if text == "1.0" {
		return "1.0 point"
	}
	return text + " points"
}

// ratioOf gives a part of a whole with up to 18 decimals; empty when the whole is not above zero.
func ratioOf(part, whole *big.Int) string {
	if part == nil || whole == nil || whole.Sign() <= 0 {
		return ""
	}
	return decimals(new(big.Rat).SetFrac(part, whole))
}

// decimals writes a ratio without zeros at its end.
func decimals(r *big.Rat) string {
	return strings.TrimRight(strings.TrimRight(r.FloatString(18), "0"), ".")
}

// growthOf gives (now - before) / before; empty when there is nothing before to compare with.
func growthOf(now, before *big.Int) string {
	if before == nil || before.Sign() <= 0 {
		return ""
	}
	if now == nil {
		now = new(big.Int)
	}
	return ratioOf(new(big.Int).Sub(now, before), before)
}

// growthText is a growth for people.
func growthText(ratio string) string { return grouped(human.Growth(ratio)) }

func signed(text string, sign int) string {
	if sign > 0 {
		return "+" + text
	}
	return text
}

func direction(sign int) string { return [...]string{"down", "", "up"}[sign+1] }

// ranked is a name with an amount.
type ranked struct {
	name string
	cost *big.Int
}

// rank sorts names by amount, the largest first.
func rank(m map[string]*big.Int) []ranked {
	var out []ranked
	for name, cost := range m {
		out = append(out, ranked{name, cost})
	}
	slices.SortFunc(out, func(a, b ranked) int { return cmp.Or(b.cost.Cmp(a.cost), cmp.Compare(a.name, b.name)) })
	return out
}

func channelName(name string) string {
	if name == "" {
		return "no channel"
	}
	return human.Clean(name)
}

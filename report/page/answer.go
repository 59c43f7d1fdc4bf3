package page

import (
	"cmp"
	"fmt"
	"math/big"
	"strings"

	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/lead"
	"github.com/pidledger/pidledger/report/spec"
)

// wholeBar is the length of the coverage bar, and of the bar of a share.
const wholeBar = 1000

// coverageView is all usage of a month as one bar.
type coverageView struct {
	Text  string // of the bar, for those who do not see it
	Parts []barPart
	Rest  string // what is not in Parts; empty: nothing
}

// barPart is a part of the bar, and its line below.
type barPart struct {
	Class, Name, Meaning string
	Money, Title, Share  string
	From, Width          int // of wholeBar; no width: too little to be seen, or less than nothing
}

// barParts is how many lines the bar has beside attributed: the largest causes.
const barParts = 5

// coverageBar shows what is attributed and the largest reasons why the rest is not. The bar is drawn by running sums, so that its end is exact.
func (b *builder) coverageBar(s *section) *coverageView {
	month := b.view.Month
	parts := []lead.Part{{Name: "attributed", Cost: s.status(month, "attributed")}}
	for _, p := range lead.Rank(s.causes(month)) {
		if p.Cost.Sign() != 0 {
			parts = append(parts, p)
		}
	}
	whole := new(big.Int)
	for _, p := range parts {
		if p.Cost.Sign() > 0 {
			whole.Add(whole, p.Cost)
		}
	}
	if whole.Sign() == 0 {
		return nil
	}
	v, sum, usage := &coverageView{}, new(big.Int), s.usage(month).cost
	var said []string
	for i, p := range parts {
		line := barPart{
			Class: causeClass(p.Name), Name: human.Clean(p.Name), Meaning: meanings[p.Name][0], Money: human.Rounded(decimal(p.Cost)), Title: string(decimal(p.Cost)),
			Share: percent(lead.RatioOf(p.Cost, usage)), From: rounded(sum, whole, wholeBar),
		}
		if p.Cost.Sign() > 0 {
			sum.Add(sum, p.Cost)
			line.Width = rounded(sum, whole, wholeBar) - line.From
		}
		if i > barParts && len(parts) > barParts+2 { // one more line says no less than "1 more"
			line.Class = "k11"
		}
		v.Parts = append(v.Parts, line)
		said = append(said, line.Name+" "+line.Share)
	}
	v.Text = "Of all usage: " + strings.Join(said, ", ") + "."
	return v
}

// Lines are the parts with a line of their own.
func (v *coverageView) Lines() []barPart {
	if len(v.Parts) > barParts+2 {
		return v.Parts[:barParts+1]
	}
	return v.Parts
}

// Others counts the parts without a line.
func (v *coverageView) Others() string {
	if n := len(v.Parts) - len(v.Lines()); n > 0 {
		return human.Thousands(int64(n)) + " smaller reasons stand under Coverage."
	}
	return ""
}

// handView is something that waits for a person, with the command that helps.
type handView struct {
	Text, Command string
	Link, Name    string // where the page has more of it
}

// hands is how many things the first screen asks for.
const hands = 5

// hands lists what needs a hand in a currency: ids to register, ids that are late or malformed, and then its changes.
func (b *builder) hands(s *section, id string) (out []handView) {
	for _, kind := range []string{"unregistered", "late"} {
		var all big.Int
		var largest *stakeRow
		n := int64(0)
		for _, r := range of(b.stakes, s.Currency) {
			if r.Kind == kind && r.Cost.Sign() > 0 {
				all.Add(&all, r.Cost.BigInt())
				if n++; largest == nil {
					largest = &r
				}
			}
		}
		if largest == nil {
			continue
		}
		h := handView{Link: id + "-stakes-caption", Name: "the ids"}
		money := human.Rounded(decimal(&all)) + " " + s.name + " in all months"
		if kind == "late" {
			h.Text = human.Were(n, "id that was registered only after the deployment owns ", "ids that were registered only after the deployment own ") + money + "."
		} else {
			h.Text = human.Were(n, "id without a registration owns ", "ids without a registration own ") + money + ". Register those that are yours."
			h.Command = human.Command(human.Program, "registry", "add", largest.TrackingID)
			if h.Command != "" {
				h.Command += " --mpn MPN_ID --offer OFFER --channel CHANNEL"
			}
		}
		out = append(out, h)
	}
	for _, m := range b.malformed {
		if m.Suggestion != "" {
			out = append(out, handView{Text: fmt.Sprintf("%s is malformed; write pid-%s.", human.Clean(m.Token), human.Clean(m.Suggestion)), Link: "malformed-caption", Name: "all malformed ids"})
			break
		}
	}
	for _, c := range b.found {
		if c.Currency == s.Currency && c.Currency != "" && len(out) < hands {
			out = append(out, handView{Text: sentence(human.Clean(c.What)), Command: c.Command})
		}
	}
	return out
}

// sentence begins with a capital letter and ends with a full stop.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// swatch gives the colour that a channel has in the charts.
func swatch(names map[string]chartLegend, channel string) string {
	return cmp.Or(names[channel].Class, "s"+fmt.Sprint(colours))
}

// shareBar is the length of the bar of a share.
func shareBar(ratio string) int {
	r := spec.Amount(cmp.Or(ratio, "0")).Rat()
	return max(0, min(wholeBar, rounded(r.Num(), r.Denom(), wholeBar)))
}

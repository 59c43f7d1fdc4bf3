package summary

import (
	"cmp"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/lead"
	"github.com/pidledger/pidledger/report/spec"
)

// Short is the answer of one currency, for the newest whole month.
type Short struct {
	Currency     string      `json:"currency"`
	Month        string      `json:"month"`
	Attributed   spec.Amount `json:"attributed"`        // effective cost
	Share        string      `json:"share"`             // of usage; empty when usage is not above zero
	Before       string      `json:"before"`            // the month before; empty: the ledger has no usage of it
	CostBefore   spec.Amount `json:"attributed_before"` // in the month before; empty: nothing is known of it
	Growth       string      `json:"growth"`            // of attributed since the month before; empty: nothing to compare with
	Leads        []string    `json:"leads"`             // channels that lead: several when they are level, none when nothing is attributed
	LeadsShare   string      `json:"leads_share"`       // of attributed usage, of one of them
	Largest      string      `json:"largest"`           // status, or reason of unattributed usage, of most usage that is not attributed; empty: none
	LargestShare string      `json:"largest_share"`     // of usage
	Sentences    []string    `json:"sentences"`
	SoFar        *SoFar      `json:"so_far,omitempty"` // the month in progress; absent: there is none
}

// SoFar is attributed usage of a month in progress, beside as many days of the month before.
type SoFar struct {
	Month  string      `json:"month"`
	Days   int         `json:"days"`
	Cost   spec.Amount `json:"effective_cost"`
	Growth string      `json:"growth"` // since the same days of the month before; empty: nothing to compare with
}

// shorten finds the answers, the currency with the most attributed rows first.
func (c *Collector) shorten(s *Summary) {
	months := map[string]bool{}
	for k := range c.coverage {
		months[k.month] = true
	}
	month, running := s.LatestMonth, ""
	if before := spec.MonthBefore(month); !spec.IsComplete(month, s.DataThrough) && months[before] {
		month, running = before, month
	}
	before := spec.MonthBefore(month)
	if !months[before] {
		before = ""
	}
	for _, m := range s.Money {
		s.Short = append(s.Short, c.short(m.Currency, month, before, s.OnlyUsage))
		if running != "" {
			s.Short[len(s.Short)-1].SoFar = c.soFar(m.Currency, running, s.DataThrough)
		}
	}
}

func (c *Collector) short(currency, month, before string, onlyUsage bool) Short {
	cost := func(month, status string) *big.Int {
		return &orZero(c.coverage[moneyKey{currency, month, status}]).Effective
	}
	f := lead.Facts{
		Currency: cmp.Or(human.Clean(currency), "no currency"), Month: month, AllCost: new(big.Int), Usage: new(big.Int), Attributed: cost(month, "attributed"), OnlyUsage: onlyUsage,
	}
	causes, channels := map[string]*big.Int{}, map[string]*big.Int{}
	for k, sum := range c.coverage {
		if k.currency != currency || k.month != month || k.name == "not_usage" {
			continue
		}
		f.Usage.Add(f.Usage, &sum.Effective)
		if k.name != "attributed" && k.name != "unattributed" {
			causes[k.name] = &sum.Effective
		}
	}
	for k, sum := range c.reasons {
		if k.currency == currency && k.month == month {
			causes[k.name] = &sum.Effective
		}
	}
	for k, sum := range c.channels {
		if k.currency == currency && k.month == month {
			channels[k.name] = &sum.Effective
			f.AllCost.Add(f.AllCost, &sum.Effective)
		}
	}
	f.Causes, f.Channels = lead.Rank(causes), lead.Rank(channels)
	out := Short{
		Currency: currency, Month: month, Attributed: spec.AmountOf(f.Attributed), Share: lead.RatioOf(f.Attributed, f.Usage), Before: before,
		Leads: list(f.Leaders()), Sentences: []string{},
	}
	if before != "" {
		out.CostBefore = spec.AmountOf(cost(before, "attributed"))
		out.Growth = lead.GrowthOf(f.Attributed, cost(before, "attributed"))
	}
	if len(out.Leads) > 0 {
		out.LeadsShare = lead.RatioOf(f.Channels[0].Cost, f.AllCost)
	}
	if len(f.Causes) > 0 && f.Causes[0].Cost.Sign() > 0 {
		out.Largest, out.LargestShare = f.Causes[0].Name, lead.RatioOf(f.Causes[0].Cost, f.Usage)
	}
	for _, s := range lead.Sentences(f) {
		out.Sentences = append(out.Sentences, strings.ReplaceAll(s.String(), "\u00a0", " "))
	}
	return out
}

// soFar adds up the days of a month in progress, and as many of the month before.
func (c *Collector) soFar(currency, month, through string) *SoFar {
	day := strings.TrimPrefix(through, month+"-")
	before := spec.MonthBefore(month)
	now, then := new(big.Int), new(big.Int)
	for k, cost := range c.days {
		if k.currency != currency {
			continue
		}
		switch m, d, _ := cutDay(k.date); {
		case m == month:
			now.Add(now, cost)
		case m == before && d <= day:
			then.Add(then, cost)
		}
	}
	s := &SoFar{Month: month, Cost: spec.AmountOf(now), Growth: lead.GrowthOf(now, then)}
	if t, err := time.Parse(time.DateOnly, through); err == nil {
		s.Days = t.Day()
	}
	return s
}

// cutDay cuts YYYY-MM-DD into month and day.
func cutDay(date string) (month, day string, ok bool) {
	if len(date) != len(time.DateOnly) {
		return "", "", false
	}
	return date[:7], date[8:], true
}

// byImportance sorts what is told of each currency: that with the most attributed rows first.
func (s *Summary) byImportance() {
	rows := map[string]int64{}
	for _, m := range s.Money {
		for _, l := range m.Statuses {
			if l.Name == "attributed" {
				rows[m.Currency] = l.All.UsageRows
			}
		}
	}
	sortBy(s.Money, rows, func(m Money) string { return m.Currency })
	sortBy(s.Channels, rows, func(l ChannelLine) string { return l.Currency })
	sortBy(s.Unregistered, rows, func(u Unregistered) string { return u.Currency })
	sortBy(s.NoEvidence, rows, func(b Blind) string { return b.Currency })
}

func sortBy[T any](list []T, rows map[string]int64, currency func(T) string) {
	slices.SortStableFunc(list, func(a, b T) int { return cmp.Compare(rows[currency(b)], rows[currency(a)]) })
}

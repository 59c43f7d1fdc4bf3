// Package targets sets what came beside what a person wished for: the optional files targets.csv and rates.csv. What is said of them is for people;
// no report has it.
package targets

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/adhoc"
	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/lead"
	"github.com/pidledger/pidledger/report/spec"
)

// Files names the files; empty: there is none.
type Files struct{ Targets, Rates string }

// Line is a target beside what came.
type Line struct {
	Month    string      `json:"month"`
	Offer    string      `json:"offer"`   // empty: all
	Channel  string      `json:"channel"` // empty: all
	Currency string      `json:"currency"`
	Target   spec.Amount `json:"target"`
	Actual   spec.Amount `json:"actual"`   // attributed effective cost
	Reached  string      `json:"reached"`  // actual / target
	Forecast spec.Amount `json:"forecast"` // of a month in progress; empty: the month is over
	Expected string      `json:"expected"` // forecast / target; empty like Forecast
}

// Total is what all currencies bring in one: an indication, by rates of a person.
type Total struct {
	Month    string      `json:"month"`
	Currency string      `json:"currency"`
	Amount   spec.Amount `json:"amount"` // attributed effective cost
}

// Found is what the files tell of a snapshot.
type Found struct {
	Lines  []Line  `json:"lines"`            // the newest month first, in it the largest target of a currency first; none of a month without usage that is still to come
	Method string  `json:"method,omitempty"` // how forecasts are made; empty: there is none
	Totals []Total `json:"totals"`           // the newest month first
}

// actual is a row of queries/targets/actuals.sql.
type actual struct {
	Month, Offer, Channel, Currency string
	Cost                            columnar.Dec
}

// Find reads the files and asks the snapshot. Usage reaches to the day `through`, YYYY-MM-DD. What is wrong in a file costs only what it tells: it is
// said in notes.
func Find(ctx context.Context, r *adhoc.Reader, f Files, through string) (found Found, notes []string, err error) {
	found = Found{Lines: []Line{}, Totals: []Total{}}
	if f == (Files{}) {
		return found, nil, nil
	}
	actuals, err := adhoc.Ask[actual](ctx, r, queries.Text("targets/actuals.sql"), nil)
	if err != nil {
		return found, nil, fmt.Errorf("ask the snapshot for what targets are compared with: %w", err)
	}
	if f.Targets != "" {
		targets, err := readTargets(f.Targets)
		if err != nil {
			notes = append(notes, note(err, noTargets))
		}
		found.compare(targets, actuals, through)
		names, err := adhoc.Ask[registered](ctx, r, queries.Text("targets/registered.sql"), nil)
		if err != nil {
			return found, nil, fmt.Errorf("ask the snapshot for registered offers and channels: %w", err)
		}
		notes = append(notes, unregistered(f.Targets, targets, names, newest(actuals, through))...)
	}
	if f.Rates != "" {
		rates, err := readRates(f.Rates)
		if err != nil {
			notes = append(notes, note(err, noTotal))
		}
		notes = append(notes, found.add(f.Rates, rates, actuals)...)
	}
	return found, notes, nil
}

// What a file that cannot be used costs.
const (
	noTargets = "The targets are left out"
	noTotal   = "The total of all currencies is left out"
)

// Mistakes are notes about files that cannot be used, as Find has them: for a night whose reports stand, which asks no snapshot.
func (f Files) Mistakes() (notes []string) {
	if f.Targets != "" {
		if err := CheckTargets(f.Targets); err != nil {
			notes = append(notes, note(err, noTargets))
		}
	}
	if f.Rates != "" {
		if err := CheckRates(f.Rates); err != nil {
			notes = append(notes, note(err, noTotal))
		}
	}
	return notes
}

// note says what is wrong, what it costs and the way out.
func note(err error, cost string) string {
	text := err.Error() + ". " + cost
	if way, ok := err.(interface{ Try() string }); ok {
		text += "; " + way.Try()
	}
	return text + "."
}

type target struct {
	month, currency string
	offer, channel  field // empty: all
	amount          *big.Rat
}

// readTargets reads month, offer, channel, currency and amount. An empty offer or channel stands for all.
func readTargets(path string) ([]target, error) {
	rows, err := read(path, "month", "offer", "channel", "currency", "amount")
	if err != nil {
		return nil, err
	}
	var out []target
	lines := map[[4]string]int{}
	for _, row := range rows {
		t := target{offer: row["offer"], channel: row["channel"]}
		if t.month, err = row["month"].month(path); err != nil {
			return nil, err
		}
		if t.currency, err = row["currency"].currency(path); err != nil {
			return nil, err
		}
		if t.amount, err = row["amount"].above(path); err != nil {
			return nil, err
		}
		key := [4]string{t.month, strings.ToLower(t.offer.text), strings.ToLower(t.channel.text), t.currency}
		if line := lines[key]; line > 0 {
			return nil, row["month"].fail(path, "delete one of the two", "the same target stands on line %d", line)
		}
		lines[key] = row["month"].line
		out = append(out, t)
	}
	return out, nil
}

// CheckTargets tells what is wrong with a file of targets.
func CheckTargets(path string) error {
	_, err := readTargets(path)
	return err
}

// CheckRates tells what is wrong with a file of rates.
func CheckRates(path string) error {
	_, err := readRates(path)
	return err
}

func (t target) covers(a actual) bool {
	return a.Month == t.month && a.Currency == t.currency && t.offer.stands(a.Offer) && t.channel.stands(a.Channel)
}

// stands tells whether a name that may be empty, for all, stands for another.
func (f field) stands(name string) bool { return f.text == "" || strings.EqualFold(f.text, name) }

// registered is a row of queries/targets/registered.sql.
type registered struct{ Offer, Channel string }

// unregistered notes each offer and channel that no registration has, of targets to the newest month: others may be registered until then.
func unregistered(path string, targets []target, known []registered, newest string) (notes []string) {
	noted := map[string]bool{}
	for _, t := range targets {
		for _, name := range []struct {
			column string
			field  field
			of     func(registered) string
		}{{"offer", t.offer, func(r registered) string { return r.Offer }}, {"channel", t.channel, func(r registered) string { return r.Channel }}} {
			key := name.column + " " + strings.ToLower(name.field.text)
			if t.month > newest || noted[key] || slices.ContainsFunc(known, func(r registered) bool { return name.field.stands(name.of(r)) }) {
				continue
			}
			noted[key] = true
			err := name.field.fail(path, "correct it, or register an id with it", "no registration has the %s %q", name.column, cut(name.field.text))
			notes = append(notes, note(err, "Nothing counts towards it"))
		}
	}
	return notes
}

// newest is the month to which targets are compared.
func newest(actuals []actual, through string) string {
	month := ""
	for _, a := range actuals {
		month = max(month, a.Month)
	}
	if last, err := time.Parse(time.DateOnly, through); err == nil {
		month = max(month, last.Format("2006-01"))
	}
	return month
}

// compare fills the lines.
func (f *Found) compare(targets []target, actuals []actual, through string) {
	to := newest(actuals, through)
	last, err := time.Parse(time.DateOnly, through)
	for _, t := range targets {
		if t.month > to {
			continue
		}
		sum := new(big.Rat)
		for _, a := range actuals {
			if t.covers(a) {
				sum.Add(sum, spec.AmountOf(a.Cost.BigInt()).Rat())
			}
		}
		l := Line{
			Month: t.month, Offer: t.offer.text, Channel: t.channel.text, Currency: t.currency, Target: amount(t.amount), Actual: amount(sum),
			Reached: lead.Decimals(new(big.Rat).Quo(sum, t.amount)),
		}
		if err == nil && t.month == last.Format("2006-01") && !spec.IsComplete(t.month, through) {
			days := last.AddDate(0, 1, -last.Day()).Day()
			forecast := new(big.Rat).Mul(sum, big.NewRat(int64(days), int64(last.Day())))
			l.Forecast, l.Expected = amount(forecast), lead.Decimals(new(big.Rat).Quo(forecast, t.amount))
			f.Method = fmt.Sprintf("Forecast of %s: what its first %s brought, divided by their share of its %d days.", t.month, human.Plural(int64(last.Day()), "day"), days)
		}
		f.Lines = append(f.Lines, l)
	}
	slices.SortStableFunc(f.Lines, func(a, b Line) int {
		return cmp.Or(cmp.Compare(b.Month, a.Month), cmp.Compare(a.Currency, b.Currency), b.Target.Rat().Cmp(a.Target.Rat()))
	})
}

// amount writes a sum with every digit.
func amount(r *big.Rat) spec.Amount { return spec.Amount(lead.Decimals(r)) }

// rates are what a unit of a currency is worth, by month.
type rates map[string]map[string]*big.Rat

// readRates reads month, currency and rate. The currency whose rate is 1 is the one that the total is in.
func readRates(path string) (rates, error) {
	rows, err := read(path, "month", "currency", "rate")
	if err != nil {
		return nil, err
	}
	out, into, first := rates{}, map[string]string{}, map[string]field{}
	one := big.NewRat(1, 1)
	for _, row := range rows {
		month, err := row["month"].month(path)
		if err != nil {
			return nil, err
		}
		currency, err := row["currency"].currency(path)
		if err != nil {
			return nil, err
		}
		rate, err := row["rate"].above(path)
		if err != nil {
			return nil, err
		}
		if out[month] == nil {
			out[month], first[month] = map[string]*big.Rat{}, row["month"]
		}
		if out[month][currency] != nil {
			return nil, row["currency"].fail(path, "delete one of the two", "%s has two rates in %s", currency, month)
		}
		if rate.Cmp(one) == 0 {
			if other := into[month]; other != "" {
				return nil, row["rate"].fail(path, "write the rate of the other against it", "%s and %s both have the rate 1 in %s", other, currency, month)
			}
			into[month] = currency
		}
		out[month][currency] = rate
	}
	for _, row := range rows {
		if month := row["month"].text; into[month] == "" {
			return nil, first[month].fail(path, "give the rate 1 to the currency that the total is to be in", "no currency has the rate 1 in %s", month)
		}
	}
	return out, nil
}

// add fills the totals: of each month in which all currencies with attributed usage have a rate. The notes are about months that have only some.
func (f *Found) add(path string, all rates, actuals []actual) (notes []string) {
	sums, missing := map[string]*big.Rat{}, map[string][]string{}
	for _, a := range actuals {
		rate := all[a.Month][a.Currency]
		if rate == nil {
			if all[a.Month] != nil && !slices.Contains(missing[a.Month], a.Currency) {
				missing[a.Month] = append(missing[a.Month], a.Currency)
			}
			continue
		}
		if sums[a.Month] == nil {
			sums[a.Month] = new(big.Rat)
		}
		sums[a.Month].Add(sums[a.Month], new(big.Rat).Mul(spec.AmountOf(a.Cost.BigInt()).Rat(), rate))
	}
	for _, month := range slices.Sorted(maps.Keys(missing)) {
		slices.Sort(missing[month])
		err := &FileError{path, 0, 0, fmt.Sprintf("%s has no rate for %s", month, strings.Join(missing[month], ", ")), "add what is missing"}
		notes = append(notes, note(err, "That month has no total of all currencies"))
	}
	for month, sum := range sums {
		if missing[month] != nil {
			continue
		}
		for currency, rate := range all[month] {
			if rate.Cmp(big.NewRat(1, 1)) == 0 {
				f.Totals = append(f.Totals, Total{month, currency, amount(sum)})
			}
		}
	}
	slices.SortFunc(f.Totals, func(a, b Total) int { return cmp.Compare(b.Month, a.Month) })
	return notes
}

// Name says what a target is for.
func (l Line) Name() string {
	offer, channel := human.Clean(l.Offer), human.Clean(l.Channel)
	switch {
	case offer == "" && channel == "":
		return "all usage"
	case offer == "":
		return channel
	case channel == "":
		return offer
	}
	return offer + " by " + channel
}

// Sentences tell how far the targets of some months are reached: in a month in progress by the forecast.
func (f Found) Sentences(months ...string) (out []string) {
	for _, month := range months {
		reached, n := 0, 0
		var behind *Line
		for i, l := range f.Lines {
			if l.Month != month {
				continue
			}
			n++
			if spec.Amount(l.part()).Rat().Cmp(big.NewRat(1, 1)) >= 0 {
				reached++
			} else if behind == nil || spec.Amount(l.part()).Rat().Cmp(spec.Amount(behind.part()).Rat()) < 0 {
				behind = &f.Lines[i]
			}
		}
		if n == 0 {
			continue
		}
		text := fmt.Sprintf("Targets of %s: %d of %d reached", month, reached, n)
		if f.isForecast(month) {
			text = fmt.Sprintf("Targets of %s: %d of %d will be reached at this pace", month, reached, n)
		}
		if behind != nil {
			what := behind.Actual
			if behind.Forecast != "" {
				what = behind.Forecast
			}
			text += fmt.Sprintf("; furthest behind: %s with %s of %s %s (%s)", behind.Name(), human.Rounded(what), human.Rounded(behind.Target), behind.Currency, human.Percent(behind.part()))
		}
		out = append(out, text+".")
	}
	return out
}

func (f Found) isForecast(month string) bool {
	return slices.ContainsFunc(f.Lines, func(l Line) bool { return l.Month == month && l.Forecast != "" })
}

// part is what of the target is, or will be, reached.
func (l Line) part() string { return cmp.Or(l.Expected, l.Reached) }

// Indication says the total of a month; empty: there is none.
func (f Found) Indication(month string) string {
	for _, t := range f.Totals {
		if t.Month == month {
			return fmt.Sprintf("All currencies of %s at your rates: about %s %s, an indication.", month, human.Rounded(t.Amount), t.Currency)
		}
	}
	return ""
}

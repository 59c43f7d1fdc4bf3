package page

import (
	"cmp"
	"math/big"
	"slices"

	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/spec"
	"github.com/pidledger/pidledger/report/targets"
)

// targetTable shows attributed usage against its targets, the newest month first.
func (b *builder) targetTable(s *section) *htmlTable {
	t := b.aimsTable()
	for _, l := range b.aims.Lines {
		if l.Currency == s.Currency {
			b.addTarget(t, l)
		}
	}
	return t
}

// otherTargets shows the targets in currencies that nothing came in: they have no section, and are missed all the same.
func (b *builder) otherTargets() htmlTable {
	t := b.aimsTable()
	t.ID = "other-targets"
	t.Columns = slices.Insert(t.Columns, 2, htmlColumn{Name: "currency"})
	t.Columns[4].Class = "w" // nothing
	for _, l := range b.aims.Lines {
		if !slices.ContainsFunc(b.currencies, func(c currencyRow) bool { return c.Currency == l.Currency }) {
			b.addTarget(t, l, textCell(l.Currency))
		}
	}
	return *t
}

func (b *builder) aimsTable() *htmlTable {
	t := &htmlTable{
		Caption: "Attributed usage against its targets", Empty: "There are no targets.", Note: b.aims.Method,
		Columns: columns("month", "target for|offer and channel", "~#target", "#actual|attributed effective cost", "#reached|of the target"),
	}
	if b.aims.Method != "" {
		t.Columns = append(t.Columns, columns("~#forecast|of the month in progress", "~#expected|forecast, of the target")...)
	}
	return t
}

// addTarget adds a line; more are cells after what the target is for.
func (b *builder) addTarget(t *htmlTable, l targets.Line, more ...htmlCell) {
	if len(t.Rows) == listRows {
		return
	}
	cells := append([]htmlCell{dateCell(l.Month), textCell(l.Name())}, more...)
	cells = append(cells, amountCell(l.Target), amountCell(l.Actual), part(l.Reached))
	if b.aims.Method != "" {
		cells = append(cells, amountCell(l.Forecast), part(l.Expected))
	}
	t.add(cells...)
}

// creditTable shows where credit could have been earned and was not.
func (b *builder) creditTable(s *section) *htmlTable {
	t := &htmlTable{
		Caption: "Eligible for partner earned credit, and without it, " + b.earned.Month, Empty: "All eligible usage got its credit, or no export tells.",
		Columns: columns("subscription", "~customer", "#without credit|billed cost", "~#with credit|billed cost", "~~#resources|without credit"),
		Hint:    "pidledger query partner_earned_credit has all of them. Marketplace, reservations and savings plans earn none.",
	}
	without, with, resources := new(big.Int), new(big.Int), int64(0)
	for _, l := range b.earned.Lines {
		if l.Currency != cmp.Or(s.Currency, "-") || len(t.Rows) == listRows {
			continue
		}
		customer := textCell(cmp.Or(l.CustomerName, l.CustomerTenantID))
		if l.CustomerName != "" {
			customer.Title = l.CustomerTenantID
		}
		t.add(codeCell(l.SubscriptionID), customer, decCell(l.Without), decCell(l.With), countCell(l.Resources))
		without.Add(without, l.Without.BigInt())
		with.Add(with, l.With.BigInt())
		resources += l.Resources
	}
	if len(t.Rows) > 1 {
		t.Total = []htmlCell{textCell("total"), {}, moneyCell(without), moneyCell(with), countCell(resources)}
	}
	return t
}

// part shows how much of a target is reached: a colour says whether all of it is.
func part(ratio string) htmlCell {
	c := htmlCell{Text: human.Percent(ratio), Value: ratio, Title: ratio}
	if ratio != "" {
		c.Class = "down"
		if spec.Amount(ratio).Rat().Cmp(spec.Amount("1").Rat()) >= 0 {
			c.Class = "up"
		}
	}
	return c
}

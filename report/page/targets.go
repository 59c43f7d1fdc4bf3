package page

import (
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/spec"
)

// targetTable shows attributed usage against its targets, the newest month first.
func (b *builder) targetTable(s *section) *htmlTable {
	t := &htmlTable{
		Caption: "Attributed usage against its targets", Empty: "There are no targets.", Note: b.aims.Method,
		Columns: columns("month", "target for|offer and channel", "#target", "#actual|attributed effective cost", "#reached|of the target"),
	}
	if b.aims.Method != "" {
		t.Columns = append(t.Columns, columns("~#forecast|of the month in progress", "~#expected|forecast, of the target")...)
	}
	for _, l := range b.aims.Lines {
		if l.Currency != s.Currency || len(t.Rows) == listRows {
			continue
		}
		cells := []htmlCell{dateCell(l.Month), textCell(l.Name()), amountCell(l.Target), amountCell(l.Actual), part(l.Reached)}
		if b.aims.Method != "" {
			cells = append(cells, amountCell(l.Forecast), part(l.Expected))
		}
		t.add(cells...)
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

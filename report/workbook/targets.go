package workbook

import (
	"strconv"

	"github.com/xuri/excelize/v2"

	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/spec"
	"github.com/pidledger/pidledger/report/targets"
)

// targets writes attributed usage against its targets, and the total of all currencies; without targets and rates there is no such sheet.
func (d *workbook) targets(aims targets.Found) error {
	if len(aims.Lines) == 0 && len(aims.Totals) == 0 {
		return nil
	}
	const name = "Targets"
	if err := d.sheet(name, true); err != nil {
		return err
	}
	sheet, err := d.file.NewStreamWriter(name)
	if err != nil {
		return err
	}
	for i, width := range []float64{12, 28, 20, 12, 18, 18, 12, 18, 12} {
		if err := sheet.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	if err := sheet.SetPanes(frozen); err != nil {
		return err
	}
	row := 0
	var failed error
	add := func(cells ...any) {
		row++
		if failed == nil {
			failed = sheet.SetRow("A"+strconv.Itoa(row), cells)
		}
	}
	var head []any
	for _, text := range []string{"Month", "Offer", "Channel", "Currency", "Target", "Actual", "Reached", "Forecast", "Expected"} {
		head = append(head, excelize.Cell{StyleID: d.header, Value: text})
	}
	add(head...)
	for _, l := range aims.Lines {
		add(l.Month, orAll(l.Offer), orAll(l.Channel), l.Currency, d.styled(l.Target, columnar.Decimal), d.styled(l.Actual, columnar.Decimal),
			d.styled(spec.Amount(l.Reached), columnar.Ratio), d.styled(l.Forecast, columnar.Decimal), d.styled(spec.Amount(l.Expected), columnar.Ratio))
	}
	if aims.Method != "" {
		add(aims.Method)
	}
	for _, t := range aims.Totals {
		if text := aims.Indication(t.Month); text != "" {
			add(text)
		}
	}
	if failed != nil {
		return failed
	}
	return sheet.Flush()
}

// styled is a number; empty: an empty cell.
func (d *workbook) styled(a spec.Amount, as columnar.Type) any {
	if a == "" {
		return nil
	}
	f, _ := a.Rat().Float64()
	return excelize.Cell{StyleID: d.styles[as], Value: f}
}

func orAll(name string) string {
	if name == "" {
		return "all"
	}
	return human.Clean(name)
}

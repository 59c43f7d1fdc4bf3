package workbook

import (
	"slices"
	"strconv"

	"github.com/xuri/excelize/v2"

	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/report/credit"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/spec"
	"github.com/pidledger/pidledger/report/targets"
)

// gridColumn is a column of a sheet whose rows are at hand.
type gridColumn struct {
	name   string
	width  float64
	number bool
}

// grid writes a sheet whose rows are at hand, and notes below them.
func (d *workbook) grid(name string, columns []gridColumn, rows [][]any, notes ...string) error {
	if err := d.sheet(name, true); err != nil {
		return err
	}
	sheet, err := d.file.NewStreamWriter(name)
	if err != nil {
		return err
	}
	var head []any
	for i, c := range columns {
		if err := sheet.SetColWidth(i+1, i+1, c.width); err != nil {
			return err
		}
		head = append(head, d.head(c.name, c.number))
	}
	if err := sheet.SetPanes(frozen); err != nil {
		return err
	}
	for i, row := range slices.Concat([][]any{head}, rows) {
		if err := sheet.SetRow("A"+strconv.Itoa(i+1), row); err != nil {
			return err
		}
	}
	for i, note := range notes {
		if err := sheet.SetRow("A"+strconv.Itoa(max(len(rows)+1, 2)+2+i), []any{note}); err != nil {
			return err
		}
	}
	if err := d.filters(sheet, len(columns), len(rows)+1); err != nil {
		return err
	}
	return sheet.Flush()
}

// targets writes attributed usage against its targets, and the total of all currencies; without targets and rates there is no such sheet.
func (d *workbook) targets(aims targets.Found) error {
	if len(aims.Lines) == 0 && len(aims.Totals) == 0 {
		return nil
	}
	var rows [][]any
	var notes []string
	for _, l := range aims.Lines {
		rows = append(rows, []any{l.Month, orAll(l.Offer), orAll(l.Channel), l.Currency, d.styled(l.Target, columnar.Decimal), d.styled(l.Actual, columnar.Decimal),
			d.styled(spec.Amount(l.Reached), columnar.Ratio), d.styled(l.Forecast, columnar.Decimal), d.styled(spec.Amount(l.Expected), columnar.Ratio)})
	}
	if aims.Method != "" {
		notes = append(notes, aims.Method)
	}
	for _, t := range aims.Totals {
		if text := aims.Indication(t.Month); text != "" {
			notes = append(notes, text)
		}
	}
	return d.grid("Targets", []gridColumn{
		{"Month", 12, false}, {"Offer", 28, false}, {"Channel", 20, false}, {"Currency", 12, false}, {"Target", 18, true}, {"Actual", 18, true}, {"Reached", 12, true},
		{"Forecast", 18, true}, {"Expected", 12, true},
	}, rows, notes...)
}

// credit writes where partner earned credit could have been earned and was not; without such usage there is no such sheet.
func (d *workbook) credit(earned credit.Found) error {
	if len(earned.Lines) == 0 {
		return nil
	}
	var rows [][]any
	for _, l := range earned.Lines {
		rows = append(rows, []any{earned.Month, l.Currency, human.Clean(l.CustomerName), human.Clean(l.CustomerTenantID), human.Clean(l.SubscriptionID),
			d.styled(spec.AmountOf(l.Without.BigInt()), columnar.Decimal), d.styled(spec.AmountOf(l.With.BigInt()), columnar.Decimal),
			excelize.Cell{StyleID: d.styles[columnar.Int], Value: l.Resources}})
	}
	return d.grid("Partner earned credit", []gridColumn{
		{"Month", 12, false}, {"Currency", 12, false}, {"Customer", 28, false}, {"Customer tenant ID", 38, false}, {"Subscription ID", 38, false},
		{"Billed without credit", 22, true}, {"Billed with credit", 22, true}, {"Resources without credit", 24, true},
	}, rows)
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

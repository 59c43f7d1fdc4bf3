// Package workbook is report.xlsx: what the reports say, for people who calculate. Its rows are those of queries/workbook, over the snapshot that
// is being published; sheets that can be long are streams.
package workbook

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/adhoc"
	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/report/changes"
	"github.com/pidledger/pidledger/report/credit"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/spec"
	"github.com/pidledger/pidledger/report/targets"
)

// sheetRows is how many rows a sheet holds in this file format, the header included. What is more goes on in the next sheet.
const sheetRows = 1_048_576

// unattributedRows is how many lines of unattributed usage a currency has.
const unattributedRows = 100

// lists are the sheets with the rows of a query, after the first sheet.
var lists = []struct{ name, query string }{
	{"Offers", "offers"}, {"Channels", "channels"}, {"Customers", "customers"}, {"Coverage", "coverage"}, {"Ids to register", "register"},
	{"Unattributed", "unattributed"},
}

// workbook is a file that is being written. Rows of lists go to temporary files, not to memory.
type workbook struct {
	file   *excelize.File
	run    spec.Run
	rows   int // that fit into a sheet, the header included
	header int // style
	right  int // style, of the heads of numbers
	button int // style, of heads of numbers with a filter's button, which stands at the right
	strong int // style
	money  int // style, of totals
	growth int // style: what is more than tenfold says only that, as on the page
	styles map[columnar.Type]int
	tables int // so far
}

// Write writes report.xlsx from the reports in a snapshot. dir is a folder for temporary files, found is what is worth a look, aims is
// attributed usage against its targets, earned is usage without partner earned credit.
func Write(ctx context.Context, path, dir string, r *adhoc.Reader, run spec.Run, found []changes.Change, aims targets.Found, earned credit.Found) error {
	d, err := newWorkbook(run, dir)
	if err != nil {
		return err
	}
	defer d.file.Close() //nolint:errcheck // temporary files in a folder that is deleted, too, when this fails
	if err := d.channelMonths(ctx, r); err != nil {
		return err
	}
	params := map[string]string{"month": month(run.DataThrough), "rows": strconv.Itoa(unattributedRows)}
	for _, l := range lists {
		given := map[string]string{}
		text := queries.Text("workbook/" + l.query + ".sql")
		for name, value := range params {
			if strings.Contains(text, "$"+name) {
				given[name] = value
			}
		}
		rows, err := adhoc.Rows(ctx, r, text, given)
		if err != nil {
			return fmt.Errorf("ask the snapshot for %s: %w", l.query, err)
		}
		if err := errors.Join(d.list(l.name, rows), rows.Close()); err != nil {
			return fmt.Errorf("sheet %s: %w", l.name, err)
		}
	}
	if err := errors.Join(d.targets(aims), d.credit(earned), d.changes(found), d.about()); err != nil {
		return err
	}
	return d.save(path, dir)
}

// month is that of the newest usage; no month when there is none.
func month(through string) string {
	if len(through) < len("2006-01") {
		return ""
	}
	return through[:len("2006-01")]
}

func newWorkbook(run spec.Run, dir string) (*workbook, error) {
	d := &workbook{file: excelize.NewFile(excelize.Options{TmpDir: dir}), run: run, rows: sheetRows, styles: map[columnar.Type]int{}}
	var all error
	style := func(s *excelize.Style) int {
		id, err := d.file.NewStyle(s)
		all = errors.Join(all, err)
		return id
	}
	// A style with a font of its own has to name it: else LibreOffice takes its default, with serifs, beside cells without.
	bold, white := excelize.Font{Bold: true, Family: "Calibri", Size: 11}, excelize.Font{Bold: true, Family: "Calibri", Size: 11, Color: "FFFFFF"}
	blue := excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"1F4E79"}}
	d.header = style(&excelize.Style{Font: &white, Fill: blue, Alignment: &excelize.Alignment{Vertical: "center"}})
	d.right = style(&excelize.Style{Font: &white, Fill: blue, Alignment: &excelize.Alignment{Vertical: "center", Horizontal: "right"}})
	d.button = style(&excelize.Style{Font: &white, Fill: blue, Alignment: &excelize.Alignment{Vertical: "center", Horizontal: "right", Indent: 2}})
	d.strong = style(&excelize.Style{Font: &bold})
	amount := "#,##0.00"
	d.money = style(&excelize.Style{Font: &bold, CustomNumFmt: &amount})
	tenfold := `[>9.99]"` + human.Tenfold + `";[<0]-0.0%;0.0%`
	d.growth = style(&excelize.Style{CustomNumFmt: &tenfold})
	for _, f := range []struct { // in this order: the numbers of styles are part of the file
		of     columnar.Type
		format string
	}{{columnar.Int, "#,##0"}, {columnar.Decimal, amount}, {columnar.Ratio, "0.0%"}, {columnar.Date, "yyyy-mm-dd"}} {
		s := &excelize.Style{CustomNumFmt: &f.format}
		if f.of == columnar.Date {
			s.Alignment = &excelize.Alignment{Horizontal: "left"} // or it touches the text beside it
		}
		d.styles[f.of] = style(s)
	}
	return d, all
}

// head is the head of a column with a filter: that of numbers stands over them, at the right.
func (d *workbook) head(name string, number bool) excelize.Cell {
	if number {
		return excelize.Cell{StyleID: d.button, Value: name}
	}
	return excelize.Cell{StyleID: d.header, Value: name}
}

// sheet makes a sheet that is printed across the page, with its first row on every page.
func (d *workbook) sheet(name string, titles bool) error {
	if _, err := d.file.NewSheet(name); err != nil {
		return err
	}
	fit, one, none, landscape, a4, narrow, low := true, 1, 0, "landscape", 9, 0.4, 0.6
	if err := errors.Join(
		d.file.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &fit}),
		d.file.SetPageLayout(name, &excelize.PageLayoutOptions{Size: &a4, Orientation: &landscape, FitToWidth: &one, FitToHeight: &none}),
		d.file.SetPageMargins(name, &excelize.PageLayoutMarginsOptions{Left: &narrow, Right: &narrow, Top: &narrow, Bottom: &low}),
		d.file.SetHeaderFooter(name, &excelize.HeaderFooterOptions{OddFooter: "&L&A&CPage &P of &N&R&F"}),
	); err != nil || !titles {
		return err
	}
	return d.file.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: "'" + name + "'!$1:$1", Scope: name})
}

// changes writes what is worth a look.
func (d *workbook) changes(found []changes.Change) error {
	labels := map[string]string{}
	for _, k := range changes.Kinds() {
		labels[k.Name] = k.Label
	}
	lines := [][]string{{"Kind", "What changed", "Command that explains it"}}
	for _, c := range found {
		lines = append(lines, []string{labels[c.Kind], human.Clean(c.What), c.Command})
	}
	return d.texts("Changes", lines, true, 20, 90, 90)
}

// about says where the numbers come from.
func (d *workbook) about() error {
	return d.texts("About", [][]string{
		{"pidledger", d.run.Version}, {"Run", d.run.ID}, {"Started (UTC)", d.run.Started.UTC().Format(time.DateTime)}, {"Usage through", d.run.DataThrough},
		{"Amounts", "Effective cost: the cost after reservations and savings plans are spread over the usage that took them."},
		{"Digits", "A spreadsheet keeps 15 to 17 digits of a number and shows 15; the CSV, Parquet and JSON reports have all of them."},
		{"Currencies", "Amounts of two currencies are never added: filter by currency before you add amounts up."},
		{"Coverage", "A line with a reason is a part of the line of its status, unattributed: add up one or the other."},
		{"Unattributed", fmt.Sprintf("The %d largest lines of each currency in the newest month; the report unattributed has all.", unattributedRows)},
		{"Long sheets", "A sheet that is full goes on in others, with 2, 3, ... after its name."},
	}, false, 16, 110)
}

// texts writes a small sheet of texts; the first row, or else the first column, is the heading.
func (d *workbook) texts(name string, lines [][]string, head bool, widths ...float64) error {
	if err := d.sheet(name, head); err != nil {
		return err
	}
	sheet, err := d.file.NewStreamWriter(name)
	if err != nil {
		return err
	}
	for i, w := range widths {
		if err := sheet.SetColWidth(i+1, i+1, w); err != nil {
			return err
		}
	}
	if head {
		if err := sheet.SetPanes(frozen); err != nil {
			return err
		}
	}
	for i, l := range lines {
		var cells []any
		for j, text := range l {
			if head && i == 0 || !head && j == 0 {
				cells = append(cells, excelize.Cell{StyleID: d.header, Value: text})
			} else {
				cells = append(cells, text)
			}
		}
		if err := sheet.SetRow("A"+strconv.Itoa(i+1), cells); err != nil {
			return err
		}
	}
	if head {
		if err := d.filters(sheet, len(widths), len(lines)); err != nil {
			return err
		}
	}
	return sheet.Flush()
}

// filters makes a table of the first rows of a sheet, so that every column has a filter. A table has at least one row below its head, be it empty.
func (d *workbook) filters(sheet *excelize.StreamWriter, columns, rows int) error {
	corner, err := excelize.CoordinatesToCellName(columns, max(rows, 2))
	if err != nil {
		return err
	}
	d.tables++
	return sheet.AddTable(&excelize.Table{Range: "A1:" + corner, Name: "table_" + strconv.Itoa(d.tables), StyleName: "TableStyleLight1"})
}

package write

import (
	"archive/zip"
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/report/spec"
)

// sheets are the reports of the workbook: those that people calculate with, and that fit into a spreadsheet.
var sheets = []string{"summary", "channels", "customers", "coverage"}

// sheetRows is how many rows a sheet holds in this file format, the header included. What is more goes on in the next sheet.
const sheetRows = 1_048_576

// Workbook is a workbook with one sheet for each report of sheets and one that says where the numbers come from. Rows go to
// temporary files, not to memory.
type Workbook struct {
	file   *excelize.File
	dir    string
	run    spec.Run
	rows   int // that fit into a sheet, the header included
	header int // style
	styles map[columnar.Type]int
	err    error // of making the sheets and styles
}

// NewWorkbook begins a workbook about a run. dir is a folder for temporary files.
func NewWorkbook(run spec.Run, dir string) *Workbook {
	d := &Workbook{file: excelize.NewFile(excelize.Options{TmpDir: dir}), dir: dir, run: run, rows: sheetRows, styles: map[columnar.Type]int{}}
	d.err = d.file.SetSheetName(d.file.GetSheetName(0), sheets[0])
	for _, name := range sheets[1:] { // in this order, whatever the order in which they are written
		_, err := d.file.NewSheet(name)
		d.err = errors.Join(d.err, err)
	}
	style := func(s *excelize.Style) int {
		id, err := d.file.NewStyle(s)
		d.err = errors.Join(d.err, err)
		return id
	}
	d.header = style(&excelize.Style{
		Font: &excelize.Font{Bold: true, Color: "FFFFFF"}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"1F4E79"}},
		Alignment: &excelize.Alignment{Vertical: "center"},
	})
	for _, f := range []struct { // in this order: the numbers of styles are part of the file
		of     columnar.Type
		format string
	}{{columnar.Int, "#,##0"}, {columnar.Decimal, "#,##0.00"}, {columnar.Ratio, "0.0%"}, {columnar.Date, "yyyy-mm-dd"}} {
		d.styles[f.of] = style(&excelize.Style{CustomNumFmt: &f.format})
	}
	return d
}

// Discard frees what the workbook holds. It does no harm after Finish.
func (d *Workbook) Discard() {
	d.file.Close() //nolint:errcheck // temporary files in a folder that is deleted, too, when this fails
}

// Begin gives the writer of a report's rows; nil when the workbook has no sheet for it.
func (d *Workbook) Begin(s spec.Report) (Writer, error) {
	if !slices.Contains(sheets, s.Name) {
		return nil, nil //nolint:nilnil // nothing of it is shown
	}
	if d.err != nil {
		return nil, d.err
	}
	w := &sheetWriter{doc: d, spec: s}
	return w, w.open()
}

// sheetWriter writes the rows of one report, into as many sheets as it takes.
type sheetWriter struct {
	doc   *Workbook
	spec  spec.Report
	sheet *excelize.StreamWriter // nil: closed
	part  int                    // 1-based
	rows  int                    // in the sheet, the header included
	cells []any
}

func (w *sheetWriter) open() error {
	w.part++
	name := w.spec.Name
	if w.part > 1 {
		name += " " + strconv.Itoa(w.part)
		if _, err := w.doc.file.NewSheet(name); err != nil {
			return err
		}
	}
	var err error
	if w.sheet, err = w.doc.file.NewStreamWriter(name); err != nil {
		return err
	}
	w.cells = w.cells[:0]
	for i, c := range w.spec.Columns {
		width := max(float64(len(c.Name))+4, map[columnar.Type]float64{columnar.String: 22, columnar.Decimal: 16}[c.Type])
		if err := w.sheet.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
		w.cells = append(w.cells, excelize.Cell{StyleID: w.doc.header, Value: c.Name})
	}
	if err := w.sheet.SetPanes(&excelize.Panes{
		Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft",
		Selection: []excelize.Selection{{SQRef: "A2", ActiveCell: "A2", Pane: "bottomLeft"}},
	}); err != nil {
		return err
	}
	w.rows = 1
	return w.sheet.SetRow("A1", w.cells, excelize.RowOpts{Height: 20})
}

// end completes the sheet: as a table, so that every column has a filter.
func (w *sheetWriter) end() error {
	sheet := w.sheet
	w.sheet = nil
	corner, err := excelize.CoordinatesToCellName(len(w.spec.Columns), max(w.rows, 2)) // a table has at least one row, be it empty
	if err != nil {
		return err
	}
	name := w.spec.Name + "_" + strconv.Itoa(w.part)
	if err := sheet.AddTable(&excelize.Table{Range: "A1:" + corner, Name: name, StyleName: "TableStyleLight1"}); err != nil {
		return err
	}
	return sheet.Flush()
}

func (w *sheetWriter) Row(values []engine.Value) error {
	if w.rows == w.doc.rows {
		if err := errors.Join(w.end(), w.open()); err != nil {
			return err
		}
	}
	w.rows++
	w.cells = w.cells[:0]
	for i := range values {
		cell, err := w.cell(&values[i])
		if err != nil {
			return err
		}
		w.cells = append(w.cells, cell)
	}
	return w.sheet.SetRow("A"+strconv.Itoa(w.rows), w.cells)
}

// cell gives a cell with its type. Text is never a formula here, whatever it begins with. A number of this file format is a
// floating point number: amounts are the nearest one to the exact decimal.
func (w *sheetWriter) cell(v *engine.Value) (any, error) {
	if v.Null {
		return nil, nil //nolint:nilnil // an empty cell
	}
	style := w.doc.styles[v.Type]
	switch v.Type {
	case columnar.String:
		return strings.Clone(v.S), nil
	case columnar.Int:
		return excelize.Cell{StyleID: style, Value: v.I}, nil
	case columnar.Decimal, columnar.Ratio:
		number, err := strconv.ParseFloat(string(spec.AppendValue(nil, v)), 64)
		return excelize.Cell{StyleID: style, Value: number}, err
	case columnar.Date:
		const epoch = 25569 // 1970-01-01 as days since 1899-12-30
		return excelize.Cell{StyleID: style, Value: v.I + epoch}, nil
	}
	return string(spec.AppendValue(nil, v)), nil
}

func (w *sheetWriter) Close() error {
	if w.sheet == nil {
		return nil
	}
	return w.end()
}

// about writes the sheet that says where the numbers come from.
func (d *Workbook) about() error {
	const name = "about"
	if _, err := d.file.NewSheet(name); err != nil {
		return err
	}
	sheet, err := d.file.NewStreamWriter(name)
	if err != nil {
		return err
	}
	lines := [][2]string{
		{"pidledger", d.run.Version}, {"run", d.run.ID}, {"started (UTC)", d.run.Started.UTC().Format(time.DateTime)}, {"usage through", d.run.DataThrough},
		{"amounts", "A spreadsheet keeps 15 to 17 digits of a number and shows 15; the CSV, Parquet and JSON reports have all of them."},
		{"currencies", "Filter by currency before you add amounts up."},
		{"long reports", "A report that does not fit into a sheet goes on in others after the last one, with 2, 3, ... after its name."},
	}
	if err := errors.Join(sheet.SetColWidth(1, 1, 16), sheet.SetColWidth(2, 2, 110)); err != nil {
		return err
	}
	for i, l := range lines {
		if err := sheet.SetRow("A"+strconv.Itoa(i+1), []any{excelize.Cell{StyleID: d.header, Value: l[0]}, l[1]}); err != nil {
			return err
		}
	}
	return sheet.Flush()
}

// Finish writes the file.
func (d *Workbook) Finish(path string) (err error) {
	if err := d.about(); err != nil {
		return err
	}
	started := d.run.Started.UTC().Format(time.RFC3339)
	if err := d.file.SetDocProps(&excelize.DocProperties{Creator: "pidledger", LastModifiedBy: "pidledger", Created: started, Modified: started, Title: "pidledger, run " + d.run.ID}); err != nil {
		return err
	}
	temp, err := os.CreateTemp(d.dir, "xlsx-")
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, temp.Close(), os.Remove(temp.Name()))
	}()
	if err := d.file.Write(temp); err != nil {
		return err
	}
	if err := d.file.Close(); err != nil {
		return err
	}
	return sortZip(temp, path)
}

// sortZip copies an archive with its members in the order of their names: the library writes sheets in random order, and the same
// reports must have the same bytes.
func sortZip(from *os.File, path string) (err error) {
	info, err := from.Stat()
	if err != nil {
		return err
	}
	archive, err := zip.NewReader(from, info.Size())
	if err != nil {
		return err
	}
	to, err := createFile(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	out := zip.NewWriter(to)
	// The list of content types comes first in files that Office writes, and `[` is before the letters.
	slices.SortFunc(archive.File, func(a, b *zip.File) int { return cmp.Compare(a.Name, b.Name) })
	for _, member := range archive.File {
		if err := out.Copy(member); err != nil {
			return fmt.Errorf("copy %s: %w", member.Name, err)
		}
	}
	return out.Close()
}

package workbook

import (
	"archive/zip"
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/pidledger/pidledger/queries/columnar"
	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/spec"
)

// frozen keeps the headings in sight.
var frozen = &excelize.Panes{
	Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft",
	Selection: []excelize.Selection{{SQRef: "A2", ActiveCell: "A2", Pane: "bottomLeft"}},
}

// measuredRows is how many rows the widths of columns are taken from: a stream has to know them before its first row.
const measuredRows = 200

// The least and the largest width of a column, in letters.
const leastWidth, mostWidth = 8, 60

// listWriter writes the rows of a list, into as many sheets as it takes.
type listWriter struct {
	doc    *workbook
	name   string
	schema columnar.Schema
	sheet  *excelize.StreamWriter
	widths []int
	part   int // 1-based
	rows   int // in the sheet, the header included
}

// list writes rows into a sheet of that name, and into others when it is full.
func (d *workbook) list(name string, rows engine.Rows) error {
	w := &listWriter{doc: d, name: name, schema: rows.Schema()}
	for _, c := range w.schema {
		width := len(heading(c.Name)) + 3 // a filter's button takes three
		if isNumber(c.Type) {
			width += 3 // a head at the right is indented by it
		}
		w.widths = append(w.widths, max(leastWidth, width))
	}
	var first [][]any
	for len(first) < measuredRows && rows.Next() {
		cells, err := w.cells(rows.Values())
		if err != nil {
			return err
		}
		first = append(first, cells)
	}
	if err := w.open(); err != nil {
		return err
	}
	for _, cells := range first {
		if err := w.row(cells); err != nil {
			return err
		}
	}
	for rows.Next() {
		cells, err := w.cells(rows.Values())
		if err != nil {
			return err
		}
		if err := w.row(cells); err != nil {
			return err
		}
	}
	return errors.Join(rows.Err(), w.end())
}

// cells makes cells of a row, and measures them while no sheet is open.
func (w *listWriter) cells(values []engine.Value) ([]any, error) {
	cells := make([]any, len(values))
	for i := range values {
		var err error
		if cells[i], err = w.doc.cell(&values[i]); err != nil {
			return nil, err
		}
		if number, ok := cells[i].(excelize.Cell); ok && w.schema[i].Name == "growth" {
			number.StyleID = w.doc.growth
			cells[i] = number
		}
		if w.sheet == nil && !values[i].Null {
			w.widths[i] = min(max(w.widths[i], shown(&values[i])+2), mostWidth)
		}
	}
	return cells, nil
}

func isNumber(t columnar.Type) bool {
	return t == columnar.Int || t == columnar.Decimal || t == columnar.Ratio
}

// shown is how many letters a cell shows.
func shown(v *engine.Value) int {
	if v.Type == columnar.String {
		return utf8.RuneCountInString(v.S)
	}
	text := string(spec.AppendValue(nil, v))
	switch v.Type {
	case columnar.Decimal:
		return len(human.Rounded(spec.Amount(text)))
	case columnar.Ratio:
		return len(human.Percent(text))
	case columnar.Int:
		return len(human.Thousands(v.I))
	}
	return len(text)
}

// acronyms are words of column names that are not written as words.
var acronyms = map[string]string{"mpn": "MPN", "id": "ID", "sku": "SKU", "usd": "USD"}

// heading is the name of a column for people.
func heading(column string) string {
	words := strings.Split(column, "_")
	for i, word := range words {
		words[i] = cmp.Or(acronyms[word], word)
	}
	text := strings.Join(words, " ")
	return strings.ToUpper(text[:1]) + text[1:]
}

func (w *listWriter) open() error {
	w.part++
	name := w.name
	if w.part > 1 {
		name += " " + strconv.Itoa(w.part)
	}
	if err := w.doc.sheet(name, true); err != nil {
		return err
	}
	var err error
	if w.sheet, err = w.doc.file.NewStreamWriter(name); err != nil {
		return err
	}
	var cells []any
	for i, c := range w.schema {
		if err := w.sheet.SetColWidth(i+1, i+1, float64(w.widths[i])); err != nil {
			return err
		}
		cells = append(cells, w.doc.head(heading(c.Name), isNumber(c.Type)))
	}
	if err := w.sheet.SetPanes(frozen); err != nil {
		return err
	}
	w.rows = 1
	return w.sheet.SetRow("A1", cells, excelize.RowOpts{Height: 20})
}

func (w *listWriter) row(cells []any) error {
	if w.rows == w.doc.rows {
		if err := errors.Join(w.end(), w.open()); err != nil {
			return err
		}
	}
	w.rows++
	return w.sheet.SetRow("A"+strconv.Itoa(w.rows), cells)
}

// end completes the sheet: as a table, so that every column has a filter.
func (w *listWriter) end() error {
	if err := w.doc.filters(w.sheet, len(w.schema), w.rows); err != nil {
		return err
	}
	return w.sheet.Flush()
}

// cell gives a cell with its type. Text is never a formula here, whatever it begins with. A number of this file format is a
// floating point number: amounts are the nearest one to the exact decimal.
func (d *workbook) cell(v *engine.Value) (any, error) {
	if v.Null {
		return nil, nil //nolint:nilnil // an empty cell
	}
	style := d.styles[v.Type]
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

// save writes the file.
func (d *workbook) save(path, dir string) (err error) {
	started := d.run.Started.UTC().Format(time.RFC3339)
	if err := d.file.SetDocProps(&excelize.DocProperties{Creator: "pidledger", LastModifiedBy: "pidledger", Created: started, Modified: started, Title: "pidledger, run " + d.run.ID}); err != nil {
		return err
	}
	if types := d.file.ContentTypes; types != nil { // the library lists them in random order when there is a chart
		sort.Slice(types.Defaults, func(i, j int) bool { return types.Defaults[i].Extension < types.Defaults[j].Extension })
	}
	temp, err := os.CreateTemp(dir, "xlsx-")
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
	to, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
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

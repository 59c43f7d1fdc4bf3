package report

import (
	"path/filepath"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/pidledger/pidledger/report/reporttest"
	"github.com/pidledger/pidledger/report/spec"
)

func openWorkbook(t *testing.T, path string) *excelize.File {
	t.Helper()
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestWorkbook(t *testing.T) {
	o := options(t)
	o.Formats = []string{spec.XLSX}
	if _, err := Publish(t.Context(), &reporttest.Engine{Folder: t.TempDir(), Tables: reporttest.PageWorld()}, o); err != nil {
		t.Fatal(err)
	}
	f := openWorkbook(t, filepath.Join(o.Dir, "report.xlsx"))
	if diff := cmp.Diff([]string{"summary", "channels", "customers", "coverage", "about"}, f.GetSheetList()); diff != "" {
		t.Fatalf("sheets (-want +got):\n%s", diff)
	}
	for _, name := range []string{"summary", "channels", "customers", "coverage"} {
		s, _ := spec.Find(name)
		rows, err := f.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range s.Columns {
			if rows[0][i] != c.Name {
				t.Errorf("%s: column %d is %s, want %s", name, i+1, rows[0][i], c.Name)
			}
		}
		panes, err := f.GetPanes(name)
		if err != nil || !panes.Freeze || panes.YSplit != 1 {
			t.Errorf("%s: the header is not frozen: %+v, %v", name, panes, err)
		}
		tables, err := f.GetTables(name)
		if err != nil || len(tables) != 1 {
			t.Errorf("%s: no table to filter: %v, %v", name, tables, err)
		}
	}
	cell := func(sheet, at string) (shown, raw string, kind excelize.CellType) {
		t.Helper()
		shown, err := f.GetCellValue(sheet, at)
		if err != nil {
			t.Fatal(err)
		}
		if raw, err = f.GetCellValue(sheet, at, excelize.Options{RawCellValue: true}); err != nil {
			t.Fatal(err)
		}
		if kind, err = f.GetCellType(sheet, at); err != nil {
			t.Fatal(err)
		}
		return shown, raw, kind
	}
	for _, c := range []struct{ at, shown, raw string }{
		{"H2", "100.50", "100.5"},     // decimal
		{"I3", "0.00", "1e-18"},       // as many digits as a number has
		{"O2", "2026-03-02", "46083"}, // date
		{"K2", "10", "10"},            // integer
		{"J2", "", ""},                // NULL
		{"D3", "=cmd()", "=cmd()"},    // text that looks like a formula
		{"B2", "4391822", "4391822"},  // an MPN ID is text
		{"H3", "-3.00", "-3"},         //
		{"G2", "EUR", "EUR"},          //
		{"A2", "2026-03", "2026-03"},  // a month is text
		{"Q2", "0.00", "0"},           //
		{"P3", "2026-04-02", "46114"}, //
		{"L2", "2", "2"},              //
		{"I2", "100.50", "100.5"},     //
		{"C2", "Contoso Data Hub", "Contoso Data Hub"},
	} {
		shown, raw, _ := cell("summary", c.at)
		if n, err := strconv.ParseFloat(raw, 64); err == nil && c.raw == "1e-18" && n == 1e-18 {
			raw = c.raw
		}
		if shown != c.shown || raw != c.raw {
			t.Errorf("summary %s is %q (%q), want %q (%q)", c.at, shown, raw, c.shown, c.raw)
		}
	}
	for at, text := range map[string]bool{"D3": true, "B2": true, "H2": false, "O2": false, "K2": false} {
		if _, _, kind := cell("summary", at); text != (kind == excelize.CellTypeInlineString || kind == excelize.CellTypeSharedString || kind == excelize.CellTypeFormula) {
			t.Errorf("summary %s is of type %v", at, kind)
		}
		if formula, err := f.GetCellFormula("summary", at); err != nil || formula != "" {
			t.Errorf("summary %s has the formula %q, %v", at, formula, err)
		}
	}
	if shown, _, _ := cell("channels", "I4"); shown != "75.0%" {
		t.Errorf("the share is %q", shown)
	}
	props, err := f.GetDocProps()
	if err != nil || props.Created != "2026-05-01T02:00:00Z" || props.Creator != "pidledger" {
		t.Errorf("properties %+v, %v", props, err)
	}
}

// Without rows there are sheets with headers.
func TestWorkbookOfNothing(t *testing.T) {
	o := options(t)
	o.Formats = []string{spec.XLSX}
	o.Run.DataThrough = ""
	if _, err := Publish(t.Context(), &reporttest.Engine{Folder: t.TempDir()}, o); err != nil {
		t.Fatal(err)
	}
	f := openWorkbook(t, filepath.Join(o.Dir, "report.xlsx"))
	rows, err := f.GetRows("coverage")
	if err != nil || len(rows) == 0 || rows[0][0] != "month" {
		t.Errorf("rows %v, %v", rows, err)
	}
}

package report

import (
	"archive/zip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
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

// unpack extracts the file's parts into a folder.
func unpack(t *testing.T, path string) string {
	t.Helper()
	dir := t.TempDir()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	if err := os.CopyFS(dir, z); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestWorkbook(t *testing.T) {
	o := options(t)
	o.Formats = []string{spec.XLSX}
	if _, err := Publish(t.Context(), &reporttest.Engine{Folder: t.TempDir(), Tables: reporttest.PageWorld()}, o); err != nil {
		t.Fatal(err)
	}
	f := openWorkbook(t, filepath.Join(o.Dir, "report.xlsx"))
	if diff := cmp.Diff([]string{"Channels by month", "Offers", "Channels", "Customers", "Coverage", "Ids to register", "Unattributed", "Partner earned credit", "Changes", "About"}, f.GetSheetList()); diff != "" {
		t.Fatalf("sheets (-want +got):\n%s", diff)
	}
	for name, report := range map[string]string{"Offers": "summary", "Channels": "channels", "Customers": "customers", "Coverage": "coverage", "Ids to register": "unregistered", "Unattributed": "unattributed"} {
		s, _ := spec.Find(report)
		rows, err := f.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		var heads []string
		for _, h := range rows[0] {
			heads = append(heads, strings.ReplaceAll(strings.ToLower(h), " ", "_"))
		}
		for _, c := range s.Columns {
			if !slices.Contains(heads, c.Name) {
				t.Errorf("%s has no column for %s: %v", name, c.Name, heads)
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
		layout, err := f.GetPageLayout(name)
		if err != nil || *layout.Orientation != "landscape" || *layout.FitToWidth != 1 {
			t.Errorf("%s is not made to be printed: %+v, %v", name, layout, err)
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
		{"A2", "2026-04", "2026-04"},  // the newest month first; a month is text
		{"A3", "2026-03", "2026-03"},  //
		{"G3", "100.50", "100.5"},     // decimal
		{"G2", "0.00", "1e-18"},       // as many digits as a number has
		{"H2", "-3.00", "-3"},         //
		{"O3", "2026-03-02", "46083"}, // date
		{"P2", "2026-04-02", "46114"}, //
		{"K3", "10", "10"},            // integer
		{"I3", "", ""},                // NULL
		{"J3", "0.00", "0"},           //
		{"D2", "=cmd()", "=cmd()"},    // text that looks like a formula
		{"F3", "4391822", "4391822"},  // an MPN ID is text
		{"B3", "EUR", "EUR"},          //
		{"C3", "Contoso Data Hub", "Contoso Data Hub"},
	} {
		shown, raw, _ := cell("Offers", c.at)
		if n, err := strconv.ParseFloat(raw, 64); err == nil && c.raw == "1e-18" && n == 1e-18 {
			raw = c.raw
		}
		if shown != c.shown || raw != c.raw {
			t.Errorf("Offers %s is %q (%q), want %q (%q)", c.at, shown, raw, c.shown, c.raw)
		}
	}
	for at, text := range map[string]bool{"D2": true, "F3": true, "G3": false, "O3": false, "K3": false} {
		if _, _, kind := cell("Offers", at); text != (kind == excelize.CellTypeInlineString || kind == excelize.CellTypeSharedString || kind == excelize.CellTypeFormula) {
			t.Errorf("Offers %s is of type %v", at, kind)
		}
		if formula, err := f.GetCellFormula("Offers", at); err != nil || formula != "" {
			t.Errorf("Offers %s has the formula %q, %v", at, formula, err)
		}
	}
	if shown, _, _ := cell("Channels", "G2"); shown != "75.0%" {
		t.Errorf("the share is %q", shown)
	}
	for at, want := range map[string]string{ // the newest month first, the largest channel first, and each currency by itself
		"A1": "EUR: attributed effective cost by month and channel", "B2": "github", "C2": "marketplace", "D2": "Total", "A3": "2026-04", "B3": "1,234.50",
		"C3": "411.50", "D3": "1,646.00", "A4": "2026-03", "D4": "1,000.50", "A27": "USD: attributed effective cost by month and channel",
	} {
		if shown, _, _ := cell("Channels by month", at); shown != want {
			t.Errorf("Channels by month %s is %q, want %q", at, shown, want)
		}
	}
	if charts, err := filepath.Glob(filepath.Join(unpack(t, filepath.Join(o.Dir, "report.xlsx")), "xl", "charts", "chart*.xml")); err != nil || len(charts) != 2 {
		t.Errorf("charts %v, %v", charts, err)
	}
	if rows, err := f.GetRows("Changes"); err != nil || len(rows) < 3 || rows[0][0] != "Kind" || rows[1][0] != "attributed share" {
		t.Errorf("changes %v, %v", rows, err)
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
	rows, err := f.GetRows("Coverage")
	if err != nil || len(rows) == 0 || rows[0][0] != "Month" {
		t.Errorf("rows %v, %v", rows, err)
	}
}

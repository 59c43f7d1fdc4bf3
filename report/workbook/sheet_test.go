package workbook

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/pidledger/pidledger/report/reporttest"
	"github.com/pidledger/pidledger/report/spec"
)

// A list with more rows than a sheet goes on in the next one; no row is lost, and the same rows give the same bytes.
func TestListGoesOn(t *testing.T) {
	var before []byte
	for range 3 {
		dir := t.TempDir()
		d, err := newWorkbook(spec.Run{ID: "run-1", Version: "1.2.3", DataThrough: "2026-04-30"}, dir)
		if err != nil {
			t.Fatal(err)
		}
		defer d.file.Close()
		d.rows = 4 // a header and three rows
		rows, _ := (&reporttest.Engine{Folder: t.TempDir(), Tables: reporttest.World()}).Fetch(t.Context(), "coverage")
		if err := d.list("Coverage", rows); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "report.xlsx")
		if err := d.save(path, dir); err != nil {
			t.Fatal(err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
			t.Errorf("files %v, %v", left, err)
		}
		f, err := excelize.OpenFile(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if diff := cmp.Diff([]string{"Sheet1", "Coverage", "Coverage 2", "Coverage 3", "Coverage 4"}, f.GetSheetList()); diff != "" {
			t.Errorf("sheets (-want +got):\n%s", diff)
		}
		got := 0
		for _, name := range f.GetSheetList()[1:] {
			lines, err := f.GetRows(name)
			if err != nil || lines[0][0] != "Month" {
				t.Fatalf("%s: %v, %v", name, lines, err)
			}
			got += len(lines) - 1
		}
		if got != 12 {
			t.Errorf("%d rows, want 12", got)
		}
		now := reporttest.Read(t, path)
		if before != nil && !bytes.Equal(before, now) {
			t.Error("the same rows give another file")
		}
		before = now
	}
}

func TestHeading(t *testing.T) {
	for column, want := range map[string]string{"mpn_id": "MPN ID", "effective_cost": "Effective cost", "sku": "SKU", "cost_usd": "Cost USD", "customer_tenant_id": "Customer tenant ID"} {
		if got := heading(column); got != want {
			t.Errorf("%s is %q, want %q", column, got, want)
		}
	}
}

// Channels have the colours that they have on the page.
func TestPaletteIsThatOfThePage(t *testing.T) {
	css, err := os.ReadFile(filepath.Join("..", "page", "html", "style.css"))
	if err != nil {
		t.Fatal(err)
	}
	for i, colour := range palette {
		if want := fmt.Sprintf("--c%d: #%s;", i, strings.ToLower(colour)); !strings.Contains(string(css), want) {
			t.Errorf("the page has no %s", want)
		}
	}
}

package write

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/pidledger/pidledger/report/reporttest"
	"github.com/pidledger/pidledger/report/spec"
)

// A report with more rows than a sheet goes on in the next one; no row is lost.
func TestWorkbookGoesOn(t *testing.T) {
	dir := t.TempDir()
	d := NewWorkbook(spec.Run{ID: "run-1", Version: "1.2.3", DataThrough: "2026-04-30"}, dir)
	defer d.Discard()
	d.rows = 4 // a header and three rows
	s, _ := spec.Find("coverage")
	w, err := d.Begin(s)
	if err != nil {
		t.Fatal(err)
	}
	rows, _ := (&reporttest.Engine{Folder: t.TempDir(), Tables: reporttest.World()}).Fetch(t.Context(), "coverage")
	n := 0
	for rows.Next() {
		if err := w.Row(rows.Values()); err != nil {
			t.Fatal(err)
		}
		n++
	}
	path := filepath.Join(dir, "report.xlsx")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := d.Finish(path); err != nil {
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
	if diff := cmp.Diff([]string{"summary", "channels", "customers", "coverage", "coverage 2", "coverage 3", "coverage 4", "about"}, f.GetSheetList()); diff != "" {
		t.Errorf("sheets of %d rows (-want +got):\n%s", n, diff)
	}
	got := 0
	for _, name := range f.GetSheetList()[3:7] {
		lines, err := f.GetRows(name)
		if err != nil || lines[0][0] != "month" {
			t.Fatalf("%s: %v, %v", name, lines, err)
		}
		got += len(lines) - 1
	}
	if got != n {
		t.Errorf("%d rows, want %d", got, n)
	}
}

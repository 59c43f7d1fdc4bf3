package report

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/report/reporttest"
)

// A month of attributed usage that has not changed keeps its FOCUS file; another one gets a file of another name, which a hub takes in place of the first.
func TestFocus(t *testing.T) {
	o := options(t)
	o.Focus = true
	e := &reporttest.Engine{Folder: t.TempDir(), Tables: reporttest.World()}
	publish := func(run string) []string {
		o.Run.ID = run
		pub, err := Publish(t.Context(), e, o)
		if err != nil {
			t.Fatal(err)
		}
		if lack := pub.Manifest.missing(o.Dir); lack != "" {
			t.Error(lack)
		}
		var files []string
		for _, f := range pub.Manifest.Focus.Files {
			files = append(files, f.Path)
		}
		if pub.Manifest.Focus.Rows != 2 {
			t.Errorf("%d rows in %q", pub.Manifest.Focus.Rows, files)
		}
		return files
	}
	first := publish("run-1")
	if len(first) != 4 || len(e.Focus) != 2 {
		t.Fatalf("files %q, of which %q were written", first, e.Focus)
	}
	for i, month := range []string{"03", "04"} {
		folder := "focus/AttributedUsage/2026/" + month + "/pidledger/"
		if file := first[2*i]; !strings.HasPrefix(file, folder) || !strings.HasSuffix(file, "__attributed_usage.parquet") || first[2*i+1] != folder+"manifest.json" {
			t.Errorf("month %s: %q", month, first[2*i:2*i+2])
		}
	}
	if again := publish("run-2"); !slices.Equal(again, first) || len(e.Focus) != 2 {
		t.Errorf("without a change: %q, of which %q were written", again, e.Focus[2:])
	}

	part := filepath.Join(e.Folder, "judged", "2026-04", "data_0.parquet")
	if err := os.Remove(part); err != nil { // parts never change: there is another one
		t.Fatal(err)
	}
	if err := os.WriteFile(part, []byte("PAR1 other"), 0o600); err != nil {
		t.Fatal(err)
	}
	if other := publish("run-3"); other[0] != first[0] || other[2] == first[2] || len(e.Focus) != 3 {
		t.Errorf("with another April: %q, of which %q were written", other, e.Focus[2:])
	}

	if err := os.WriteFile(filepath.Join(o.Dir, filepath.FromSlash(first[0])), []byte("PAR1 fakes"), 0o600); err != nil {
		t.Fatal(err)
	}
	if publish("run-4"); len(e.Focus) != 4 {
		t.Errorf("a damaged file was taken over: %q", e.Focus)
	}
	o.Focus = false
	pub, err := Publish(t.Context(), e, o)
	if err != nil || pub.Manifest.Focus != nil {
		t.Errorf("when it is not asked for: %+v, %v", pub, err)
	}
	if _, err := os.Stat(filepath.Join(o.Dir, focusFolder)); !os.IsNotExist(err) {
		t.Errorf("the folder stayed: %v", err)
	}
}

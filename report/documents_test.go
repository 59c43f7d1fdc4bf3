package report

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pidledger/pidledger/report/reporttest"
	"github.com/pidledger/pidledger/report/spec"
)

// The same reports give the same bytes.
func TestDocumentsAreTheSameAgain(t *testing.T) {
	w := reporttest.PageWorld()
	for i := range 50 {
		w["customers"] += fmt.Sprintf("\n2026-04|4391822|Contoso Data Hub|github|t%02d|s%02d|EUR|C %s|5|5|\\N|2|2026-04-01", i, i, strconv.Itoa(i))
	}
	var first map[string]string
	for range 5 {
		o := options(t)
		o.Formats = []string{spec.HTML, spec.XLSX}
		if _, err := Publish(t.Context(), &reporttest.Engine{Folder: t.TempDir(), Tables: w}, o); err != nil {
			t.Fatal(err)
		}
		all := contents(t, o.Dir)
		if first == nil {
			first = all
			continue
		}
		for name, content := range all {
			// Each set has a folder of its own for its snapshot, which these two name.
			if content != first[name] && name != ManifestName && name != snapshotName {
				t.Errorf("%s differs from the one before", name)
			}
		}
	}
}

// Documents are files of the folder like any other: in the manifest, ours, and replaced with it.
func TestDocumentsInFolder(t *testing.T) {
	o := options(t)
	o.Watch.AlertShare = 0.05
	o.Formats, o.Detail = []string{spec.HTML, spec.XLSX}, nil
	for _, id := range []string{"run-1", "run-2"} { // the second finds the files of the first and knows them
		o.Run.ID = id
		pub, err := Publish(t.Context(), &reporttest.Engine{Folder: t.TempDir(), Tables: reporttest.PageWorld()}, o)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"html", "xlsx"}, pub.Summary.Reports.Formats); diff != "" {
			t.Errorf("formats (-want +got):\n%s", diff)
		}
		if len(pub.Summary.Money) == 0 {
			t.Error("without tables there is no summary")
		}
		var paths []string
		for _, d := range pub.Manifest.Documents {
			paths = append(paths, d.Path)
			if d.Bytes == 0 || len(d.SHA256) != 64 || d.Rows != nil {
				t.Errorf("document %+v", d)
			}
		}
		if diff := cmp.Diff([]string{"report.html", "report.xlsx"}, paths); diff != "" {
			t.Errorf("documents (-want +got):\n%s", diff)
		}
		want := []string{"attributed_usage/month=2026-03/data_0.parquet", "attributed_usage/month=2026-04/data_0.parquet", ManifestName, "report.html", "report.xlsx", snapshotName}
		if diff := cmp.Diff(want, tree(t, o.Dir)); diff != "" {
			t.Errorf("files (-want +got):\n%s", diff)
		}
		modes(t, o.Dir)
	}
}

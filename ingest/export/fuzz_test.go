package export

import (
	"strings"
	"testing"
)

// FuzzClassify: whatever the files are called and a manifest says, every file is in one place of the layout, and no other is.
func FuzzClassify(f *testing.F) {
	const run = "cost/daily/20260301-20260331/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0/"
	f.Add(run+"manifest.json\n"+run+"part_0_0001.csv", `{"manifestVersion":"2024-04-01","blobs":[{"blobName":"daily/20260301-20260331/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0/part_0_0001.csv","byteCount":1}],`+
		`"runInfo":{"executionType":"Scheduled","submittedTime":"2026-03-02T01:00:00Z","runId":"0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0","startDate":"2026-03-01T00:00:00","endDate":"2026-03-31T00:00:00"},"exportConfig":{"exportName":"daily","resourceId":"/subscriptions/s","dataVersion":"1","type":"Usage","timeFrame":"MonthToDate"}}`)
	f.Add("a/20260301-20260331/x.csv\na/20260301-20260331/y.csv\nb/_manifest.json\nb/c/d.csv.gz", `{"blobs":[{"blobName":"../d.csv.gz"}]}`)
	f.Add("202603021200/manifest.json\n202603021200/a/manifest.json\n/\n.\n..", `{}`)
	f.Fuzz(func(t *testing.T, listing, manifest string) {
		var files []FileInfo
		listed := map[string]int{}
		manifests := map[string]Parsed{}
		for _, path := range strings.Split(listing, "\n") {
			if path == "" || listed[path] > 0 {
				continue
			}
			listed[path] = 1
			files = append(files, FileInfo{Path: path, Size: 1})
			if IsManifest(path) {
				m, err := ParseManifest(path, []byte(manifest))
				manifests[path] = Parsed{Manifest: m, Err: err}
			}
		}
		l := Classify(files, manifests)
		places := map[string]int{}
		runs := map[string]bool{} // two runs may name one file; it is in one kind of place
		for _, r := range l.Runs {
			if r.Manifest != "" {
				runs[r.Manifest] = true
			}
			for _, b := range r.Blobs {
				runs[b.Path] = true
			}
		}
		for path := range runs {
			places[path]++
		}
		for _, w := range l.Waiting {
			if w.Manifest != "" {
				places[w.Manifest]++
			}
			for _, path := range w.Files {
				places[path]++
			}
		}
		for _, n := range l.Notes {
			if places[n.Path] == 0 || !IsManifest(n.Path) { // a damaged manifest is named for itself, and its folder waits for it
				places[n.Path]++
			}
		}
		for _, o := range l.Other {
			places[o.Path]++
		}
		for path, n := range places {
			if listed[path] == 0 || n != 1 {
				t.Fatalf("%q is in %d places (%d listed) of %+v", path, n, listed[path], l)
			}
		}
		if len(places) != len(listed) {
			t.Fatalf("%d of %d files are in %+v", len(places), len(listed), l)
		}
		for _, s := range Resolve(l.Runs) {
			if s.Status == Counts && s.Run.Own().From > s.Run.Own().To {
				t.Fatalf("a run counts on no day: %+v", s)
			}
		}
	})
}

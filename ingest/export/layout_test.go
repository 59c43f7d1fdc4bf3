package export

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	runA  = "aaaaaaaa-0000-4000-8000-000000000001"
	month = "exports/c/Daily/20260301-20260331"
)

// tree is a listing: "path size" a line, and the manifests by path.
func tree(t *testing.T, list string, manifests map[string]string) ([]FileInfo, map[string]Parsed) {
	t.Helper()
	var files []FileInfo
	for line := range strings.Lines(list) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		var f FileInfo
		cut := strings.LastIndexByte(line, ' ')
		f.Path = line[:cut]
		if _, err := fmt.Sscan(line[cut:], &f.Size); err != nil {
			t.Fatal(err)
		}
		f.ModTime = clock("2026-06-01T00:00:00Z")
		files = append(files, f)
	}
	parsed := map[string]Parsed{}
	for path, text := range manifests {
		m, err := ParseManifest(path, []byte(text))
		parsed[path] = Parsed{m, err}
	}
	return files, parsed
}

// describe writes a layout as lines, one for each thing in it.
func describe(l Layout) (out []string) {
	for _, r := range l.Runs {
		var blobs []string
		for _, b := range r.Blobs {
			blobs = append(blobs, b.Path)
		}
		out = append(out, "run "+r.path()+" = "+strings.Join(blobs, ", "))
	}
	for _, w := range l.Waiting {
		out = append(out, "waiting "+w.Folder+": "+w.Reason+" = "+strings.Join(w.Files, ", "))
	}
	for _, n := range l.Notes {
		out = append(out, string(n.Status)+" "+n.Path+": "+n.Reason)
	}
	for _, f := range l.Other {
		out = append(out, "other "+f.Path)
	}
	return out
}

func TestClassify(t *testing.T) {
	flat := `{"exportConfig":{"exportName":"E","type":"Usage","timeFrame":"Custom"},"runInfo":{"startDate":"2026-03-01","endDate":"2026-03-02"},
		"blobs":[{"blobName":"c/e/current/part_0_0001.csv","byteCount":5}]}`
	for _, c := range []struct {
		name, list string
		manifests  map[string]string
		want       []string
	}{
		{
			name: "complete, part of the container's path, other roots",
			list: month + "/" + runA + "/manifest.json 900\n" + month + "/" + runA + "/part_0_0001.csv 12\n" + month + "/" + runA + "/part_1_0001.csv 8\n" +
				"other/c/Daily/20260301-20260331/" + runA + "x/part_0_0001.csv 12\nreadme.md 1\n",
			manifests: map[string]string{month + "/" + runA + "/manifest.json": runManifest()},
			want: []string{
				"run " + month + "/" + runA + "/manifest.json = " + month + "/" + runA + "/part_0_0001.csv, " + month + "/" + runA + "/part_1_0001.csv",
				"other other/c/Daily/20260301-20260331/" + runA + "x/part_0_0001.csv", "other readme.md",
			},
		},
		{
			name:      "blob missing, another run's part is not taken for it",
			list:      month + "/" + runA + "/manifest.json 900\n" + month + "/" + runA + "/part_0_0001.csv 12\n" + month + "/bbbbbbbb-0000-4000-8000-000000000001/part_1_0001.csv 8\n",
			manifests: map[string]string{month + "/" + runA + "/manifest.json": runManifest()},
			want: []string{
				"waiting " + month + "/" + runA + ": blob c/Daily/20260301-20260331/" + runA + "/part_1_0001.csv is missing = " + month + "/" + runA + "/part_0_0001.csv",
				"waiting " + month + "/bbbbbbbb-0000-4000-8000-000000000001: no manifest yet = " + month + "/bbbbbbbb-0000-4000-8000-000000000001/part_1_0001.csv",
			},
		},
		{
			name:      "blob of another size",
			list:      month + "/" + runA + "/manifest.json 900\n" + month + "/" + runA + "/part_0_0001.csv 11\n" + month + "/" + runA + "/part_1_0001.csv 8\n",
			manifests: map[string]string{month + "/" + runA + "/manifest.json": runManifest()},
			want: []string{
				"waiting " + month + "/" + runA + ": blob c/Daily/20260301-20260331/" + runA + "/part_0_0001.csv has 11 bytes, the manifest says 12 = " + month + "/" + runA + "/part_0_0001.csv, " + month + "/" + runA + "/part_1_0001.csv",
			},
		},
		{
			name:      "no sizes: existence is enough; blanks inside names",
			list:      month + "/" + runA + "/manifest.json 900\n" + month + "/" + runA + "/part_0_0001.csv 77\n" + month + "/" + runA + "/part_1_0001.csv 0\n",
			manifests: map[string]string{month + "/" + runA + "/manifest.json": runManifest(`"byteCount": 12, `, "", `"byteCount": 8, `, "", "part_0_0001.csv", " part_0 _0001.csv ")},
			want:      []string{"run " + month + "/" + runA + "/manifest.json = " + month + "/" + runA + "/part_0_0001.csv, " + month + "/" + runA + "/part_1_0001.csv"},
		},
		{
			name:      "stray part from an earlier delivery, no GUID folder needed for the manifest",
			list:      "e/current/manifest.json 9\ne/current/part_0_0001.csv 5\ne/current/part_1_0001.csv 5\ne/current/other.csv 5\n",
			manifests: map[string]string{"e/current/manifest.json": flat},
			want:      []string{"run e/current/manifest.json = e/current/part_0_0001.csv", "ignored e/current/part_1_0001.csv: the manifest beside it does not list it", "other e/current/other.csv"},
		},
		{
			name:      "manifest apart from its data: the folder must match, too",
			list:      "manifests/m1.manifest.json 9\ndata/e/current/part_0_0001.csv 5\ndata/f/latest/part_0_0001.csv 5\n",
			manifests: map[string]string{"manifests/m1.manifest.json": flat},
			want:      []string{"run manifests/m1.manifest.json = data/e/current/part_0_0001.csv", "other data/f/latest/part_0_0001.csv"},
		},
		{
			name:      "two equally good places",
			list:      "manifests/manifest.json 9\na/current/part_0_0001.csv 5\nb/current/part_0_0001.csv 5\n",
			manifests: map[string]string{"manifests/manifest.json": flat},
			want: []string{"waiting manifests: blob c/e/current/part_0_0001.csv is found more than once, first at a/current/part_0_0001.csv = ",
				"other a/current/part_0_0001.csv", "other b/current/part_0_0001.csv"},
		},
		{
			name:      "the file with another manifest is that one's",
			list:      "manifest.json 9\na/current/part_0_0001.csv 5\na/current/manifest.json 9\n",
			manifests: map[string]string{"manifest.json": flat, "a/current/manifest.json": flat},
			want:      []string{"run a/current/manifest.json = a/current/part_0_0001.csv", "waiting : blob c/e/current/part_0_0001.csv is missing = "},
		},
		{
			name:      "never outside the listing",
			list:      "r/manifest.json 9\nr/x.csv 5\n",
			manifests: map[string]string{"r/manifest.json": strings.Replace(flat, "c/e/current", "../../etc", 1)},
			want: []string{"waiting r: its manifest cannot be used = r/x.csv",
				`failed r/manifest.json: manifest r/manifest.json: blobs[0].blobName "../../etc/part_0_0001.csv" names no file below the container`},
		},
		{
			name:      "absolute names are looked up like any other",
			list:      "r/manifest.json 9\nr/x.csv 5\n",
			manifests: map[string]string{"r/manifest.json": strings.Replace(flat, "c/e/current/part_0_0001.csv", "/etc/passwd", 1)},
			want:      []string{"waiting r: blob etc/passwd is missing = ", "other r/x.csv"},
		},
		{
			name:      "price sheet",
			list:      month + "/" + runA + "/manifest.json 900\n" + month + "/" + runA + "/part_0_0001.csv 1\n" + month + "/" + runA + "/part_9_0001.csv 8\n",
			manifests: map[string]string{month + "/" + runA + "/manifest.json": runManifest("ActualCost", "PriceSheet")},
			want: []string{
				"ignored " + month + "/" + runA + "/manifest.json: export type PriceSheet holds prices, no usage",
				"ignored " + month + "/" + runA + "/part_0_0001.csv: export type PriceSheet holds prices, no usage",
				"ignored " + month + "/" + runA + "/part_9_0001.csv: export type PriceSheet holds prices, no usage",
			},
		},
		{
			name:      "manifests of other services leave their neighbours alone",
			list:      "d/manifest.json 9\nd/part_0.csv 5\n",
			manifests: map[string]string{"d/manifest.json": `{"blobs":[{"blobLink":"https://x/y.csv"}]}`},
			want: []string{"ignored d/manifest.json: manifest of a Cost Details API report: its blobs are download links, not files; the downloaded CSV files are read by themselves",
				"other d/part_0.csv"},
		},
		{
			name:      "a file that is just named so; a manifest nobody read",
			list:      "d/manifest.json 9\nd/part_0_0001.csv 5\ne/manifest.json 9\ne/part_0_0001.csv 5\n",
			manifests: map[string]string{"d/manifest.json": `{"name":"add-on"}`},
			want: []string{"waiting e: its manifest cannot be used = e/part_0_0001.csv", "failed e/manifest.json: manifest e/manifest.json: was not read",
				"other d/manifest.json", "other d/part_0_0001.csv"},
		},
		{
			name: "run folders without manifest, with and without time level; evidence in GUID folders; legacy",
			list: `
				x/20260301-20260331/202603110415/aaaaaaaa-0000-4000-8000-000000000001/000001.csv 1
				x/20260301-20260331/aaaaaaaa-0000-4000-8000-000000000002/part_0_0001 1
				x/20260301-20260331/aaaaaaaa-0000-4000-8000-000000000002/.part_0_0002.tmp 1
				y/202603110415/aaaaaaaa-0000-4000-8000-000000000003/part_0_0001.snappy.parquet 1
				y/aaaaaaaa-0000-4000-8000-000000000004/a.csv.gz 1
				y/aaaaaaaa-0000-4000-8000-000000000004/PT1H.json 1
				y/aaaaaaaa-0000-4000-8000-000000000004/notes 1
				z/20260301-20260331/z_aaaaaaaa-0000-4000-8000-000000000005.csv 1
				z/20260301-20260331/z.json 1
				z/20260301-20260331/deep/z.csv 1`,
			want: []string{
				"run z/20260301-20260331/z_aaaaaaaa-0000-4000-8000-000000000005.csv = z/20260301-20260331/z_aaaaaaaa-0000-4000-8000-000000000005.csv",
				"waiting x/20260301-20260331/202603110415/aaaaaaaa-0000-4000-8000-000000000001: no manifest yet = x/20260301-20260331/202603110415/aaaaaaaa-0000-4000-8000-000000000001/000001.csv",
				"waiting x/20260301-20260331/aaaaaaaa-0000-4000-8000-000000000002: no manifest yet = x/20260301-20260331/aaaaaaaa-0000-4000-8000-000000000002/part_0_0001",
				"waiting y/202603110415/aaaaaaaa-0000-4000-8000-000000000003: no manifest yet = y/202603110415/aaaaaaaa-0000-4000-8000-000000000003/part_0_0001.snappy.parquet",
				"waiting y/aaaaaaaa-0000-4000-8000-000000000004: no manifest yet = y/aaaaaaaa-0000-4000-8000-000000000004/a.csv.gz",
				"other x/20260301-20260331/aaaaaaaa-0000-4000-8000-000000000002/.part_0_0002.tmp",
				"other y/aaaaaaaa-0000-4000-8000-000000000004/PT1H.json",
				"other y/aaaaaaaa-0000-4000-8000-000000000004/notes",
				"other z/20260301-20260331/deep/z.csv",
				"other z/20260301-20260331/z.json",
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			files, manifests := tree(t, c.list, c.manifests)
			layout := Classify(files, manifests)
			if d := cmp.Diff(c.want, describe(layout)); d != "" {
				t.Error(d)
			}
			accounted(t, files, layout)
			for range 5 {
				rand.Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
				if d := cmp.Diff(layout, Classify(files, manifests)); d != "" {
					t.Errorf("another order of files, another layout: %s", d)
				}
			}
		})
	}
}

func TestRunOfManifest(t *testing.T) {
	list := month + "/" + runA + "/manifest.json 900\n" + month + "/" + runA + "/part_0_0001.csv 12\n" + month + "/" + runA + "/part_1_0001.csv 8\n"
	run := func(edits ...string) Run {
		files, manifests := tree(t, list, map[string]string{month + "/" + runA + "/manifest.json": runManifest(edits...)})
		layout := Classify(files, manifests)
		if len(layout.Runs) != 1 {
			t.Fatalf("%v", describe(layout))
		}
		return layout.Runs[0]
	}
	r := run()
	if r.Group != strings.ToLower(scopeA)+"|actualcost|daily" || r.Key != r.Group+"|2026-03|"+runA || r.Basis != "actual" || !r.Whole ||
		r.Month != day("2026-03-01") || *r.DataRowCount != 3 || r.Declared() != (Span{day("2026-03-01"), day("2026-03-10")}) || *r.Blobs[1].DataRowCount != 1 || r.Blobs[1].Size != 8 {
		t.Errorf("%+v", r)
	}
	for name, edits := range map[string][]string{
		"submitted":    {"04:15:00.5234447Z", "04:15:00.5234448Z"},
		"data version": {"2021-10-01", "2023-12-01-preview"},
		"rows":         {`"dataRowCount": 2`, `"dataRowCount": 1`},
		"unknown rows": {`"dataRowCount": 2`, `"dataRowCount": null`},
	} {
		if run(edits...).Token == r.Token {
			t.Errorf("%s: the token should change", name)
		}
	}
	if again := run("granularity", "other", `"executionType": "Scheduled"`, `"executionType": "OnDemand"`); again.Token != r.Token || again.Key != r.Key {
		t.Error("token and key should stay")
	}
	if got := run("2026-03-11T04:15:00.5234447Z", "").Submitted; !got.Equal(clock("2026-06-01T00:00:00Z")) {
		t.Errorf("without any time the modification time counts, not %v", got)
	}
	if run("MonthToDate", "OneTime").Whole || run("MonthToDate", "custom").Whole || run("MonthToDate", "Sometimes").Whole || !run("MonthToDate", "thelastbillingmonth").Whole {
		t.Error("whole months")
	}
}

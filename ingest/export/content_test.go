package export

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// with gives a run the days of its rows and who bills them: "2026-03-01..2026-03-04,2026-03-09 account|account agreement".
func with(r Run, content string) Run {
	f := strings.SplitN(content+"  ", " ", 3)
	r.Content = Content{Agreement: strings.TrimSpace(f[2])}
	if f[1] != "" {
		r.Content.Accounts = strings.Split(f[1], "|")
	}
	if f[0] == "-" {
		return r
	}
	r.Content.Days = []Span{}
	if f[0] != "" {
		for _, s := range strings.Split(f[0], ",") {
			from, to, ok := strings.Cut(s, "..")
			if !ok {
				to = from
			}
			r.Content.Days = append(r.Content.Days, Span{day(from), day(to)})
		}
	}
	return r
}

// What the rows of runs say decides what they replace (SPEC 3.2a).
func TestResolveContent(t *testing.T) {
	for _, c := range []struct {
		name string
		runs [][2]string
		want []string
	}{
		{"different accounts count side by side", [][2]string{
			{"whole 2026-03-01 2026-03-31 2026-03-04T00:00:00Z a", "- 8611537 enterprise"}, {"whole 2026-03-01 2026-03-31 2026-03-07T00:00:00Z b", "- 0b9e:7f3c enterprise"}},
			[]string{"a counts", "b counts"}},
		{"an account beside the same account", [][2]string{
			{"whole 2026-03-01 2026-03-31 2026-03-04T00:00:00Z a", "- x|y"}, {"whole 2026-03-01 2026-03-31 2026-03-07T00:00:00Z b", "- y"}},
			[]string{"a superseded by b", "b counts"}},
		{"different agreements, no accounts", [][2]string{
			{"whole 2026-03-01 2026-03-31 2026-03-04T00:00:00Z a", "-  pay-as-you-go"}, {"whole 2026-03-01 2026-03-31 2026-03-07T00:00:00Z b", "- x customer"}},
			[]string{"a counts", "b counts"}},
		{"who names no account stands for any", [][2]string{
			{"whole 2026-03-01 2026-03-31 2026-03-04T00:00:00Z a", "- x customer"}, {"whole 2026-03-01 2026-03-31 2026-03-07T00:00:00Z b", "-  "}},
			[]string{"a superseded by b", "b counts"}},
		{"no rows replace all the same", [][2]string{
			{"whole 2026-03-01 2026-03-31 2026-03-04T00:00:00Z a", "2026-03-01..2026-03-03"}, {"whole 2026-03-01 2026-03-31 2026-03-07T00:00:00Z b", ""}},
			[]string{"a superseded by b", "b counts"}},
		{"rows outside: only days with rows are replaced", [][2]string{
			{"whole 2026-03-01 2026-03-31 2026-03-10T00:00:00Z a", "2026-03-01..2026-03-09"}, {"days 2026-03-02 2026-03-07 2026-03-11T00:00:00Z b", "2026-03-01..2026-03-06"}},
			[]string{"a counts -2026-03-02..2026-03-06 by b", "b counts"}},
		{"rows outside twice count once", [][2]string{
			{"days 2026-03-02 2026-03-07 2026-03-11T00:00:00Z a", "2026-03-01..2026-03-07"}, {"days 2026-03-02 2026-03-07 2026-03-12T00:00:00Z b", "2026-03-01..2026-03-06"}},
			[]string{"a counts -2026-03-01..2026-03-06 by b", "b counts"}},
		{"late usage: the month goes on", [][2]string{
			{"whole 2026-03-01 2026-03-31 2026-03-10T00:00:00Z a", "2026-02-27,2026-03-01..2026-03-09"}, {"whole 2026-03-01 2026-03-31 2026-03-11T00:00:00Z b", "2026-02-27,2026-03-01..2026-03-10"}},
			[]string{"a superseded by b", "b counts"}},
		{"late usage: a day that only the older one holds stays", [][2]string{
			{"whole 2026-03-01 2026-03-31 2026-03-10T00:00:00Z a", "2026-03-01..2026-03-09"}, {"whole 2026-03-01 2026-03-31 2026-03-11T00:00:00Z b", "2026-02-27,2026-03-01..2026-03-04,2026-03-06..2026-03-10"}},
			[]string{"a counts -0001-01-01..2026-03-04 -2026-03-06..2026-03-10 -2026-04-01..9999-12-31 by b", "b counts"}},
		{"late usage on the first day of a month replaces nothing", [][2]string{
			{"whole 2026-02-01 2026-02-28 2026-02-28T00:00:00Z a", "2026-02-01..2026-02-28"}, {"whole 2026-03-01 2026-03-31 2026-03-01T03:00:00Z b", "2026-02-27"}},
			[]string{"a counts", "b counts"}},
		{"the wrong month", [][2]string{
			{"whole 2026-10-01 2026-10-31 2026-11-01T00:00:00Z o", "2026-10-01..2026-10-31"}, {"whole 2026-11-01 2026-11-30 2026-12-01T00:00:00Z n", "2026-11-01..2026-11-30"},
			{"days 2026-10-01 2026-10-31 2026-12-10T00:00:00Z x", "2026-11-01..2026-11-04"}},
			[]string{"o counts", "n counts -2026-11-01..2026-11-04 by x",
				"x counts (run x of 2026-12-10 of export  declares 2026-10-01..2026-10-31, but all its rows are of 2026-11: the rows decide, and it replaces their days)"}},
		{"the wrong month, and a newer run of the right one", [][2]string{
			{"whole 2026-11-01 2026-11-30 2026-12-12T00:00:00Z n", "2026-11-01..2026-11-30"}, {"days 2026-10-01 2026-10-31 2026-12-10T00:00:00Z x", "2026-11-01..2026-11-04"}},
			[]string{"x superseded by n (run x of 2026-12-10 of export  declares 2026-10-01..2026-10-31, but all its rows are of 2026-11: the rows decide, and it replaces their days)", "n counts"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var runs, reversed []Run
			for _, r := range c.runs {
				runs = append(runs, with(mk(r[0]), r[1]))
				reversed = append([]Run{runs[len(runs)-1]}, reversed...)
			}
			for _, order := range [][]Run{runs, reversed} {
				if d := cmp.Diff(c.want, standings(Resolve(order))); d != "" {
					t.Error(d)
				}
			}
		})
	}
}

// The folders below one export folder are runs of one export, with or without manifests of the first generation.
func TestLegacyFoldersAreRunsOfOneExport(t *testing.T) {
	file := func(path, mtime string) FileInfo { return FileInfo{Path: path, Size: 1, ModTime: clock(mtime)} }
	const manifest = "x/e/20260310-20260312/202603130310/aaaaaaaa-0000-4000-8000-000000000001/_manifest.json"
	m, err := ParseManifest(manifest, []byte(`{"manifestVersion":"2021-01-01","blobs":[{"blobName":"x/e/20260310-20260312/202603130310/aaaaaaaa-0000-4000-8000-000000000001/000001.csv"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	layout := Classify([]FileInfo{
		file("x/e/20260301-20260331/e_1.csv", "2026-03-09T00:00:00Z"),
		file("x/e/20260303-20260304/e_2.csv", "2026-03-08T00:00:00Z"),
		file("x/e/20260305-20260306/e_3.csv", "2026-03-20T00:00:00Z"),
		file(manifest, "2026-03-20T00:00:00Z"),
		file("x/e/20260310-20260312/202603130310/aaaaaaaa-0000-4000-8000-000000000001/000001.csv", "2026-03-20T00:00:00Z"),
		file("x/e/20260401-20260430/bbbbbbbb-0000-4000-8000-000000000001/manifest.json", "2026-03-20T00:00:00Z"),
	}, map[string]Parsed{manifest: {Manifest: m}, "x/e/20260401-20260430/bbbbbbbb-0000-4000-8000-000000000001/manifest.json": {Err: ErrEmptyManifest}})
	var got []string
	for _, s := range Resolve(layout.Runs) {
		line := s.Run.Declared().String() + " " + string(s.Status)
		for _, m := range s.Masked {
			line += " -" + m.String()
		}
		got = append(got, line)
	}
	want := []string{
		"2026-03-03..2026-03-04 superseded",
		"2026-03-01..2026-03-31 counts -2026-03-05..2026-03-06 -2026-03-10..2026-03-12",
		"2026-03-10..2026-03-12 counts",
		"2026-03-05..2026-03-06 counts",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if len(layout.Other) != 1 || len(layout.Waiting) != 0 || len(layout.Notes) != 0 {
		t.Errorf("an empty manifest is a missing one: %+v", layout)
	}
}

package export

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// listing reads a folder as the pipeline does: list, parse the manifests, classify.
func listing(t *testing.T, root, as string) ([]FileInfo, map[string]Parsed) {
	t.Helper()
	if _, err := os.Stat(root); err != nil {
		t.Skipf("%s is not here: %v", root, err)
	}
	var files []FileInfo
	manifests := map[string]Parsed{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		name := as + "/" + filepath.ToSlash(rel)
		files = append(files, FileInfo{Path: name, Size: info.Size(), ModTime: info.ModTime()})
		if IsManifest(name) {
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			m, err := ParseManifest(name, data)
			manifests[name] = Parsed{m, err}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files, manifests
}

// TestWorlds checks what the worlds' README says must win.
func TestWorlds(t *testing.T) {
	type want struct{ month, run, masked string }
	for _, world := range []struct {
		name    string
		counts  map[string][]want // by export name
		waiting map[string]string // run folder -> part of the reason
	}{
		{
			name: "tiny",
			counts: map[string][]want{
				"trey-actual":         {{"2026-03", "7b22af2c", ""}, {"2026-04", "ecfd870d", ""}},
				"trey-amortized":      {{"2026-04", "8616f127", ""}},
				"fabrikam-actual":     {{"2026-03", "d4c3db93", ""}, {"2026-04", "40e4363d", "2026-04-08..2026-04-17"}, {"2026-04", "d6f8ee18", ""}},
				"team-actual":         {{"2026-03", "80cc0478", ""}},
				"alpine-1-actual":     {{"2026-03", "d8fc745e", ""}, {"2026-04", "3c523a36", ""}},
				"alpine-small-actual": {{"2026-03", "156703d0", ""}, {"2026-04", "07a9b63e", ""}},
				"litware-actual":      {{"2026-03", "b37eb94e", ""}, {"2026-04", "29c7eea7", ""}},
				"northwind-focus":     {{"2026-03", "3ab8ea4e", ""}, {"2026-04", "ba36de5b", ""}},
				"woodgrove-focus":     {{"2026-03", "03e30cee", ""}, {"2026-04", "1a30f63e", ""}},
				"adatum-daily":        {{"2026-03", "adatum-daily_4b8bf4fd", ""}},
				"adatum-usage":        {{"2026-04", "caa63b74", ""}},
			},
			waiting: map[string]string{
				"8b33fda5": "has 17835 bytes, the manifest says 21931",
				"fe0e5142": "no manifest yet",
			},
		},
		{
			name: "small",
			counts: map[string][]want{
				"trey-actual":         {{"2026-03", "e0be1306", ""}, {"2026-04", "48091a23", ""}, {"2026-05", "5fc69e21", ""}},
				"trey-amortized":      {{"2026-04", "55d806a2", ""}, {"2026-05", "70641c70", ""}},
				"wingtip-actual":      {{"2026-03", "3103f648", ""}, {"2026-04", "db3c134f", ""}, {"2026-05", "0845328b", ""}},
				"fabrikam-actual":     {{"2026-03", "dc3d6d23", ""}, {"2026-04", "54aa2cb2", ""}, {"2026-04", "ad17bffe", "2026-04-08..2026-04-17"}, {"2026-05", "48ff396b", ""}},
				"team-actual":         {{"2026-03", "e7a530da", ""}},
				"alpine-1-actual":     {{"2026-03", "29dbb612", ""}, {"2026-04", "6663aee6", ""}, {"2026-05", "7d8f6e9a", ""}},
				"alpine-2-actual":     {{"2026-03", "a654109f", ""}, {"2026-04", "df63a8db", ""}, {"2026-05", "d3f6afab", ""}},
				"alpine-small-actual": {{"2026-03", "caee251a", ""}, {"2026-04", "dd5e1624", ""}, {"2026-05", "147fc772", ""}},
				"litware-actual":      {{"2026-03", "929e5ab7", ""}, {"2026-04", "b74f0031", ""}, {"2026-05", "87896517", ""}},
				"northwind-focus":     {{"2026-03", "147b5ac5", ""}, {"2026-04", "1def54c3", ""}, {"2026-05", "632275e1", ""}},
				"woodgrove-focus":     {{"2026-03", "05a901d4", ""}, {"2026-04", "2725f4ba", ""}, {"2026-05", "541810ba", ""}},
				"adatum-daily":        {{"2026-03", "adatum-daily_d1350039", ""}},
				"adatum-usage":        {{"2026-04", "3a085c13", ""}, {"2026-05", "fe77f942", ""}},
			},
			waiting: map[string]string{
				"3fba43c0": "bytes, the manifest says",
				"af8fea11": "no manifest yet",
			},
		},
	} {
		t.Run(world.name, func(t *testing.T) {
			files, manifests := listing(t, filepath.Join("../../../shared/worlds", world.name, "exports"), "exports")
			for path, p := range manifests {
				if p.Err != nil {
					t.Errorf("%s: %v", path, p.Err)
				}
			}
			layout := Classify(files, manifests)
			if len(layout.Notes) > 0 {
				t.Errorf("notes: %+v", layout.Notes)
			}
			for _, f := range layout.Other {
				if strings.HasPrefix(f.Path, "exports/cost/") {
					t.Errorf("not seen as part of an export: %s", f.Path)
				}
			}
			waiting := map[string]bool{}
			for _, w := range layout.Waiting {
				id := baseOf(w.Folder)[:8]
				waiting[id] = true
				if reason := world.waiting[id]; reason == "" || !strings.Contains(w.Reason, reason) {
					t.Errorf("waiting %s: %s", w.Folder, w.Reason)
				}
			}
			if len(waiting) != len(world.waiting) {
				t.Errorf("waiting: %v, want %v", waiting, world.waiting)
			}
			got := map[string][]want{}
			for _, s := range Resolve(layout.Runs) {
				if s.Status != Counts {
					continue
				}
				masked := ""
				for _, m := range s.Masked {
					masked += m.String()
				}
				id := s.Run.RunID[:8]
				if s.Run.Legacy {
					id = s.Run.RunID[:len("adatum-daily_")+8]
				}
				got[s.Run.Name] = append(got[s.Run.Name], want{s.Run.Month.Month(), id, masked})
			}
			for name, runs := range got {
				slices.SortFunc(runs, func(a, b want) int { return strings.Compare(a.month+a.run, b.month+b.run) })
				if !slices.Equal(runs, world.counts[name]) {
					t.Errorf("%s: %v, want %v", name, runs, world.counts[name])
				}
			}
			if len(got) != len(world.counts) {
				t.Errorf("%d exports count, want %d", len(got), len(world.counts))
			}
			accounted(t, files, layout)
		})
	}
}

// accounted checks that every listed file is somewhere in the layout.
func accounted(t *testing.T, files []FileInfo, l Layout) {
	t.Helper()
	seen := map[string]bool{}
	for _, r := range l.Runs {
		seen[r.Manifest] = true
		for _, b := range r.Blobs {
			seen[b.Path] = true
		}
	}
	for _, w := range l.Waiting {
		seen[w.Manifest] = true
		for _, f := range w.Files {
			seen[f] = true
		}
	}
	for _, n := range l.Notes {
		seen[n.Path] = true
	}
	for _, f := range l.Other {
		seen[f.Path] = true
	}
	for _, f := range files {
		if !seen[f.Path] {
			t.Errorf("%s is nowhere in the layout", f.Path)
		}
	}
}

// TestSampleManifests reads the public manifests at hand.
func TestSampleManifests(t *testing.T) {
	paths, err := filepath.Glob("../../../shared/samples/cost/*manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) == 0 {
		t.Skip("no samples here")
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		m, err := ParseManifest(path, data)
		if err != nil {
			t.Error(err)
			continue
		}
		if m.Refused != "" || len(m.Blobs) == 0 || m.DataRowCount == nil || m.Start == 0 || m.End < m.Start {
			t.Errorf("%s: %+v", path, m)
		}
	}
}

package report

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/pidledger/pidledger/report/reporttest"
	"github.com/pidledger/pidledger/testdata/faults"
)

// What is gone from published reports is noticed before it is said that they stand.
func TestMissing(t *testing.T) {
	tally := faults.Count(t, "lost files")
	o := options(t)
	o.Snapshots = Snapshots{Folder: filepath.Join(t.TempDir(), "snapshots"), Keep: 1}
	publish := func() *Published {
		t.Helper()
		pub, err := Publish(t.Context(), &reporttest.Engine{Folder: t.TempDir(), Tables: reporttest.World()}, o)
		if err != nil {
			t.Fatal(err)
		}
		return pub
	}
	if _, lack := Missing(o.Dir); lack != "manifest.json is missing" {
		t.Errorf("before the first run: %q", lack)
	}
	for _, tc := range []struct {
		want string
		harm func(dir, snapshot string) error
	}{
		{"", func(string, string) error { return nil }},
		{"summary.csv is missing", func(dir, _ string) error { return os.Remove(filepath.Join(dir, "summary.csv")) }},
		{"channels.json has 0 bytes, not %d", func(dir, _ string) error { return os.Truncate(filepath.Join(dir, "channels.json"), 0) }},
		{"manifest.json is damaged", func(dir, _ string) error { return os.Truncate(filepath.Join(dir, ManifestName), 20) }},
		{"manifest.json is missing", func(dir, _ string) error { return os.Remove(filepath.Join(dir, ManifestName)) }},
		{"their snapshot is missing", func(_, snapshot string) error { return os.RemoveAll(snapshot) }},
		{"in their snapshot coverage.parquet is missing", func(_, snapshot string) error {
			return os.Remove(filepath.Join(snapshot, "coverage.parquet"))
		}},
	} {
		if err := os.RemoveAll(o.Dir); err != nil {
			t.Fatal(err)
		}
		pub := publish()
		want := tc.want
		if want == "channels.json has 0 bytes, not %d" {
			for _, r := range pub.Manifest.Reports {
				for _, f := range r.Files {
					if f.Path == "channels.json" {
						want = fmt.Sprintf(want, f.Bytes)
					}
				}
			}
		}
		if err := tc.harm(o.Dir, filepath.Join(o.Snapshots.Folder, pub.Manifest.Snapshot.ID)); err != nil {
			t.Fatal(err)
		}
		if _, lack := Missing(o.Dir); lack != want {
			t.Errorf("missing %q, want %q", lack, want)
		}
		tally.Check("reports and snapshot", !t.Failed(), "")
	}
}

// A snapshot that was published while the clock was wrong goes in its turn.
func TestRetireByOrder(t *testing.T) {
	faults.Count(t, "wrong clock").Watch(t, "snapshots")
	o := options(t)
	o.Snapshots = Snapshots{Folder: filepath.Join(t.TempDir(), "snapshots"), Keep: 2}
	for _, id := range []string{"20370101T000000-aaaaaa", "20260501T000000-bbbbbb", "20260502T000000-cccccc"} {
		o.Run.ID = id
		if _, err := Publish(t.Context(), &reporttest.Engine{Folder: t.TempDir(), Tables: reporttest.World()}, o); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(o.Snapshots.Folder)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 2 || entries[0].Name() != "20260501T000000-bbbbbb" || entries[1].Name() != "20260502T000000-cccccc" {
		t.Errorf("snapshots %v", entries)
	}
}

// Files that other programs leave are no reason not to publish; anybody's else are.
func TestLitter(t *testing.T) {
	tally := faults.Count(t, "litter of other programs")
	for _, name := range []string{"~$report.xlsx", ".~lock.summary.csv#", ".nfs000000000001", ".fuse_hidden0001", "Desktop.ini", ".DS_Store", "Thumbs.db"} {
		if !isLitter(name) {
			t.Errorf("%s is in the way", name)
		}
		tally.Check("in the folder of reports", isLitter(name), "")
	}
	for _, name := range []string{"notes.txt", "lock.summary.csv#", ".~lock.summary.csv", "report$.xlsx", ".nfs/x"} {
		if isLitter(name) {
			t.Errorf("%s would be deleted", name)
		}
	}
}

package disk

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestReplaceFile(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "a.json"), filepath.Join(dir, "link.json")
	if err := os.WriteFile(file, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("a.json", link); err != nil {
		t.Skip("no links here:", err)
	}
	if err := Replace(link, []byte("new"), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	info, statErr := os.Stat(file)
	if err != nil || statErr != nil || string(got) != "new" || info.Mode().Perm() != 0o640 {
		t.Errorf("%q %v %v %v", got, info.Mode(), err, statErr)
	}
	if l, err := os.Lstat(link); err != nil || l.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v, %v", l, err)
	}
	if err := Replace(filepath.Join(dir, "none", "a.json"), nil, 0o644); err == nil {
		t.Error("wrote into a folder that is not there")
	}
	// What fails leaves nothing behind.
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Replace(filepath.Join(dir, "folder"), []byte("x"), 0o644); err == nil {
		t.Error("replaced a folder")
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".*.new-*")); err != nil || len(left) > 0 {
		t.Errorf("left %q, %v", left, err)
	}
}

// What a killed writer left goes with the next write of the same file, when it is old enough to be nobody's.
func TestSweepNew(t *testing.T) {
	dir := t.TempDir()
	old := time.Now().Add(-25 * time.Hour)
	for name, at := range map[string]time.Time{
		".a.csv.new-123": old, ".a.csv.new-456": time.Now(), ".a.csv.new-mine": old, ".b.csv.new-123": old, "a.csv.new-123": old,
	} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chtimes(path, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	if err := Replace(filepath.Join(dir, "a.csv"), []byte("new"), 0o600); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if want := []string{".a.csv.new-456", ".a.csv.new-mine", ".b.csv.new-123", "a.csv", "a.csv.new-123"}; !slices.Equal(got, want) {
		t.Errorf("the folder holds %q, want %q", got, want)
	}
}

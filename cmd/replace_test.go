package cmd

import (
	"os"
	"path/filepath"
	"testing"
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
	if err := replaceFile(link, []byte("new"), 0o644); err != nil {
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
	if err := replaceFile(filepath.Join(dir, "none", "a.json"), nil, 0o644); err == nil {
		t.Error("wrote into a folder that is not there")
	}
	// What fails leaves nothing behind.
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := replaceFile(filepath.Join(dir, "folder"), []byte("x"), 0o644); err == nil {
		t.Error("replaced a folder")
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".*.new-*")); err != nil || len(left) > 0 {
		t.Errorf("left %q, %v", left, err)
	}
}

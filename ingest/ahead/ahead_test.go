package ahead

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// Two readers that read the same make one entry, which is taken once and whole.
func TestTwoWriters(t *testing.T) {
	f, to := Of(t.TempDir()), filepath.Join(t.TempDir(), "taken")
	for range 2 {
		w, err := f.NewWriter()
		if err != nil {
			t.Fatal(err)
		}
		folder := filepath.Join(w.Path(), "slice")
		if err := errors.Join(os.Mkdir(folder, 0o700), os.WriteFile(filepath.Join(folder, "part-0001.parquet"), []byte("rows"), 0o600)); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(w.Put(t.Context(), "entry", folder, []byte("note")), w.Close()); err != nil {
			t.Fatal(err)
		}
	}
	note, err := f.Take(t.Context(), "entry", to)
	if err != nil || string(note) != "note" {
		t.Fatal(string(note), err)
	}
	if left, err := os.ReadDir(to); err != nil || len(left) != 1 || left[0].Name() != "part-0001.parquet" {
		t.Error(left, err)
	}
	if _, err := f.Take(t.Context(), "entry", to); !errors.Is(err, fs.ErrNotExist) || f.Has("entry") {
		t.Error("it was taken twice:", err)
	}
}

// A reader that is at work is let alone, and so is one that is about to lock its folder; what a dead one left is swept.
func TestSweep(t *testing.T) {
	home := t.TempDir()
	f := Of(home)
	w, err := f.NewWriter()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	begun, dead := filepath.Join(f.path, workPrefix+"begun"), filepath.Join(f.path, workPrefix+"dead")
	for _, folder := range []string{begun, dead} {
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.WriteFile(filepath.Join(dead, lockName), nil, 0o600), f.Sweep()); err != nil {
		t.Fatal(err)
	}
	for folder, stays := range map[string]bool{w.Path(): true, begun: true, dead: false} {
		if _, err := os.Stat(folder); (err == nil) != stays {
			t.Errorf("%s: %v", folder, err)
		}
	}
	if err := errors.Join(f.Wipe(), f.Sweep()); err != nil {
		t.Error(err)
	}
}

package report

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/pidledger/pidledger/report/reporttest"
)

// lookAt reads a report folder as a reader does who knows nothing of runs: the manifest, then every file that it names. A set that is
// replaced in between is not a fault: then another manifest is there, and the reader begins again.
func lookAt(dir string) (runID string, replaced bool, err error) {
	m, err := ReadManifest(dir)
	if err != nil {
		return "", false, err
	}
	for _, r := range m.Reports {
		for _, f := range r.Files {
			data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(f.Path)))
			sum := sha256.Sum256(data)
			if err == nil && hex.EncodeToString(sum[:]) == f.SHA256 {
				continue
			}
			now, failed := ReadManifest(dir)
			if failed != nil {
				return "", false, failed
			}
			if now.RunID != m.RunID {
				return "", true, nil
			}
			return "", false, errors.Join(fmt.Errorf("%s of run %s is not what its manifest says", f.Path, m.RunID), err)
		}
	}
	return m.RunID, false, nil
}

// Whoever reads while runs publish again and again finds a complete set at every moment.
func TestReaders(t *testing.T) {
	o := options(t)
	dir := filepath.Dir(o.Dir)
	if runtime.GOOS != "linux" {
		t.Skip("SKIPPED: without an exchange in one step there are no reports for a moment")
	}
	e := &reporttest.Engine{Folder: t.TempDir(), Tables: reporttest.World()}
	if _, err := Publish(t.Context(), e, o); err != nil {
		t.Fatal(err)
	}
	const publishes = 60
	ctx, stop := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	sets, retries := map[string]bool{}, 0
	var mu sync.Mutex
	for range 2 {
		readers.Go(func() {
			for ctx.Err() == nil {
				id, replaced, err := lookAt(o.Dir)
				mu.Lock()
				switch {
				case err != nil:
					t.Error(err)
					stop()
				case replaced:
					retries++
				default:
					sets[id] = true
				}
				mu.Unlock()
			}
		})
	}
	for i := range publishes {
		o.Run.ID = fmt.Sprintf("run-%d", i+2)
		if _, err := Publish(t.Context(), e, o); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	readers.Wait()
	if len(sets) < 2 {
		t.Errorf("the readers saw %d sets: the test tests nothing", len(sets))
	}
	t.Logf("%d publishes: the readers saw %d sets, and %d times one that was replaced while they read", publishes, len(sets), retries)
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("beside the reports: %v (%v)", entries, err)
	}
}

// A run that is killed while it deletes the replaced reports, or its own unfinished ones, leaves what the next run knows for ours.
func TestSweepOfHalfDeletedFolders(t *testing.T) {
	o := options(t)
	e := &reporttest.Engine{Folder: t.TempDir(), Tables: reporttest.World()}
	if _, err := Publish(t.Context(), e, o); err != nil {
		t.Fatal(err)
	}
	half := o.Dir + newSuffix + "killed-1"
	if err := os.CopyFS(half, os.DirFS(o.Dir)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Remove(filepath.Join(half, "summary.csv")), os.Mkdir(o.Dir+oldSuffix+"killed-2", 0o700)); err != nil {
		t.Fatal(err)
	}
	foreign := filepath.Join(o.Dir+oldSuffix+"mine", "notes.txt")
	if err := errors.Join(os.Mkdir(filepath.Dir(foreign), 0o700), os.WriteFile(foreign, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	o.Run.ID = "run-2"
	if _, err := Publish(t.Context(), e, o); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{half, o.Dir + oldSuffix + "killed-2"} {
		if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is still there (%v)", name, err)
		}
	}
	if _, err := os.Stat(foreign); err != nil {
		t.Errorf("somebody else's file is gone: %v", err)
	}
}

// What marks a folder as ours goes last.
func TestRemoveKeepsTheMarkToTheEnd(t *testing.T) {
	for _, mark := range []string{ManifestName, unfinished} {
		dir := filepath.Join(t.TempDir(), "x")
		stuck := filepath.Join(dir, "stuck")
		if err := errors.Join(os.MkdirAll(stuck, 0o700), os.WriteFile(filepath.Join(dir, mark), nil, 0o600), os.WriteFile(filepath.Join(stuck, "f"), nil, 0o600)); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(stuck, 0o500); err != nil {
			t.Fatal(err)
		}
		remove(dir)
		if os.Getuid() != 0 { // nothing is stuck for root
			if _, err := os.Stat(filepath.Join(dir, mark)); err != nil {
				t.Errorf("%s went before the rest: %v", mark, err)
			}
		}
		if err := os.Chmod(stuck, 0o700); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		remove(dir)
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the folder is still there: %v", err)
		}
	}
}

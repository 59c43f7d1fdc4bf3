package report

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
)

// unfinished marks a folder that Publish is still writing, so that the next run can tell it from somebody else's folder.
const unfinished = ".pidledger-unfinished"

// litter are patterns for names of files that other programs leave in every folder they show, or keep beside a file that somebody has
// open: Excel's and LibreOffice's lock files, and what NFS and FUSE make of a file that was deleted while open. They are no reason not to
// publish, and go with the folder that is replaced.
var litter = []string{".ds_store", "thumbs.db", "desktop.ini", "~$*", ".~lock.*#", ".nfs*", ".fuse_hidden*"}

// isLitter tells whether a file of this name may be deleted without asking.
func isLitter(name string) bool {
	return slices.ContainsFunc(litter, func(pattern string) bool {
		ok, err := path.Match(pattern, strings.ToLower(name))
		return ok && err == nil
	})
}

// ForeignError says that the report folder holds files that pidledger did not write. Publishing would delete them.
type ForeignError struct {
	Dir   string
	Files []string // the first of them, relative to Dir
	More  int      // how many there are besides
}

func (e *ForeignError) Error() string {
	list := strings.Join(e.Files, ", ")
	if e.More > 0 {
		list += fmt.Sprintf(" and %d more", e.More)
	}
	return fmt.Sprintf("the report folder %s is replaced as a whole, and it holds files that pidledger did not write: %s", e.Dir, list)
}

// Try returns the way out.
func (e *ForeignError) Try() string {
	return "move these files away, or name another folder with --report-dir or report.dir"
}

// swapError says that the finished reports could not take the place of the old ones.
type swapError struct {
	dir string
	err error
}

func (e *swapError) Error() string {
	return fmt.Sprintf("put the new reports in place of %s: %v", e.dir, e.err)
}
func (e *swapError) Unwrap() error { return e.err }

// Try returns the way out.
func (e *swapError) Try() string {
	return fmt.Sprintf("close programs that have a report open; if %s is a mount point, name a folder inside it (report.dir: %s), because the folder is replaced as a whole",
		e.dir, filepath.Join(e.dir, "current"))
}

// resolve makes dir absolute and follows links, so that the swap replaces the folder and not a link to it.
func resolve(dir string) (string, error) {
	if dir == "" {
		return "", errors.New("no report folder is named")
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(abs)
	if errors.Is(err, fs.ErrNotExist) {
		parent := filepath.Dir(abs)
		if err := os.MkdirAll(parent, 0o700); err != nil {
			return "", fmt.Errorf("make the folder of the reports: %w", err)
		}
		if parent, err = filepath.EvalSymlinks(parent); err != nil {
			return "", err
		}
		return filepath.Join(parent, filepath.Base(abs)), nil
	}
	if err != nil {
		return "", err
	}
	if filepath.Dir(real) == real {
		return "", fmt.Errorf("the report folder cannot be %s", real)
	}
	info, err := os.Stat(real)
	if err != nil {
		return "", err
	}
	if !info.IsDir() {
		return "", fmt.Errorf("the report folder %s is a file", real)
	}
	return real, nil
}

// foreign lists the files below dir that pidledger did not write, sorted: those that are neither in its manifest nor litter. A
// folder that is not there has none.
func foreign(dir string) ([]string, error) {
	own := map[string]bool{ManifestName: true, unfinished: true}
	m, err := ReadManifest(dir)
	if err != nil {
		own = nil // without a manifest of ours nothing is ours
	} else {
		own[snapshotName] = m.Snapshot != nil
		for _, f := range m.files() {
			own[f.Path] = true
		}
	}
	var found []string
	err = filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		if rel = filepath.ToSlash(rel); !own[rel] && !isLitter(d.Name()) {
			found = append(found, rel)
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return found, err
}

// checkForeign refuses a folder that holds anything that pidledger did not write.
func checkForeign(dir string) error {
	found, err := foreign(dir)
	if err != nil {
		return fmt.Errorf("look into the report folder: %w", err)
	}
	if len(found) == 0 {
		return nil
	}
	const show = 3
	n := min(show, len(found))
	return &ForeignError{Dir: dir, Files: found[:n], More: len(found) - n}
}

// discard deletes a folder that Publish made. A folder into which somebody else put a file in the meantime stays; so does
// what cannot be deleted now: the next run tries again.
func discard(dir string) {
	if found, err := foreign(dir); err == nil && len(found) == 0 {
		remove(dir)
	}
}

// remove deletes a folder of ours, what marks it as ours last: when it is stopped on the way, the next run knows the rest.
func remove(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // best effort: the next run tries again
	}
	for _, e := range entries {
		if e.Name() != ManifestName && e.Name() != unfinished {
			if os.RemoveAll(filepath.Join(dir, e.Name())) != nil {
				return
			}
		}
	}
	os.RemoveAll(dir) //nolint:errcheck // best effort, see above
}

// sweep deletes what killed runs left beside dir: folders that never became reports, and replaced ones.
func sweep(dir string) {
	entries, err := os.ReadDir(filepath.Dir(dir))
	if err != nil {
		return // the folder will be missed in the next step, with a message
	}
	for _, e := range entries {
		if !e.IsDir() || !strings.HasPrefix(e.Name(), filepath.Base(dir)+newSuffix) && !strings.HasPrefix(e.Name(), filepath.Base(dir)+oldSuffix) {
			continue
		}
		left := filepath.Join(filepath.Dir(dir), e.Name())
		if _, err := os.Stat(filepath.Join(left, unfinished)); err == nil {
			remove(left)
			continue
		}
		if _, err := ReadManifest(left); err == nil {
			discard(left)
			continue
		}
		os.Remove(left) //nolint:errcheck // deleted but for the folder itself; it fails when somebody else's files are in it
	}
}

const (
	newSuffix = ".new-"
	oldSuffix = ".old-"
)

// swap puts the folder fresh in place of dir and returns where the old content is now, if there was any. exchange swaps two
// folders in one step, or fails with errors.ErrUnsupported.
func swap(fresh, dir, runID string, exchange func(a, b string) error) (old string, err error) {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		if err := os.Rename(fresh, dir); err != nil {
			return "", &swapError{dir, err}
		}
		return "", syncDir(filepath.Dir(dir))
	}
	err = exchange(fresh, dir)
	if err == nil {
		return fresh, syncDir(filepath.Dir(dir))
	}
	if !errors.Is(err, errors.ErrUnsupported) {
		return "", &swapError{dir, err}
	}
	// Two renames: for a moment there are no reports, but never half of them.
	old = dir + oldSuffix + runID
	if err := os.Rename(dir, old); err != nil {
		return "", &swapError{dir, err}
	}
	if err := os.Rename(fresh, dir); err != nil {
		return "", &swapError{dir, errors.Join(err, os.Rename(old, dir))}
	}
	return old, syncDir(filepath.Dir(dir))
}

// syncDir makes the entries of a folder durable.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // folders cannot be synced there
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	// Some file systems cannot sync a folder; there is nothing else to do for them.
	if err := f.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, syscall.EINVAL) {
		return fmt.Errorf("sync %s: %w", dir, err)
	}
	return nil
}

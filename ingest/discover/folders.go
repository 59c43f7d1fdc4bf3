package discover

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pidledger/pidledger/ingest/source"
)

// folders is the Place of what lies on this machine.
type folders struct{}

// List lists the files and folders that the path of a source names.
func (p folders) List(_ context.Context, s *Source, add func(File)) error {
	roots, err := expand(s.Path)
	if err != nil {
		return err
	}
	for _, root := range roots {
		if err := p.walk(root, s, add); err != nil {
			return err
		}
	}
	return nil
}

// Open opens a file.
func (folders) Open(_ context.Context, f File) (*source.File, error) {
	file, err := source.Open(f.Path, source.Limits{})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &source.ChangedError{How: "it was deleted"}
	}
	if err != nil {
		return nil, err
	}
	if err := file.CheckListed(f.Size, f.Modified); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// Ahead has nothing to do: the file is here.
func (folders) Ahead(context.Context, []File) func() { return func() {} }

// Check has nothing to do: whoever reads a file asks it afterwards whether it has changed.
func (folders) Check(context.Context, []File) error { return nil }

// never stands for the time of what has none that is known.
var never = time.Unix(0, 0).UTC()

// walk lists a file, or a folder with all below it. Links below it are followed to files, not to folders, so that none can loop, and never
// out of the source: what an exporter can write into must not bring in files from elsewhere.
func (p folders) walk(root string, s *Source, add func(File)) error {
	home, err := filepath.EvalSymlinks(root)
	if err != nil { // a link among those that a pattern names
		add(File{place: p, Path: root, Root: filepath.Dir(root), Source: s, Modified: never, Trouble: "it cannot be listed: " + reasonOf(err)})
		return nil
	}
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil && path == root {
			return fmt.Errorf("list %s: %w", path, err)
		}
		if path != root && strings.HasPrefix(d.Name(), ".") {
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		f := File{place: p, Path: path, Root: root, Source: s, Modified: never}
		if path == root {
			f.Root = filepath.Dir(root)
		}
		var info fs.FileInfo
		switch {
		case err != nil:
		case d.IsDir() || isUnfinished(d.Name()):
			return nil
		case d.Type()&fs.ModeSymlink != 0 && path != root:
			info, f.Trouble, err = follow(path, home)
		default:
			info, err = os.Stat(path)
		}
		switch {
		case errors.Is(err, fs.ErrNotExist) && d.Type()&fs.ModeSymlink == 0:
			return nil // it went while the folder was listed
		case err != nil:
			f.Trouble = "it cannot be listed: " + reasonOf(err)
		case f.Trouble != "":
		case !info.Mode().IsRegular():
			return nil
		default:
			f.Size, f.Modified = info.Size(), info.ModTime().UTC().Truncate(time.Microsecond)
		}
		add(f)
		return nil
	})
}

// follow looks where a link leads. A link to a folder is passed over when that lies in the source, where it is listed under its own name.
func follow(path, home string) (info fs.FileInfo, trouble string, err error) {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, "", err
	}
	if rel, apart := filepath.Rel(home, target); apart != nil || !filepath.IsLocal(rel) {
		return nil, "it is a link that leads out of the source: name the place it leads to under `sources`", nil //nolint:nilerr // two paths without a relative one lie apart
	}
	info, err = os.Stat(target)
	return info, "", err
}

// reasonOf is what the system said, without the call and the path.
func reasonOf(err error) string {
	var e *fs.PathError
	if errors.As(err, &e) {
		return e.Err.Error()
	}
	return err.Error()
}

// expand turns a source path into the files and folders it names. A folder that is named by a link is entered.
func expand(path string) ([]string, error) {
	roots := []string{path}
	if _, err := os.Lstat(path); err != nil {
		if roots, err = filepath.Glob(path); err != nil {
			return nil, &SourceError{Path: path, Reason: "is not a glob pattern: " + err.Error()}
		}
		if len(roots) == 0 {
			return nil, &SourceError{Path: path, Reason: "is not there"}
		}
	} else if _, err := os.Stat(path); err != nil {
		return nil, &SourceError{Path: path, Reason: "cannot be read: " + reasonOf(err)}
	}
	for i, root := range roots {
		link, err := os.Lstat(root)
		if err != nil || link.Mode()&fs.ModeSymlink == 0 {
			continue // walk says what is wrong
		}
		if info, err := os.Stat(root); err == nil && info.IsDir() {
			if roots[i], err = filepath.EvalSymlinks(root); err != nil {
				return nil, &SourceError{Path: root, Reason: err.Error()}
			}
		}
	}
	return roots, nil
}
